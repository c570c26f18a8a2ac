"""A seeded generator of small INT8 .tflite models, written without TensorFlow."""

from tests.modelgen.cases import KINDS, ModelCase, random_model
from tests.modelgen.writer import ModelWriter

__all__ = ["KINDS", "ModelCase", "ModelWriter", "random_model"]
