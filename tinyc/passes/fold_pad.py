"""A PAD of rows and columns becomes padding of the windows that read it.

Exact where the padding is what the reader would take it for: before CONV_2D and DEPTHWISE_CONV_2D the zero point, of
float32 0; before MAX_POOL_2D -128, of float32 minus infinity. Never before AVERAGE_POOL_2D, which counts padding it
reads and leaves out its own. A window that would then lie wholly in the padding keeps the PAD. The PAD goes when
nothing reads it any more.
"""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph, Op, TensorType
from tinyc.numerics.affine import byte_of
from tinyc.ops.pad import Pad
from tinyc.ops.window import Padding, Window
from tinyc.ops.windowed import Windowed
from tinyc.passes.remove_dead import remove_dead


def fold_pad(graph: Graph) -> Graph:
    """Passes over the graph in order, so that chains of PAD fold too."""
    for at in range(len(graph.ops)):
        op = graph.ops[at]
        while isinstance(op, Windowed) and (folded := _folded(graph, op)) is not None:
            op = folded
        if op is not graph.ops[at]:
            graph = graph.with_ops([*graph.ops[:at], op, *graph.ops[at + 1 :]])
    return remove_dead(graph)


def _folded(graph: Graph, op: Windowed) -> Op | None:
    """The op reading the PAD's input, or None where it does not read one that can go."""
    pad = graph.writer(op.x)
    if not isinstance(pad, Pad) or len(pad.pads) != 4:
        return None
    source, padded = graph.type(pad.x), graph.type(pad.outputs[0])
    image_only = pad.pads[0] == (0, 0) and pad.pads[3] == (0, 0)
    if not _is_neutral(op, pad, padded) or not image_only or source.quant != padded.quant:
        return None
    window = _widened(op.window, pad)
    _, height, width, _ = source.shape
    if not window.every_output_sees_input(height, width):
        return None
    return replace(op, inputs=(pad.x, *op.inputs[1:]), window=window)


def _is_neutral(op: Windowed, pad: Pad, padded: TensorType) -> bool:
    """Whether the reader takes padding of its own for what the PAD writes."""
    if padded.dtype == "float32":
        return pad.value == op.neutral_real
    return byte_of(pad.value, padded) == op.neutral(padded)


def _widened(window: Window, pad: Pad) -> Window:
    top, left, bottom, right = window.padding
    (above, below), (before, after) = pad.pads[1], pad.pads[2]
    around = (top + above, left + before, bottom + below, right + after)
    return replace(window, padding=around, scheme=Padding.EXPLICIT)
