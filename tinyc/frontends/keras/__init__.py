"""Keras files and SavedModel folders, by TensorFlow's own converter: a float .tflite file, which the rest reads."""

from tinyc.frontends.keras.convert import converted, is_keras

__all__ = ["converted", "is_keras"]
