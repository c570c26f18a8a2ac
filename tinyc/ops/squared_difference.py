"""SQUARED_DIFFERENCE of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.squared_difference import squared_difference, squared_difference_scale
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import scale_fits


@dataclass(frozen=True)
class SquaredDifference(Broadcast):
    """inputs: a, b int8; output: (a - b) ** 2, int8."""

    a = Operand(0)
    b = Operand(1)

    kind: ClassVar[str] = "squared_difference"
    is_signed_only: ClassVar[bool] = True

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        scale_fits(self, squared_difference_scale(types, outs[0]), most=0)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (squared_difference(values.a, values.b, types, outs[0]),)
