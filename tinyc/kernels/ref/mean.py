"""MEAN by a portable kernel."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.ref.axes import axis_fields
from tinyc.ops.mean import Mean


def lower(op: Mean, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    p = op.params(graph.types(op), out)
    params = Struct(
        "tc_mean_params",
        (
            *axis_fields(op, graph, "averages"),
            ("bias", p.bias),
            ("multiplier", p.multiplier),
            ("shift", p.shift),
            ("out_zp", out.q.zero_point),
        ),
    )
    return Lowering((Call("tc_mean_s8_ref", "mean", (params,), (Argument(0, Whole()),)),))
