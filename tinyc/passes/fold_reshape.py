"""A RESHAPE of a RESHAPE reads the first one's input; one that changes no dimension goes.

What remains are views: the op stays in the graph, no byte moves.
"""

from __future__ import annotations

from tinyc.ir import Graph, Op
from tinyc.ops.reshape import Reshape
from tinyc.passes.remove_dead import remove_dead
from tinyc.passes.rewrite import bypass, renamed


def fold_reshape(graph: Graph) -> Graph:
    source: dict[str, str] = {}
    ops: list[Op] = []
    for op in graph.ops:
        if isinstance(op, Reshape):
            same_quant = graph.type(op.inputs[0]).quant == graph.type(op.outputs[0]).quant
            op = renamed(op, source)  # noqa: PLW2901
            if same_quant:
                source[op.outputs[0]] = op.inputs[0]
        ops.append(op)
    return remove_dead(bypass(graph.with_ops(ops), lambda op, _: isinstance(op, Reshape)))
