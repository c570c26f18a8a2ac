"""The Keras side."""

from tinyc.qat.keras.convert import calibrate, convert, export
from tinyc.qat.keras.layers import (
    FakeQuant,
    Ramp,
    TernaryConv1D,
    TernaryConv2D,
    TernaryDense,
    TernaryDepthwiseConv1D,
    TernaryDepthwiseConv2D,
    freeze_ranges,
    set_share,
)

__all__ = [
    "FakeQuant",
    "Ramp",
    "TernaryConv1D",
    "TernaryConv2D",
    "TernaryDense",
    "TernaryDepthwiseConv1D",
    "TernaryDepthwiseConv2D",
    "calibrate",
    "convert",
    "export",
    "freeze_ranges",
    "set_share",
]
