"""A MEAN of a TRANSPOSE averages over the untransposed dimensions; a smaller TRANSPOSE follows if needed.

Exact: the same bytes are added up, without rounding. A MEAN that keeps the dimensions is left alone.
"""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph, Op, Tensor, TensorType
from tinyc.ops.mean import Mean
from tinyc.ops.transpose import Transpose
from tinyc.passes.remove_dead import remove_dead


def fold_transpose(graph: Graph) -> Graph:
    at = 0
    while at < len(graph.ops):
        op = graph.ops[at]
        if isinstance(op, Mean) and not op.keep_dims:
            before = graph.writer(op.x)
            if isinstance(before, Transpose) and graph.type(before.x).quant == graph.type(op.x).quant:
                graph = _swapped(graph, at, op, before)
        at += 1
    return remove_dead(graph)


def _swapped(graph: Graph, at: int, mean: Mean, before: Transpose) -> Graph:
    axes = tuple(sorted(before.perm[a] for a in mean.axes))
    kept = [p for i, p in enumerate(before.perm) if i not in mean.axes]
    order = tuple(sorted(kept).index(p) for p in kept)
    result = mean.outputs[0]
    if order == tuple(range(len(order))):
        new: list[Op] = [replace(mean, inputs=before.inputs, axes=axes)]
        tensors = dict(graph.tensors)
    else:
        shape = tuple(graph.type(before.x).shape[p] for p in sorted(kept))
        out = graph.type(result)
        between = graph.fresh(f"{result}:mean")
        tensors = {**graph.tensors, between: Tensor(between, TensorType(shape, out.dtype, out.quant))}
        new = [
            replace(mean, inputs=before.inputs, outputs=(between,), axes=axes),
            Transpose((between,), mean.outputs, before.origin, order),
        ]
    return graph.with_ops([*graph.ops[:at], *new, *graph.ops[at + 1 :]], tensors)
