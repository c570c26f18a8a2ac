"""RESHAPE, SQUEEZE: the same bytes under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class Reshape(Op):
    """inputs: x of any type; output: the same elements in the same order with shape `shape`."""

    x = Operand(0)

    shape: tuple[int, ...]

    kind: ClassVar[str] = "reshape"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            prod(self.shape) == x.elements,
            self,
            f"shape {list(self.shape)} does not hold the {x.elements} elements of {list(x.shape)}",
        )
        return (self.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        need(x.dtype == out.dtype, self, f"input is {x.dtype}, output {out.dtype}; they must be equal")
        if x.dtype == "int8":
            int8(self, x, "input 0")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (x.reshape(self.shape),)
