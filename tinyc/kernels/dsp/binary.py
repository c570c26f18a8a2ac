"""ADD, SUB and MUL by SIMD kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.packing.line import find_line
from tinyc.kernels.packing.mul import mul_fields
from tinyc.kernels.ref import binary as ref
from tinyc.kernels.variant import Refusal
from tinyc.ops.binary import Binary
from tinyc.ops.mul import Mul


def lower_linear(op: Binary, graph: Graph) -> Lowering | Refusal:
    return linear("tc_linear_s8_dsp", op, graph)


def linear(symbol: str, op: Binary, graph: Graph) -> Lowering | Refusal:
    if reason := ref.not_one_walk(op, graph):
        return reason
    line = find_line(op, graph, tuple(range(24, 12, -1)))
    if isinstance(line, Refusal):
        return line
    fields = tuple(zip(("a", "b", "offset", "shift"), line, strict=True))
    params = Struct(
        "tc_linear_dsp_params", (*fields, *activation_fields(op.activation, graph.type(op.outputs[0])))
    )
    return ref.lower(op, graph).by(symbol, params, why="proven equal for all pairs of bytes")


def lower_mul(op: Binary, graph: Graph) -> Lowering | Refusal:
    if not isinstance(op, Mul):
        return Refusal("not a product")
    if reason := ref.not_one_walk(op, graph):
        return reason
    fields, shift = mul_fields(op, graph)
    if not 1 <= shift <= 23:
        return Refusal(f"the result's shift is {shift}")
    clamp = activation_fields(op.activation, graph.type(op.outputs[0]))
    params = Struct("tc_mul_dsp_params", (*fields, ("shift", shift), *clamp))
    return ref.lower(op, graph).by("tc_mul_s8_dsp", params)
