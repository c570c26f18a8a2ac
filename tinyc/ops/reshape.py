"""RESHAPE, SQUEEZE: the same bytes under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Reshape(Op):
    """inputs: x of any type; output: the same elements in the same order with shape `shape`."""

    x = Operand(0)

    shape: tuple[int, ...]

    kind: ClassVar[str] = "reshape"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            prod(self.shape) == x.elements,
            self,
            f"shape {list(self.shape)} does not hold the {x.elements} elements of {list(x.shape)}",
        )
        return (self.shape,)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (x.reshape(self.shape),)
