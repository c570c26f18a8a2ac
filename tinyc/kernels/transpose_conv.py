"""TRANSPOSE_CONV in C."""

from __future__ import annotations

from tinyc.kernels.ref import transpose_conv as ref
from tinyc.kernels.scalar import transpose_conv as scalar
from tinyc.kernels.variant import Variant
from tinyc.ops.transpose_conv import TransposeConv

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[TransposeConv], ...] = (
    Variant("tc_transpose_conv_s8_scalar", "scalar", scalar.lower),
    Variant("tc_transpose_conv_s8_ref", "ref", ref.lower),
)
