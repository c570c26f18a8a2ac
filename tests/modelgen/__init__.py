"""A seeded generator of small INT8 .tflite models, written without TensorFlow."""

from tests.modelgen.cases import KINDS, ModelCase, model_of_kind, random_model
from tests.modelgen.unsigned import UnsignedNet
from tests.modelgen.writer import ModelWriter

__all__ = ["KINDS", "ModelCase", "ModelWriter", "UnsignedNet", "model_of_kind", "random_model"]
