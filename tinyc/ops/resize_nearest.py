"""RESIZE_NEAREST_NEIGHBOR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.resize import nearest
from tinyc.ops.guard import images, need


@dataclass(frozen=True)
class ResizeNearest(Op):
    """inputs: x [1, H, W, C] int8; output: [1, *size, C] of x's scale and zero point."""

    x = Operand(0)

    #: Rows and columns of the output.
    size: tuple[int, int]
    #: Whether the first and last pixels of both lie upon each other.
    align_corners: bool
    #: Whether a pixel's value is that at its middle, else at its corner.
    half_pixel: bool

    kind: ClassVar[str] = "resize_nearest"
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        need(self.size[0] > 0 and self.size[1] > 0, self, f"output size is {list(self.size)}")
        return ((x.shape[0], *self.size, x.shape[3]),)

    def sources(self, in_size: int, out_size: int) -> tuple[int, ...]:
        """Return for each output index along one dimension the input index it copies."""
        return tuple(
            nearest(i, in_size, out_size, self.align_corners, self.half_pixel) for i in range(out_size)
        )

    def keeps_channels(self, rank: int) -> bool:
        return True

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return all(self.sources(n, n) == tuple(range(n)) for n in self.size)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        rows = self.sources(x.shape[1], self.size[0])
        cols = self.sources(x.shape[2], self.size[1])
        return (x.take(rows, axis=1).take(cols, axis=2),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        assert index == 0
        h, w, _ = types.x.hwc
        rows = self.sources(h, self.size[0])[region.row0 : region.row1]
        cols = self.sources(w, self.size[1])[region.col0 : region.col1]
        if not rows or not cols:
            return Region(0, 0, 0, 0)
        return Region(min(rows), max(rows) + 1, min(cols), max(cols) + 1)
