"""The ONNX front end."""

from tinyc.frontends.onnx.reader import Loaded, load_onnx

__all__ = ["Loaded", "load_onnx"]
