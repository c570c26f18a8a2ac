"""SQUARED_DIFFERENCE of bytes: both brought to one scale, subtracted, squared, and scaled to the output."""

from __future__ import annotations

from tinyc.ir import Array, Operands, TensorType
from tinyc.numerics.binary import BinaryParams, above_zero_point
from tinyc.numerics.fixed_point import (
    Int64,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)

#: How far the operands are shifted to the left: as far as the square bears in 32 bits.
_SHIFT = 7


def squared_difference_scale(types: Operands[TensorType], out: TensorType) -> float:
    """Return the factor from the square to the output's bytes, computed in double by both references."""
    twice = 2.0 * max(types.a.q.scale, types.b.q.scale)
    return twice * twice / ((1 << 2 * _SHIFT) * out.q.scale)


def squared_difference_params(types: Operands[TensorType], out: TensorType) -> BinaryParams:
    """Return the integer constants."""
    twice = 2.0 * max(types.a.q.scale, types.b.q.scale)
    first, second = (quantize_multiplier(t.q.scale / twice) for t in (types.a, types.b))
    return BinaryParams(_SHIFT, *first, *second, *quantize_multiplier(squared_difference_scale(types, out)))


def squared_difference(a: Array, b: Array, types: Operands[TensorType], out: TensorType) -> Array:
    """Return the bytes of (a - b) ** 2, broadcast."""
    p = squared_difference_params(types, out)

    def scaled(x: Array, t: TensorType, multiplier: int, shift: int) -> Int64:
        return multiply_by_quantized_multiplier(above_zero_point(x, t) << p.left_shift, multiplier, shift)

    apart = scaled(a, types.a, p.a_multiplier, p.a_shift) - scaled(b, types.b, p.b_multiplier, p.b_shift)
    square = multiply_by_quantized_multiplier(apart * apart, p.out_multiplier, p.out_shift)
    return clamp_int8(square + out.q.zero_point, -128, 127)
