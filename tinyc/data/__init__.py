"""Samples that a user brings, and their labels: arrays, folders of images or sounds, iterables."""

from tinyc.data.dataset import Calibration, DataSet, Labels
from tinyc.data.open import open_data
from tinyc.data.preprocess import AS_IS, Preprocess, parse_preprocess
from tinyc.data.rows import Rows

__all__ = ["AS_IS", "Calibration", "DataSet", "Labels", "Preprocess", "Rows", "open_data", "parse_preprocess"]
