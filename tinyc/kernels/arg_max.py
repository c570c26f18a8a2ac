"""ARG_MAX and ARG_MIN in C."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.ops.arg_max import ArgMax


def lower(op: ArgMax, graph: Graph) -> Lowering:
    """A unit is all that lies behind the axis, and the axis."""
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    params = Struct(
        "tc_arg_max_params",
        (
            ("count", x.shape[op.axis]),
            ("inner", prod(x.shape[op.axis + 1 :])),
            ("sign", (1 if op.largest else -1) * (2 if op.last else 1)),
        ),
    )
    units = Result(Units(prod(x.shape[: op.axis])))
    symbol = "tc_arg_max_s8_s64_ref" if out.dtype == "int64" else "tc_arg_max_s8_s32_ref"
    return Lowering((Call(symbol, "arg_max", (params,), (Argument(0, SameUnit()),), writes=(units,)),))
