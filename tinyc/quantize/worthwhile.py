"""Which layers are worth being ternary, where nobody says."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.quantize.weights import is_weighted

#: Weights below which a layer saves less than its kernel takes.
_TINY = 1024


def worthwhile(graph: Graph) -> list[str]:
    """Return the layers that may become ternary, by first outputs, in the order of the graph.

    Not those that read the network's inputs or write its answers, depthwise and tiny ones: there little is to be saved
    and much to be lost.
    """
    reads, writes = {p.tensor for p in graph.inputs}, set(graph.output_tensors)
    for op in graph.ops:
        if not is_weighted(op, graph) and reads.intersection(op.inputs):
            reads |= set(op.outputs)
    for op in reversed(graph.ops):
        if not is_weighted(op, graph) and writes.intersection(op.outputs):
            writes |= set(op.inputs)
    return [
        op.outputs[0]
        for op in graph.ops
        if isinstance(op, Conv2D | FullyConnected)
        and is_weighted(op, graph)
        and graph.type(op.weights).elements >= _TINY
        and op.x not in reads
        and op.outputs[0] not in writes
    ]
