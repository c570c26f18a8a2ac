"""A reduction over any axes as two walks: over the dimensions that are kept, and over those that go."""

from __future__ import annotations

from math import prod

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.base import Value
from tinyc.kernels.strided import dense_strides, merge
from tinyc.kernels.variant import Refusal
from tinyc.ops.reduction import Reduction

RANK = 4


def axis_fields(op: Reduction, graph: Graph, plural: str) -> tuple[tuple[str, Value], ...]:
    """The first fields of such a kernel's parameters. plural: of what it computes, for the error.

    Raises ModelError where either walk has more than RANK dimensions.
    """
    shape = graph.type(op.x).shape
    strides = dense_strides(shape)
    kept = [i for i in range(len(shape)) if i not in op.axes]
    fields: list[tuple[str, Value]] = []
    for name, axes in (("keep", kept), ("reduce", op.axes)):
        try:
            sizes, (steps,) = merge(tuple(shape[a] for a in axes), tuple(strides[a] for a in axes), rank=RANK)
        except ValueError as problem:
            raise ModelError(f"{op.origin}: {plural} along {problem}; at most {RANK} are supported") from None
        fields += [(name, sizes), (f"{name}_stride", steps)]
    return tuple(fields)


def vectors_of(op: Reduction, graph: Graph) -> tuple[int, int] | Refusal:
    """Return how many vectors there are and how long each is, of a reduction over the last dimensions alone."""
    shape = graph.type(op.x).shape
    kept = len(shape) - len(op.axes)
    vectors, depth = prod(shape[:kept]), prod(shape[kept:])
    if op.axes != tuple(range(kept, len(shape))) or vectors == 1 or not depth:
        return Refusal("not over the last dimensions of several vectors")
    return vectors, depth


def not_over_an_image(op: Reduction, graph: Graph) -> Refusal | None:
    """Why a kernel that takes an image row by row cannot have it; three dimensions are rows of pixels or of numbers."""
    shape = graph.type(op.x).shape
    if shape[:1] != (1,) or (len(shape), op.axes) not in ((4, (1, 2)), (3, (1,))):
        return Refusal("not over rows and columns of an image")
    return None
