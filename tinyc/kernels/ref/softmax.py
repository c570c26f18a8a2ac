"""SOFTMAX by a portable kernel."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.ops.softmax import Softmax


def lower(op: Softmax, graph: Graph) -> Lowering:
    x = graph.type(op.inputs[0])
    exps = op.exps(x)
    depth = x.shape[-1]
    params = Struct("tc_softmax_params", (("depth", depth), ("levels", len(exps))))
    call = Call(
        "tc_softmax_s8_ref",
        "softmax",
        Form.RUN,
        (params,),
        (Operand(0),),
        (Ref("exps"),),
        units=x.elements // depth,
    )
    return Lowering((call,), (Constant("exps", "int32_t", np.array(exps, np.int32)),), in_place=(0,))
