"""MIRROR_PAD: a border that mirrors what lies inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import moves_bytes, need


@dataclass(frozen=True)
class MirrorPad(Op):
    """inputs: x int8; output: x, and around it its elements mirrored."""

    x = Operand(0)

    #: (before, after) elements along each dimension.
    pads: tuple[tuple[int, int], ...]
    #: Whether the edge is the axis of the mirror and not repeated (REFLECT), else it is repeated (SYMMETRIC).
    reflect: bool

    kind: ClassVar[str] = "mirror_pad"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        shape = types.x.shape
        need(len(self.pads) == len(shape), self, f"{len(self.pads)} paddings of {len(shape)} dimensions")
        for size, pads in zip(shape, self.pads, strict=True):
            most = size - self.reflect
            need(
                max(pads) <= most,
                self,
                f"paddings {list(pads)} of {size} elements; at most {most} are supported",
            )
        return (tuple(size + sum(pads) for size, pads in zip(shape, self.pads, strict=True)),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        moves_bytes(self, types, outs)

    def sources(self, axis: int, size: int) -> tuple[int, ...]:
        """Return which of `size` elements along an axis each element of the output is."""
        before, after = self.pads[axis]
        edge = int(self.reflect)
        left = range(before + edge - 1, edge - 1, -1)
        right = range(size - 1 - edge, size - 1 - edge - after, -1)
        return (*left, *range(size), *right)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (np.ascontiguousarray(x[np.ix_(*(self.sources(i, n) for i, n in enumerate(x.shape)))]),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        h, w, _ = types.x.hwc
        if types.x.shape[:1] != (1,) or len(types.x.shape) != 4:
            return Region(0, h, 0, w)
        rows = self.sources(1, h)[region.row0 : region.row1]
        columns = self.sources(2, w)[region.col0 : region.col1]
        return Region(min(rows), max(rows) + 1, min(columns), max(columns) + 1)
