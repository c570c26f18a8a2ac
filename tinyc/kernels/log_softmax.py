"""LOG_SOFTMAX of int8, and SOFTMAX and LOG_SOFTMAX of float32, in C."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.numerics.softmax import log_softmax_params, summands
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.softmax_of_floats import FloatVectors, SoftmaxOfFloats


def lower(op: LogSoftmax, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    p, depth, table = log_softmax_params(x), x.shape[-1], summands(x)
    params = Struct(
        "tc_log_softmax_params",
        (
            ("depth", depth),
            ("levels", -p.least + 1),
            ("multiplier", p.multiplier),
            ("shift", p.shift),
            ("reverse_multiplier", p.reverse_multiplier),
            ("reverse_shift", p.reverse_shift),
        ),
    )
    vectors = Result(Units(x.elements // depth))
    call = Call(
        "tc_log_softmax_s8_ref",
        "log_softmax",
        (params,),
        (Argument(0, SameUnit()),),
        (Ref("exps"),),
        (vectors,),
    )
    return Lowering((call,), (Constant("exps", "int32_t", np.array(table, np.int32)),), in_place=(0,))


def lower_of_floats(op: FloatVectors, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    depth = x.shape[-1]
    fields: tuple[tuple[str, Value], ...] = (("depth", depth),)
    if isinstance(op, SoftmaxOfFloats):
        fields = (*fields, ("beta", op.beta))
    params = Struct(f"tc_{op.kind}_f32_params", fields)
    vectors = Result(Units(x.elements // depth))
    call = Call(
        f"tc_{op.kind}_f32_ref", "softmax_f32", (params,), (Argument(0, SameUnit()),), writes=(vectors,)
    )
    return Lowering((call,), in_place=(0,))
