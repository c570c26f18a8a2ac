"""Which operands an elementwise op may write over."""

from __future__ import annotations

from tinyc.ir import DTYPES, Graph
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.select import Select


def in_place(op: Broadcast | Select, graph: Graph) -> tuple[int, ...]:
    """Positions of the inputs that are activations of the output's shape, and no other operand as well."""
    kind = graph.type(op.outputs[0])
    out, size = kind.shape, DTYPES[kind.dtype].itemsize
    return tuple(
        i
        for i, n in enumerate(op.inputs)
        if graph.type(n).shape == out
        and DTYPES[graph.type(n).dtype].itemsize == size
        and op.inputs.count(n) == 1
        and not graph.is_constant(n)
    )
