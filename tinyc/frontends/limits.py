"""How large a model may be: what bounds the memory and the time of the compiler itself, whatever the file says.

Looked at as soon as a graph is read, before anything is computed of it. docs/security.md tells the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tinyc.errors import ModelError
from tinyc.ir import Graph, Op, TensorType
from tinyc.ops.pool import Pool2D
from tinyc.ops.window import Window

#: Elements of one tensor that is computed, and of all of them together.
MAX_ELEMENTS, MAX_ACTIVATIONS = 2**23, 2**26
#: Bytes of all constants together.
MAX_CONSTANTS = 2**26
#: Multiply-accumulates of one inference; an element under a pooling window counts as one.
MAX_MACS = 2**32
#: Ops of the graph.
MAX_OPS = 1000
#: Rows that all ops together read of their inputs, a row under a window as often as the window is on it.
MAX_ROWS = 2**19


_SMALLER = "no microcontroller runs a model of this size: make it smaller (docs/security.md has the limits)"


def check_limits(graph: Graph, file: str, vanishing: tuple[type[Op], ...] = ()) -> None:
    """Raise ModelError for a model that is too large to be worth a try, with all that is too large.

    vanishing: ops that no firmware has, such as those that state the scales of an ONNX file.
    """
    ops = [op for op in graph.ops if not isinstance(op, vanishing)]
    computed = [t.type for t in graph.tensors.values() if t.data is None]
    constants = sum(_stored(t.type) for t in graph.tensors.values() if t.data is not None)
    found = (
        ("elements in all tensors together", sum(t.elements for t in computed), MAX_ACTIVATIONS),
        ("bytes of constants", constants, MAX_CONSTANTS),
        ("multiply-accumulates per inference", sum(work(graph, op) for op in ops), MAX_MACS),
        ("operators", len(ops), MAX_OPS),
        ("rows to schedule", sum(_rows(graph, op) for op in ops), MAX_ROWS),
    )
    lines = [
        f"{file}: {got:,} {what}; at most {most:,} are supported" for what, got, most in found if got > most
    ]
    if lines:
        raise ModelError("\n".join(lines), _SMALLER)


def _stored(t: TensorType) -> int:
    """Bytes of a constant; what is float may become bytes."""
    return t.elements if t.dtype == "float32" else t.bytes


def check_elements(shape: Sequence[int], what: str) -> None:
    """Raise ModelError for a tensor that is too large. what: names it."""
    size = prod(shape)
    if size > MAX_ELEMENTS:
        raise ModelError(f"{what} has {size:,} elements; at most {MAX_ELEMENTS:,} are supported", _SMALLER)


def work(graph: Graph, op: Op) -> int:
    """Multiply-accumulates, or what takes about as long."""
    outs = graph.outs(op)
    taps = outs[0].elements * _window_size(op.window) if isinstance(op, Pool2D) else 0
    return op.macs(graph.types(op), outs) + taps


def _rows(graph: Graph, op: Op) -> int:
    window = getattr(op, "window", None)
    each = window.kernel[0] if isinstance(window, Window) else 1
    return sum(t.hwc[0] for t in graph.outs(op)) * each


def _window_size(window: Window) -> int:
    return window.kernel[0] * window.kernel[1]
