"""Ops that no output of the model depends on go."""

from __future__ import annotations

from tinyc.ir import Graph, Op


def remove_dead(graph: Graph) -> Graph:
    needed = set(graph.kept_tensors)
    kept: list[Op] = []
    for op in reversed(graph.ops):
        if needed.intersection(op.outputs):
            kept.append(op)
            needed.update(op.inputs)
    return graph.with_ops(reversed(kept))
