"""RESIZE_BILINEAR: each output pixel is a mixture of four of the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.resize import RealTap, Tap, interpolated, real_taps, really_interpolated, taps
from tinyc.ops.guard import images, need


@dataclass(frozen=True)
class ResizeBilinear(Op):
    """inputs: x [1, H, W, C] int8; output: [1, *size, C] of x's scale and zero point."""

    x = Operand(0)

    #: Rows and columns of the output.
    size: tuple[int, int]
    #: Whether the first and last pixels of both lie upon each other.
    align_corners: bool
    #: Whether a pixel's value is that at its middle, else at its corner.
    half_pixel: bool

    kind: ClassVar[str] = "resize_bilinear"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        need(self.size[0] > 0 and self.size[1] > 0, self, f"output size is {list(self.size)}")
        for in_size, out_size in zip(x.shape[1:3], self.size, strict=True):
            if _is_real(x):
                continue
            last = self.taps(in_size, out_size)[-1].last
            need(
                last < in_size,
                self,
                f"{in_size} pixels resized to {out_size}: by the reference's steps of 1/1024 pixel it reads "
                f"pixel {last}, beyond the image",
            )
        return ((x.shape[0], *self.size, x.shape[3]),)

    def taps(self, in_size: int, out_size: int) -> tuple[Tap, ...]:
        """Return for each output index along one dimension what it is made of."""
        return taps(in_size, out_size, align_corners=self.align_corners, half_pixel=self.half_pixel)

    def real_taps(self, in_size: int, out_size: int) -> tuple[RealTap, ...]:
        """Return the same of uint8 and float32."""
        return real_taps(in_size, out_size, align_corners=self.align_corners, half_pixel=self.half_pixel)

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        x = types.x
        sizes = zip(x.shape[1:3], self.size, strict=True)
        return not x.is_unsigned or all(t.weight >= 0 for n, size in sizes for t in self.real_taps(n, size))

    def keeps_channels(self, rank: int) -> bool:
        return True

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return all(self.taps(n, n) == tuple(Tap(i, i, 0) for i in range(n)) for n in self.size)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, (height, width) = values.x, self.size
        if types.x.is_unsigned:
            real = self.real_taps(x.shape[1], height), self.real_taps(x.shape[2], width)
            return (really_interpolated(x, *real),)
        return (interpolated(x, self.taps(x.shape[1], height), self.taps(x.shape[2], width)),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        assert index == 0
        h, w, _ = types.x.hwc
        taps = self.real_taps if _is_real(types.x) else self.taps
        rows = taps(h, self.size[0])[region.row0 : region.row1]
        cols = taps(w, self.size[1])[region.col0 : region.col1]
        if not rows or not cols:
            return Region(0, 0, 0, 0)
        return Region(rows[0].first, rows[-1].last + 1, cols[0].first, cols[-1].last + 1)


def _is_real(x: TensorType) -> bool:
    """Whether weights are real numbers, not of 10 bits."""
    return x.is_unsigned or x.dtype == "float32"
