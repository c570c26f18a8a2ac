"""ADD, SUB and MUL by Helium kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.packing.line import REACH, find_line, slopes
from tinyc.kernels.packing.mul import mul_fields
from tinyc.kernels.ref import binary as ref
from tinyc.kernels.variant import Refusal
from tinyc.numerics.activation import clamp
from tinyc.ops.binary import Binary
from tinyc.ops.mul import Mul

_LIMIT = 1 << 31


def lower_linear(op: Binary, graph: Graph) -> Lowering | Refusal:
    if reason := ref.not_one_walk(op, graph):
        return reason
    line = find_line(op, graph, _shifts(op, graph))
    if isinstance(line, Refusal):
        return line
    a, b, offset, shift = line
    fields = (("a", a), ("b", b), ("offset", offset), ("left", 24 - shift))
    out = graph.type(op.outputs[0])
    clamped = clamp(op.activation, out) != (-128, 127)
    params = Struct(
        "tc_linear_mve_params", (*fields, ("clamp", int(clamped)), *activation_fields(op.activation, out))
    )
    return ref.lower(op, graph).by("tc_linear_s8_mve", params, why="proven equal for all pairs of bytes")


def _shifts(op: Binary, graph: Graph) -> tuple[int, ...]:
    """Return the greatest shift that leaves room for every sum, whichever the offset."""
    for shift in range(23, 12, -1):
        factors = (round(s * 2.0**shift) for s in slopes(op, graph))
        reach = 128 * (sum(map(abs, factors)) + 2 * REACH)
        if 2 * reach + (256 << shift) < _LIMIT:
            return (shift,)
    return ()


def lower_mul(op: Binary, graph: Graph) -> Lowering | Refusal:
    if not isinstance(op, Mul):
        return Refusal("not a product")
    if reason := ref.not_one_walk(op, graph):
        return reason
    fields, shift = mul_fields(op, graph)
    if not 1 <= shift <= 22:
        return Refusal(f"the result's shift is {shift}")
    clamp = activation_fields(op.activation, graph.type(op.outputs[0]))
    params = Struct("tc_mul_mve_params", (*fields, ("left", 24 - shift), *clamp))
    return ref.lower(op, graph).by("tc_mul_s8_mve", params)
