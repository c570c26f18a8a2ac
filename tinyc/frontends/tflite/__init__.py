"""The .tflite file format."""
