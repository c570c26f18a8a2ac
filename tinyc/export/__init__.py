"""A graph as a standard file that other runtimes load."""

from tinyc.export.tflite import export_tflite

__all__ = ["export_tflite"]
