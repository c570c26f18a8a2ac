"""Channels whose value is known before the model runs, and channels that nobody reads, go.

A channel that is one and the same byte at every pixel, whatever the input, is folded into the bias of the CONV_2D and
FULLY_CONNECTED that read it. Where it differs from the zero point and a window reads padding, it is folded only if it
adds the same everywhere. A channel goes from every tensor at once that its ops join it with, or not at all; the
model's own inputs and outputs keep their shapes. No output byte changes.
"""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.ops.check import is_float_form
from tinyc.passes.channels.live import live_channels
from tinyc.passes.channels.ranges import ranges
from tinyc.passes.channels.rewrite import without_dead
from tinyc.passes.remove_dead import remove_dead
from tinyc.passes.remove_identity import remove_identity

__all__ = ["remove_channels"]


def remove_channels(graph: Graph) -> Graph:
    if not all(t.type.elements for t in graph.tensors.values()):
        return graph  # nothing to gain from empty tensors
    if any(is_float_form(op, graph.types(op), graph.outs(op)) for op in graph.ops):
        return graph  # what follows is about bytes
    while True:
        live = live_channels(graph, ranges(graph))
        if live.is_everything:
            return graph
        graph = remove_identity(remove_dead(without_dead(graph, live)))
