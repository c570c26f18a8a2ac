"""ADD of two int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Operands, TensorType
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.binary import Binary, BinaryParams, scaled_operand, sum_params


@dataclass(frozen=True)
class Add(Binary):
    """inputs: a, b int8; output: a + b, int8."""

    kind: ClassVar[str] = "add"

    def params(self, types: Operands[TensorType], out: TensorType) -> BinaryParams:
        a, b = types.a, types.b
        return sum_params(a.q.scale, b.q.scale, out.q.scale)

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        p = params
        return scaled_operand(a, p, p.a_multiplier, p.a_shift) + scaled_operand(
            b, p, p.b_multiplier, p.b_shift
        )
