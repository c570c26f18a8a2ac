"""Geometry of a sliding window: output sizes, TFLite's SAME padding, and which input rows an output needs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tinyc.ir import Region


class Padding(Enum):
    """How a model says what lies around the input."""

    #: As much as makes an output of ceil(input / stride), the odd pixel after the input.
    SAME = "SAME"
    #: None.
    VALID = "VALID"
    #: Numbers of pixels.
    EXPLICIT = "EXPLICIT"


@dataclass(frozen=True)
class Window:
    """A window that slides over rows and columns; all sizes in pixels, rows first."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    #: (top, left, bottom, right). It counts as part of the input: output row y starts at input row y * stride - top.
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    #: What `padding` comes from.
    scheme: Padding = Padding.EXPLICIT

    def __str__(self) -> str:
        """Return the geometry without what is 1 or 0: `3x3/2x2:SAME(0,0,1,1)`."""
        text = "x".join(map(str, self.kernel))
        if self.stride != (1, 1):
            text += "/" + "x".join(map(str, self.stride))
        if self.dilation != (1, 1):
            text += "*" + "x".join(map(str, self.dilation))
        around = ",".join(map(str, self.padding))
        return f"{text}:{self.scheme.name}" + (f"({around})" if any(self.padding) else "")

    @property
    def extent(self) -> tuple[int, int]:
        """Input rows and columns spanned by one output, dilation included."""
        (kh, kw), (dh, dw) = self.kernel, self.dilation
        return (kh - 1) * dh + 1, (kw - 1) * dw + 1

    @property
    def is_pointwise(self) -> bool:
        return self.kernel == (1, 1) and self.stride == (1, 1) and self.padding == (0, 0, 0, 0)

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return rows and columns of the output; below 1 where the window does not fit."""
        top, left, bottom, right = self.padding
        eh, ew = self.extent
        return (
            (height + top + bottom - eh) // self.stride[0] + 1,
            (width + left + right - ew) // self.stride[1] + 1,
        )

    def is_same(self, height: int, width: int) -> bool:
        """Whether the padding is what SAME means of an image of this size."""
        if self.scheme is Padding.SAME:
            return True
        top, left, bottom, right = self.padding
        axes = zip((height, width), self.kernel, self.stride, self.dilation, strict=True)
        return [same_padding(*axis) for axis in axes] == [(top, bottom), (left, right)]

    def every_output_sees_input(self, height: int, width: int) -> bool:
        """Whether no window lies wholly in the padding."""
        out_h, out_w = self.output_size(height, width)
        return all(
            _sees(stride, before, kernel, dilation, size, out)
            for stride, before, kernel, dilation, size, out in (
                (self.stride[0], self.padding[0], self.kernel[0], self.dilation[0], height, out_h),
                (self.stride[1], self.padding[1], self.kernel[1], self.dilation[1], width, out_w),
            )
        )

    def region(self, out: Region, height: int, width: int) -> Region:
        """Return the input pixels that the output region reads, clipped to the input."""
        rows = _span(out.row0, out.row1, self.stride[0], self.padding[0], self.extent[0], height)
        cols = _span(out.col0, out.col1, self.stride[1], self.padding[1], self.extent[1], width)
        return Region(*rows, *cols)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Return (before, after) of TFLite's SAME padding along one dimension; the odd pixel goes after."""
    extent = (kernel - 1) * dilation + 1
    out = -(-size // stride)
    total = max((out - 1) * stride + extent - size, 0)
    return total // 2, total - total // 2


def _sees(stride: int, before: int, kernel: int, dilation: int, size: int, out: int) -> bool:
    """Whether the first and last of `out` windows along a dimension hold a pixel of the image."""
    first_end = -before + (kernel - 1) * dilation
    last_start = (out - 1) * stride - before
    return first_end >= 0 and last_start < size


def _span(start: int, stop: int, stride: int, before: int, extent: int, size: int) -> tuple[int, int]:
    low = min(max(start * stride - before, 0), size)
    high = min(max((stop - 1) * stride - before + extent, low), size)
    return low, high
