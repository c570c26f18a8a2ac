"""Base of every op that makes each vector along the last dimension from the one at its place in its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Op, Operand, Operands, Region, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Vectors(Op):
    """inputs: x [..., depth]; output: the same shape."""

    x = Operand(0)

    #: Longest vector that the arithmetic takes.
    most: ClassVar[int]
    #: What the elements of a vector are, in the plural.
    elements: ClassVar[str] = "elements"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(bool(x.shape) and x.elements > 0, self, f"input has shape {list(x.shape)}")
        depth = x.shape[-1]
        need(depth <= self.most, self, f"{depth} {self.elements}; at most {self.most} are supported")
        return (x.shape,)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
