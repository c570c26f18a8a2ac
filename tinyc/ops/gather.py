"""GATHER: entries along one axis, picked by constant indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import moves_bytes, need


@dataclass(frozen=True)
class Gather(Op):
    """inputs: x int8; output: x with its dimension `axis` replaced by `shape`, one entry for each index."""

    x = Operand(0)

    #: In [0, rank of x).
    axis: int
    #: Each in [0, size of the axis).
    indices: tuple[int, ...]
    #: Of the indices; () for a single one, which drops the dimension.
    shape: tuple[int, ...]

    kind: ClassVar[str] = "gather"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(0 <= self.axis < len(x.shape), self, f"axis {self.axis} of {len(x.shape)} dimensions")
        need(
            prod(self.shape) == len(self.indices) > 0,
            self,
            f"{len(self.indices)} indices of shape {list(self.shape)}",
        )
        size = x.shape[self.axis]
        outside = [i for i in self.indices if not 0 <= i < size]
        need(not outside, self, f"indices {outside[:8]} of {size} entries")
        return ((*x.shape[: self.axis], *self.shape, *x.shape[self.axis + 1 :]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        moves_bytes(self, types, outs)

    def keeps_channels(self, rank: int) -> bool:
        return len(self.shape) == 1 and self.axis < rank - 1

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.take(values.x, np.reshape(self.indices, self.shape), axis=self.axis),)
