"""ADD, SUB and MUL of bytes: their multipliers, and the result before the activation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Activation, Array, Operands, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import (
    Int64,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.numerics.requant import scale_type

#: How far ADD and SUB shift their operands to the left.
_SUM_SHIFT = 20


@dataclass(frozen=True)
class BinaryParams:
    """The integer constants of an op on two operands, a and b. Multipliers are Q31, shifts positive to the left.

    ADD, SUB: each operand is shifted left by left_shift, scaled by its own multiplier, then added or
    subtracted and scaled by the output's. MUL: left_shift is 0 and only the output's multiplier is used
    (a's and b's are 0).
    """

    left_shift: int
    a_multiplier: int
    a_shift: int
    b_multiplier: int
    b_shift: int
    out_multiplier: int
    out_shift: int


def sum_params(types: Operands[TensorType], out: TensorType) -> BinaryParams:
    """Return the constants of ADD and SUB, computed in double by both references."""
    a, b = types.a.q.scale, types.b.q.scale
    twice = 2 * max(a, b)
    first, second = quantize_multiplier(a / twice), quantize_multiplier(b / twice)
    return BinaryParams(
        _SUM_SHIFT, *first, *second, *quantize_multiplier(twice / ((1 << _SUM_SHIFT) * out.q.scale))
    )


def product_scale(types: Operands[TensorType], out: TensorType, reference: Reference) -> float:
    """Return s_a * s_b / s_out in the reference's float type; infinite where that overflows."""
    number = scale_type(reference)
    with np.errstate(over="ignore"):
        return float(number(types.a.q.scale) * number(types.b.q.scale) / number(out.q.scale))


def product_params(types: Operands[TensorType], out: TensorType, reference: Reference) -> BinaryParams:
    """Return the constants of MUL."""
    return BinaryParams(0, 0, 0, 0, 0, *quantize_multiplier(product_scale(types, out, reference)))


def added(a: Int64, b: Int64, p: BinaryParams, sign: int) -> Int64:
    """Return a + sign * b, not yet scaled to the output. a, b: bytes minus their zero points."""
    first = multiply_by_quantized_multiplier(a << p.left_shift, p.a_multiplier, p.a_shift)
    return first + sign * multiply_by_quantized_multiplier(b << p.left_shift, p.b_multiplier, p.b_shift)


def above_zero_point(x: Array, t: TensorType) -> Int64:
    """Return bytes minus their zero point."""
    return x.astype(np.int64) - t.q.zero_point


def to_bytes(raw: Int64, p: BinaryParams, out: TensorType, activation: Activation) -> Array:
    """Return a result, scaled to the output, as bytes after the activation."""
    scaled = multiply_by_quantized_multiplier(raw, p.out_multiplier, p.out_shift)
    return clamp_int8(scaled + out.q.zero_point, *clamp(activation, out))
