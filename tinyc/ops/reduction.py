"""Base of MEAN, SUM, REDUCE_MAX, REDUCE_MIN and REDUCE_PROD: dimensions that go, or become 1."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tinyc.ir import Op, Operand, Operands, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Reduction(Op):
    """inputs: x int8; output: x with the axes gone, or of size 1 where keep_dims."""

    x = Operand(0)

    #: In [0, rank), ascending, each once.
    axes: tuple[int, ...]
    keep_dims: bool

    def keeps_channels(self, rank: int) -> bool:
        return rank > 0 and rank - 1 not in self.axes

    def count(self, x: TensorType) -> int:
        """Return the number of elements under one output."""
        return prod(x.shape[a] for a in self.axes)

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            all(0 <= a < len(x.shape) for a in self.axes),
            self,
            f"axes {list(self.axes)} of an input of {len(x.shape)} dimensions",
        )
        need(x.elements > 0, self, f"input is empty: shape {list(x.shape)}")
        if self.keep_dims:
            return (tuple(1 if i in self.axes else n for i, n in enumerate(x.shape)),)
        return (tuple(n for i, n in enumerate(x.shape) if i not in self.axes),)
