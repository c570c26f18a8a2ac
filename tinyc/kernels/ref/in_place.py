"""Which operands an elementwise op may write over."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.ops.broadcast import Broadcast


def in_place(op: Broadcast, graph: Graph) -> tuple[int, ...]:
    """Positions of the inputs that are activations of the output's shape, and no other operand as well."""
    out = graph.type(op.outputs[0]).shape
    return tuple(
        i
        for i, n in enumerate(op.inputs)
        if graph.type(n).shape == out and op.inputs.count(n) == 1 and not graph.is_constant(n)
    )
