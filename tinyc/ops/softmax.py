"""SOFTMAX over the last dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, TensorType
from tinyc.numerics.fixed_point import (
    Int64,
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_doubling_high_mul,
)
from tinyc.numerics.gemmlowp import exp_on_negative_values, saturating_shift_left
from tinyc.ops.guard import int8, need

#: Integer bits of the exponent's argument and of the sum of exponentials.
_DIFF_BITS, _SUM_BITS = 5, 12
#: Longest vector whose sum of exponentials cannot overflow.
MAX_DEPTH = (1 << _SUM_BITS) - 1


@dataclass(frozen=True)
class Softmax(Op):
    """inputs: x [..., depth] int8; output: the same shape, int8, scale 1/256, zero point -128.

    beta: factor of the exponent (float32 value), > 0.
    """

    x = Operand(0)

    beta: float

    kind: ClassVar[str] = "softmax"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = int8(self, types.x)
        need(bool(x.shape) and x.elements > 0, self, f"input has shape {list(x.shape)}")
        need(x.shape[-1] <= MAX_DEPTH, self, f"{x.shape[-1]} classes; at most {MAX_DEPTH} are supported")
        return (x.shape,)

    def real_multiplier(self, x: TensorType) -> float:
        """Factor from a difference of bytes to the exponent in Q5.26."""
        return min(self.beta * x.q.scale * float(1 << (31 - _DIFF_BITS)), 2.0**31 - 1)

    def exps(self, x: TensorType) -> tuple[int, ...]:
        """exps[d]: exp(-d * scale * beta) in Q0.31, as far as the reference does not take it for 0."""
        multiplier, shift = quantize_multiplier(self.real_multiplier(x))
        radius = ((1 << _DIFF_BITS) - 1) * 2.0 ** (31 - _DIFF_BITS) / 2.0**shift
        diff = -np.arange(min(int(radius), 255) + 1, dtype=np.int64)
        scaled = saturating_doubling_high_mul(diff << shift, multiplier)
        return tuple(int(e) for e in exp_on_negative_values(scaled, _DIFF_BITS))

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, t = values.x, types.x
        found = self.exps(t)
        exps = np.zeros(256, np.int64)
        exps[: len(found)] = found
        rows = x.astype(np.int64).reshape(-1, x.shape[-1])
        below = rows.max(axis=1, keepdims=True) - rows
        seen = below < len(found)
        e = np.where(seen, exps[below], 0)
        total = rounding_divide_by_pot(e, _SUM_BITS).sum(axis=1)
        result = np.full(rows.shape, -128, np.int64)
        for i, value in enumerate(total):
            reciprocal, over_unit = _reciprocal(int(value))
            scaled = rounding_divide_by_pot(
                saturating_doubling_high_mul(e[i], reciprocal), over_unit + 31 - 8
            )
            result[i] = np.where(seen[i], np.clip(scaled - 128, -128, 127), -128)
        return (result.astype(np.int8).reshape(x.shape),)


def _reciprocal(total: int) -> tuple[int, int]:
    """(1 / t in Q0.31, n) where total in Q12.19 is t * 2**n with t in [1, 2)."""
    over_unit = _SUM_BITS - (32 - total.bit_length())
    fraction: Int64 = np.array([(total << (32 - total.bit_length())) - (1 << 31)], np.int64)
    half = (fraction + 2**31) >> 1
    x = 1515870810 + saturating_doubling_high_mul(half, -1010580540)
    for _ in range(3):
        rest = (1 << 29) - saturating_doubling_high_mul(half, x)
        x = x + saturating_shift_left(saturating_doubling_high_mul(x, rest), 2)
    return int(saturating_shift_left(x, 1)[0]), over_unit
