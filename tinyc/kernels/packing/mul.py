"""A product of two bytes as the fast kernels compute it."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.ops.binary import Binary


def mul_fields(op: Binary, graph: Graph) -> tuple[tuple[tuple[str, int], ...], int]:
    """Return the first fields of the kernels' parameters, and the shift of the result, at least 1 in a kernel."""
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    p = op.params(graph.types(op), out, graph.reference)
    shift = -p.out_shift
    rounding = 1 << (shift - 1) if shift > 0 else 0
    fields = (
        ("a_zp", a.q.zero_point),
        ("b_zp", b.q.zero_point),
        ("multiplier", p.out_multiplier),
        ("offset", (out.q.zero_point << max(shift, 0)) + rounding),
    )
    return fields, shift
