"""AVERAGE_POOL_2D: a sum of bytes divided by their number."""

from __future__ import annotations

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import Int64, divide_half_away


def average(total: Int64, count: int, t: TensorType) -> Int64:
    """Return the mean of bytes of type t, zero point and all: halves away from 0, the least byte of uint8."""
    if t.is_unsigned:
        return (total + count // 2) // count
    return divide_half_away(total, count)
