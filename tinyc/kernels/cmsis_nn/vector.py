"""FULLY_CONNECTED, ADD and SOFTMAX by CMSIS-NN: ops on runs of vectors or elements."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.cmsis_nn import FOLDER
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.numerics.fixed_point import quantize_multiplier
from tinyc.numerics.softmax import DIFF_BITS, exponent_scale
from tinyc.ops.binary import Binary
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.softmax import Softmax


def lower_fully_connected(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    x, weights, out = graph.type(op.x), graph.tensors[op.weights], graph.type(op.outputs[0])
    w = weights.type.quant
    assert w is not None and weights.data is not None
    if rounds_once(graph.reference):
        return Refusal("CMSIS-NN rounds twice, as TFLM does, and LiteRT once (--reference tflm)")
    if w.per_channel:
        return Refusal("a scale per channel")
    if w.zero_point != 0:
        return Refusal("weights with a zero point")
    out_n, in_n = weights.type.shape
    requant = op.requant(graph.types(op), out)
    params = Struct(
        "tc_cmsis_fully_connected_params",
        (
            ("in_n", in_n), ("out_n", out_n),
            ("in_zp", x.q.zero_point), ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            ("multiplier", requant.multipliers[0]), ("shift", requant.shifts[0]),
        ),
    )  # fmt: skip
    bias = graph.tensors[op.bias].data if op.bias else None
    constants = (
        Constant("weights", "int8_t", weights.data),
        Constant("bias", "int32_t", np.zeros(out_n, np.int32) if bias is None else bias),
    )
    call = Call(
        "tc_fully_connected_s8_cmsis",
        FOLDER,
        (params,),
        (Argument(0, SameUnit()),),
        (Ref("weights"), Ref("bias")),
        (Result(Units(x.elements // in_n)),),
        scratch=4 * out_n,
    )
    return Lowering((call,), constants)


def lower_add(op: Binary, graph: Graph) -> Lowering | Refusal:
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    if op.kind != "add":
        return Refusal(f"no {op.kind}")
    if not a.shape == b.shape == out.shape:
        return Refusal("operands of different shapes")
    if any(graph.is_constant(n) for n in op.inputs):
        return Refusal("a constant operand")
    p = op.params(graph.types(op), out, graph.reference)
    params = Struct(
        "tc_cmsis_add_params",
        (
            ("a_zp", a.q.zero_point), ("a_multiplier", p.a_multiplier), ("a_shift", p.a_shift),
            ("b_zp", b.q.zero_point), ("b_multiplier", p.b_multiplier), ("b_shift", p.b_shift),
            ("left_shift", p.left_shift), ("multiplier", p.out_multiplier), ("shift", p.out_shift),
            ("out_zp", out.q.zero_point), *activation_fields(op.activation, out),
        ),
    )  # fmt: skip
    operands = (Argument(0, SameUnit()), Argument(1, SameUnit()))
    call = Call("tc_add_s8_cmsis", FOLDER, (params,), operands, writes=(Result(Units(out.elements)),))
    return Lowering((call,))


def lower_softmax(op: Softmax, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    multiplier, shift = quantize_multiplier(exponent_scale(x, op.beta))
    radius = int(((1 << DIFF_BITS) - 1) * 2.0 ** (31 - DIFF_BITS) / 2.0**shift)
    fields = (("depth", x.shape[-1]), ("multiplier", multiplier), ("shift", shift), ("diff_min", -radius))
    params = Struct("tc_cmsis_softmax_params", fields)
    units = x.elements // x.shape[-1]
    return Lowering(
        (
            Call(
                "tc_softmax_s8_cmsis",
                FOLDER,
                (params,),
                (Argument(0, SameUnit()),),
                writes=(Result(Units(units)),),
            ),
        )
    )
