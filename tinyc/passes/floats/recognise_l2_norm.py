"""A vector divided by its length, in pieces, is L2_NORMALIZATION, which integers have."""

from __future__ import annotations

from math import inf

from tinyc.ir import Activation, Graph, Op
from tinyc.ops.div import Div
from tinyc.ops.expand import Expand
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.sum import Sum
from tinyc.passes.remove_dead import remove_dead

#: What L2_NORMALIZATION takes for the length of a shorter vector.
_SHORTEST = 1e-6


def recognise_l2_norm(graph: Graph) -> Graph:
    """Return the graph with one op for x / max(sqrt(sum(x * x)), e) along the last dimension, and for x * rsqrt(...).

    Keras bounds the inverse, min(rsqrt(...), 1 / e).

    The shortest length e of the file may be any up to 1e-6: only vectors that are shorter come out otherwise.
    """
    ops: list[Op] = []
    for op in graph.ops:
        x = _vectors(graph, op)
        ops.append(L2Norm((x,), op.outputs, op.origin) if x and graph.type(x).dtype == "float32" else op)
    return remove_dead(graph.with_ops(ops))


def _vectors(graph: Graph, op: Op) -> str:
    """Return the tensor whose vectors an op divides by their lengths, "" where it does not."""
    if not isinstance(op, Div | Mul) or op.activation is not Activation.NONE:
        return ""
    pairs = [(op.a, op.b)] if isinstance(op, Div) else [(op.a, op.b), (op.b, op.a)]
    for x, other in pairs:
        if isinstance(op, Div):
            root = graph.writer(_above(graph, other, _SHORTEST))
            total = root.x if isinstance(root, Sqrt) else ""
        else:
            inverse = graph.writer(_below(graph, other, 1 / _SHORTEST))
            total = _above(graph, inverse.x, _SHORTEST**2) if isinstance(inverse, Rsqrt) else ""
        if _is_total(graph, total, x):
            return x
    return ""


def _above(graph: Graph, name: str, most: float) -> str:
    """Return what a MAXIMUM with a number of at most `most` reads, any other tensor as it is; before an EXPAND."""
    return _clamped(graph, name, Maximum, 0, most)


def _below(graph: Graph, name: str, least: float) -> str:
    """Return what a MINIMUM with a number of `least` or more reads, any other tensor as it is; before an EXPAND."""
    return _clamped(graph, name, Minimum, least, inf)


def _clamped(graph: Graph, name: str, kind: type[Maximum | Minimum], low: float, high: float) -> str:
    op = graph.writer(name)
    if isinstance(op, Expand):
        return _clamped(graph, op.x, kind, low, high)
    if not isinstance(op, kind):
        return name
    numbers = [data for n in op.inputs if (data := graph.tensors[n].data) is not None]
    values = [n for n in op.inputs if not graph.is_constant(n)]
    if len(values) != 1 or numbers[0].size != 1 or not low <= float(numbers[0].reshape(-1)[0]) <= high:
        return name
    inner = graph.writer(values[0])
    return inner.x if isinstance(inner, Expand) else values[0]


def _is_total(graph: Graph, name: str, vectors: str) -> bool:
    """Whether a tensor holds the sum of the squares of each vector of another one."""
    total = graph.writer(name)
    if not isinstance(total, Sum) or not total.keep_dims:
        return False
    square = graph.writer(total.x)
    is_square = isinstance(square, Square) or (isinstance(square, Mul) and square.a == square.b)
    along = total.axes == (len(graph.type(vectors).shape) - 1,)
    return square is not None and is_square and square.inputs[0] == vectors and along
