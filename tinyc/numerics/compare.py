"""Comparisons of bytes: both sides in steps of 1/256, as both references round them."""

from __future__ import annotations

from tinyc.ir import Array, TensorType
from tinyc.numerics.fixed_point import Int64, multiply_by_quantized_multiplier, quantize_multiplier

#: Left shifts of a difference before it is scaled: fraction bits of what is compared.
SHIFT = 8


def comparable(x: Array, t: TensorType) -> Int64:
    """Return the real values in steps of 1/256. t: the type of x, of a scale below 1."""
    multiplier, shift = quantize_multiplier(t.q.scale)
    return multiply_by_quantized_multiplier((x.astype("int64") - t.q.zero_point) << SHIFT, multiplier, shift)
