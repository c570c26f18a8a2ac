"""FULLY_CONNECTED by portable kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import EveryUnit, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import activation_fields, bias_constant, requant_constants, source_of
from tinyc.kernels.packing.dots import byte_weights
from tinyc.kernels.packing.vectors import rounding_once
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.numerics.requant import real_scales
from tinyc.ops.dense import Dense


def lower(op: Dense, graph: Graph) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    w = graph.type(op.weights)
    zero_point = w.q.zero_point
    vectors, given = source_of(graph, 0, op.x)
    reads = [Argument(vectors, SameUnit())]
    first: tuple[Ref, ...] = ()
    if not graph.is_constant(op.weights):
        reads.append(Argument(1, EveryUnit()))
    else:
        first = (Ref("weights"),)
        weights, zero_point = byte_weights(op, graph)
        given = (*given, Constant("weights", "int8_t", weights))
    constants, symbol, why, extra = _requantization(op, graph)
    bias = bias_constant(graph, op.bias)
    params = Struct(
        "tc_fully_connected_params",
        (
            ("in_n", w.shape[1]),
            ("out_n", w.shape[0]),
            ("in_zp", x.q.zero_point),
            ("weight_zp", zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            ("per_channel", int(w.q.per_channel)),
            ("multipliers", 0 if extra else Ref("multipliers")),
            ("shifts", 0 if extra else Ref("shifts")),
        ),
    )
    call = Call(
        symbol,
        "fully_connected",
        (params,),
        tuple(reads),
        (*first, Ref("bias") if bias else None, *extra),
        (Result(Units(x.elements // w.shape[1])),),
    )
    return Lowering((call,), (*given, *bias, *constants), why=why)


def _requantization(op: Dense, graph: Graph) -> tuple[tuple[Constant, ...], str, str, tuple[Ref, ...]]:
    """Constants, kernel, reason and further arguments for the op's rounding."""
    types, out = graph.types(op), graph.type(op.outputs[0])
    if not rounds_once(graph.reference):
        return requant_constants(op.requant(types, out)), "tc_fully_connected_s8_ref", "rounds twice", ()
    once = rounding_once(op, graph)
    if isinstance(once, Refusal):
        data = np.array(real_scales(types.x, types.weights, out), np.float64)
        scales = (Constant("scales", "double", data),)
        return scales, "tc_fully_connected_f64_s8_ref", once.reason, (Ref("scales"),)
    return requant_constants(once), "tc_fully_connected_once_s8_ref", "rounds once, proven equal", ()
