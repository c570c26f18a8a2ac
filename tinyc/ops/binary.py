"""Base of ADD, SUB and MUL: two int8 operands, broadcast as numpy does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyc.ir import Array, Operand, Operands, TensorType
from tinyc.numerics.fixed_point import (
    Int64,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.ops.broadcast import Broadcast


@dataclass(frozen=True)
class BinaryParams:
    """Multipliers are Q31, shifts positive to the left. a, b: the two operands, out: the result.

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


@dataclass(frozen=True)
class Binary(Broadcast):
    """act_min, act_max: clamp of the output byte by the fused activation."""

    a = Operand(0)
    b = Operand(1)

    act_min: int
    act_max: int

    def params(self, types: Operands[TensorType], out: TensorType) -> BinaryParams:
        """The integer constants that the reference derives from the scales."""
        raise NotImplementedError

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        """a, b: bytes minus their zero points; the result is not yet scaled to the output."""
        raise NotImplementedError

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        a, b, out = values.a, values.b, outs[0]
        p = self.params(types, out)
        raw = self.combine(
            a.astype(np.int64) - types.a.q.zero_point, b.astype(np.int64) - types.b.q.zero_point, p
        )
        scaled = multiply_by_quantized_multiplier(raw, p.out_multiplier, p.out_shift)
        return (clamp_int8(scaled + out.q.zero_point, self.act_min, self.act_max),)


def scaled_operand(x: Int64, params: BinaryParams, multiplier: int, shift: int) -> Int64:
    return multiply_by_quantized_multiplier(x << params.left_shift, multiplier, shift)


def sum_params(a: float, b: float, out: float) -> BinaryParams:
    """Constants of ADD and SUB. a, b, out: scales."""
    left_shift = 20
    twice = 2 * max(a, b)
    first, second = quantize_multiplier(a / twice), quantize_multiplier(b / twice)
    return BinaryParams(left_shift, *first, *second, *quantize_multiplier(twice / ((1 << left_shift) * out)))
