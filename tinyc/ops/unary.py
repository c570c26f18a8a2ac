"""Base of every op that makes each element of its output from the one at its place in its only input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Op, Operand, Operands, Region, TensorType


@dataclass(frozen=True)
class Unary(Op):
    """inputs: x of any shape; output: the same shape."""

    x = Operand(0)

    is_elementwise: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape,)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
