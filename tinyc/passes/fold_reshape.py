"""A RESHAPE of a RESHAPE reads the first one's input; one that changes no dimension goes.

What remains are views: the op stays in the graph, no byte moves.
"""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.ops.reshape import Reshape
from tinyc.passes.remove_dead import remove_dead
from tinyc.passes.rewrite import bypass, renamed


def fold_reshape(graph: Graph) -> Graph:
    source: dict[str, str] = {}
    for op in graph.ops:
        if isinstance(op, Reshape) and graph.type(op.x).quant == graph.type(op.outputs[0]).quant:
            source[op.outputs[0]] = source.get(op.x, op.x)
    ops = [renamed(op, source) if isinstance(op, Reshape) else op for op in graph.ops]
    return remove_dead(bypass(graph.with_ops(ops), lambda op, _: isinstance(op, Reshape)))
