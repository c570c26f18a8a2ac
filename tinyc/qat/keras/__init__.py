"""The Keras side."""

from tinyc.qat.keras.convert import calibrate, convert, export
from tinyc.qat.keras.layers import (
    FakeQuant,
    Ramp,
    TernaryConv2D,
    TernaryDense,
    TernaryDepthwiseConv2D,
    freeze_ranges,
    set_share,
)

__all__ = [
    "FakeQuant",
    "Ramp",
    "TernaryConv2D",
    "TernaryDense",
    "TernaryDepthwiseConv2D",
    "calibrate",
    "convert",
    "export",
    "freeze_ranges",
    "set_share",
]
