"""A part of what was joined is read from where it comes: in int8 it keeps the scale of its own values.

Detectors join boxes, in pixels, with scores below 1, and cut them apart again: by one scale for both, scores were a
few steps.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from tinyc.ir import Graph, Op
from tinyc.ops.concat import Concat
from tinyc.ops.strided_slice import StridedSlice
from tinyc.passes.rewrite import renamed


def fold_parts(graph: Graph) -> Graph:
    """Return the graph whose slices of one input of a CONCATENATION read that input; whole ones are no op."""
    joins = {op.outputs[0]: op for op in graph.ops if isinstance(op, Concat)}
    names: dict[str, str] = {}
    ops: list[Op] = []
    for old in graph.ops:
        op = renamed(old, names)
        while isinstance(op, StridedSlice) and op.x in joins:
            found = _part(graph, op, joins[op.x])
            if found is None:
                break
            op = renamed(found, names)
        out = op.outputs[0]
        if op is not old and out not in graph.kept_tensors and _is_whole(graph, op):
            names[out] = op.inputs[0]
        else:
            ops.append(op)
    return graph.with_ops(ops)


def _is_whole(graph: Graph, op: Op) -> bool:
    same = isinstance(op, StridedSlice) and graph.type(op.x) == graph.type(op.outputs[0])
    return same and isinstance(op, StridedSlice) and all(step > 0 for step in op.strides)


def _part(graph: Graph, op: StridedSlice, join: Concat) -> StridedSlice | None:
    """Return the slice of the input that has all its elements, None where several have them."""
    axis = join.axis
    first, step, count = op.begin[axis], op.strides[axis], op.sliced_shape[axis]
    low, high = sorted((first, first + (count - 1) * step))
    sizes = [graph.type(name).shape[axis] for name in join.inputs]
    for name, size, end in zip(join.inputs, sizes, accumulate(sizes), strict=True):
        if end - size <= low and high < end and not graph.is_constant(name):
            begin = (*op.begin[:axis], first - (end - size), *op.begin[axis + 1 :])
            return replace(op, inputs=(name,), begin=begin)
    return None
