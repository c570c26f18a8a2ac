"""What a sliding window is to the kernels: fields of their parameter structs, and the input rows they ask for."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowWindow
from tinyc.kernels.base import Value
from tinyc.kernels.variant import Refusal
from tinyc.ops.pool import Pool2D
from tinyc.ops.window import Window


def kernel_fields(window: Window) -> tuple[tuple[str, Value], ...]:
    """Fields of a WINDOW kernel that steps along a row itself, in the order of their declaration."""
    return (
        ("kernel_h", window.kernel[0]),
        ("kernel_w", window.kernel[1]),
        ("stride_w", window.stride[1]),
        ("dilation_w", window.dilation[1]),
        ("pad_left", window.padding[1]),
    )


def not_the_whole_image(op: Pool2D, graph: Graph) -> Refusal | None:
    """Why a kernel that pools an image to one pixel, row by row, cannot have it."""
    _, height, width, _ = graph.type(op.x).shape
    if op.window.kernel != (height, width) or any(op.window.padding):
        return Refusal("the window is not the whole image")
    return None


def window_rows(window: Window) -> RowWindow:
    """The input rows under each output row."""
    return RowWindow(window.kernel[0], window.stride[0], window.padding[0], window.dilation[0])
