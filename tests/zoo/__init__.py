"""Networks of others through the real command line's parts: `python -m tests.zoo` (docs/onnx.md)."""
