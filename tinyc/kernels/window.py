"""What a sliding window is to the kernels: fields of their parameter structs, and the input rows they ask for."""

from __future__ import annotations

from tinyc.kernels.access import RowWindow
from tinyc.kernels.base import Value
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


def window_rows(window: Window) -> RowWindow:
    """The input rows under each output row."""
    return RowWindow(window.kernel[0], window.stride[0], window.padding[0], window.dilation[0])
