"""A vector over the root of the sum of its squares is L2_NORMALIZATION, of which int8 keeps every digit.

As exporters write it: the least norm that counts, and the norm repeated over the vector, may stand in between.
"""

from __future__ import annotations

from tinyc.ir import Activation, Graph, Op
from tinyc.ops.div import Div
from tinyc.ops.expand import Expand
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.maximum import Maximum
from tinyc.ops.mul import Mul
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.sum import Sum
from tinyc.passes.remove_dead import remove_dead

#: The least norm of L2_NORMALIZATION; a file's may be less.
_LEAST = 1e-6


def recognise_l2_norm(graph: Graph) -> Graph:
    return remove_dead(graph.with_ops([_recognised(graph, op) for op in graph.ops]))


def _recognised(graph: Graph, op: Op) -> Op:
    if not isinstance(op, Div) or op.activation is not Activation.NONE or graph.type(op.a).dtype != "float32":
        return op
    total = _under_root(graph, op.b)
    if total is None or total.axes != (len(graph.type(op.a).shape) - 1,):
        return op
    squares = graph.writer(total.inputs[0])
    alike = isinstance(squares, Square) or (
        isinstance(squares, Mul) and squares.activation is Activation.NONE
    )
    if squares is None or not alike or set(squares.inputs) != {op.a} or graph.outs(op)[0] != graph.type(op.a):
        return op
    return L2Norm((op.a,), op.outputs, op.origin)


def _under_root(graph: Graph, norm: str) -> Sum | None:
    """Return the sum whose root a tensor is."""
    root = graph.writer(norm)
    if isinstance(root, Expand):
        root = graph.writer(root.inputs[0])
    if isinstance(root, Maximum):
        least = graph.tensors[root.inputs[1]].data
        if least is None or not 0 <= float(least.min()) <= float(least.max()) <= _LEAST:
            return None
        root = graph.writer(root.inputs[0])
    if isinstance(root, Expand):
        root = graph.writer(root.inputs[0])
    found = graph.writer(root.inputs[0]) if isinstance(root, Sqrt) else None
    return found if isinstance(found, Sum) and found.keep_dims else None
