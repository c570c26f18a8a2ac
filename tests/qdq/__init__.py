"""Random quantized ONNX models: made by ONNX Runtime's own quantizer, judged by LiteRT and by ONNX Runtime."""
