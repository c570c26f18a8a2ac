"""SOFTMAX over the last dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.numerics.softmax import MAX_DEPTH, softmax
from tinyc.ops.guard import int8, need


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

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (softmax(values.x, types.x, self.beta),)
