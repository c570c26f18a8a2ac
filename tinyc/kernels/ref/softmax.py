"""SOFTMAX by a portable kernel."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.numerics.softmax import exps
from tinyc.ops.softmax import Softmax


def lower(op: Softmax, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    table = exps(x, op.beta)
    depth = x.shape[-1]
    params = Struct("tc_softmax_params", (("depth", depth), ("levels", len(table))))
    call = Call(
        "tc_softmax_s8_ref",
        "softmax",
        (params,),
        (Argument(0, SameUnit()),),
        (Ref("exps"),),
        (Result(Units(x.elements // depth)),),
    )
    return Lowering((call,), (Constant("exps", "int32_t", np.array(table, np.int32)),), in_place=(0,))
