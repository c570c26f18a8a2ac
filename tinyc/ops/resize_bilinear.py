"""RESIZE_BILINEAR: weights of 10 fraction bits, rows times columns, rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Region, TensorType
from tinyc.numerics.fixed_point import Int64, rounding_divide_by_pot
from tinyc.ops.guard import images, need

#: The weight of one input row or column that is taken alone: 1 in Q10.
ONE = 1 << 10


@dataclass(frozen=True)
class Tap:
    """An output index as (ONE - weight) * x[first] + weight * x[last]; weight: in [0, ONE), 0 where they are one."""

    first: int
    last: int
    weight: int


@dataclass(frozen=True)
class ResizeBilinear(Op):
    """inputs: x [1, H, W, C] int8; output: [1, *size, C] of x's scale and zero point."""

    x = Operand(0)

    size: tuple[int, int]
    align_corners: bool
    half_pixel: bool

    kind: ClassVar[str] = "resize_bilinear"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        need(self.size[0] > 0 and self.size[1] > 0, self, f"output size is {list(self.size)}")
        for in_size, out_size in zip(x.shape[1:3], self.size, strict=True):
            last = self.taps(in_size, out_size)[-1].last
            need(
                last < in_size,
                self,
                f"{in_size} pixels resized to {out_size}: by the reference's steps of 1/1024 pixel it reads "
                f"pixel {last}, beyond the image",
            )
        return ((x.shape[0], *self.size, x.shape[3]),)

    def taps(self, in_size: int, out_size: int) -> tuple[Tap, ...]:
        """For each output index along one dimension what it is made of."""
        if self.align_corners and out_size > 1:
            step = (ONE * (in_size - 1) + (out_size - 1) // 2) // (out_size - 1)
        else:
            step = (ONE * in_size + out_size // 2) // out_size
        offset = step // 2 - ONE // 2 if self.half_pixel else 0
        found = []
        for i in range(out_size):
            at = max(i * step + offset, 0)
            first, weight = divmod(at, ONE)
            inside = weight > 0 and first < in_size - 1
            found.append(Tap(first, first + 1, weight) if inside else Tap(first, first, 0))
        return tuple(found)

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x = values.x
        rows, cols = (self.taps(n, size) for n, size in zip(x.shape[1:3], self.size, strict=True))
        mixed = _mixed(_mixed(x.astype(np.int64), rows, axis=1), cols, axis=2)
        return (rounding_divide_by_pot(mixed, 20).astype(np.int8),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        assert index == 0
        h, w, _ = types.x.hwc
        rows = self.taps(h, self.size[0])[region.row0 : region.row1]
        cols = self.taps(w, self.size[1])[region.col0 : region.col1]
        if not rows or not cols:
            return Region(0, 0, 0, 0)
        return Region(rows[0].first, rows[-1].last + 1, cols[0].first, cols[-1].last + 1)


def _mixed(x: Int64, taps: Sequence[Tap], axis: int) -> Int64:
    """Each tap's sum of two slices along `axis`, times ONE."""
    shape = [1] * x.ndim
    shape[axis] = -1
    weight = np.array([t.weight for t in taps], np.int64).reshape(shape)
    first, last = x.take([t.first for t in taps], axis), x.take([t.last for t in taps], axis)
    return (ONE - weight) * first + weight * last
