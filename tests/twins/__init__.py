"""The same networks written in PyTorch and in Keras, and what they cost: `python -m tests.twins` (docs/onnx.md)."""
