"""Ops that copy their input unchanged, into a tensor of the same shape, scale and zero point, go.

Those are tables that map every byte to itself (requantization between equal scales, a RELU whose clamp is
the whole range), padding by nothing, slices of everything, joins of one, resizing to the same size, and
permutations that move no dimension.
"""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph, Op, Reference, TensorType
from tinyc.numerics.fixed_point import BYTES
from tinyc.numerics.resize import Tap
from tinyc.ops.concat import Concat
from tinyc.ops.lookup import Lookup
from tinyc.ops.pad import Pad
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.transpose import Transpose
from tinyc.passes.rewrite import bypass


def remove_identity(graph: Graph) -> Graph:
    return bypass(graph, lambda op, t: _copies(op, t, graph.reference))


def _copies(op: Op, t: TensorType, reference: Reference) -> bool:
    """Whether the only output has the bytes of the first input, given that both are of type `t`."""
    match op:
        case Lookup():
            return t.dtype == "int8" and bool(np.array_equal(op.table(t, t, reference), BYTES))
        case Pad() | StridedSlice():
            return isinstance(op, Pad) or all(s > 0 for s in op.strides)
        case Concat():
            return len(op.inputs) == 1
        case ResizeNearest() | ResizeBilinear():
            return all(_resizes_nothing(op, n) for n in op.size)
        case Transpose():
            return op.perm == tuple(range(len(op.perm)))
        case _:
            return False


def _resizes_nothing(op: ResizeNearest | ResizeBilinear, size: int) -> bool:
    """Whether a dimension that keeps its size is copied."""
    if isinstance(op, ResizeBilinear):
        return op.taps(size, size) == tuple(Tap(i, i, 0) for i in range(size))
    return op.sources(size, size) == tuple(range(size))
