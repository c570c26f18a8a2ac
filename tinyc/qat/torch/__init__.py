"""The PyTorch side."""

from tinyc.qat.torch.convert import convert, export
from tinyc.qat.torch.layers import (
    BitConv1d,
    BitConv2d,
    BitLinear,
    FakeQuant,
    calibrate,
    freeze_ranges,
    set_share,
)

__all__ = [
    "BitConv1d",
    "BitConv2d",
    "BitLinear",
    "FakeQuant",
    "calibrate",
    "convert",
    "export",
    "freeze_ranges",
    "set_share",
]
