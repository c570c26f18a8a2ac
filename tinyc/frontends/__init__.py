"""Readers of model files: bytes in, Graph out, ModelError for what is malformed or not supported."""

from tinyc.frontends.tflite.reader import load_tflite

__all__ = ["load_tflite"]
