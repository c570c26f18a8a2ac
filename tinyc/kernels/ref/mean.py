"""MEAN and SUM by portable kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.ref.axes import axis_fields
from tinyc.numerics.mean import UNSIGNED, MeanParams, flips
from tinyc.ops.mean import Mean
from tinyc.ops.reduction import Reduction
from tinyc.ops.sum import Sum


def lower(op: Mean, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    return _lowering("tc_mean_s8_ref", op, graph, op.params(graph.types(op), out), out.q.zero_point)


def lower_sum(op: Sum, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    p = op.params(graph.types(op), out, graph.reference)
    if flips(out, graph.reference):
        return _lowering("tc_sum_u8_ref", op, graph, p, out.q.zero_point - UNSIGNED)
    return _lowering("tc_mean_s8_ref", op, graph, p, out.q.zero_point)


def _lowering(symbol: str, op: Reduction, graph: Graph, p: MeanParams, out_zp: int) -> Lowering:
    params = Struct(
        "tc_mean_params",
        (
            *axis_fields(op, graph, "averages"),
            ("bias", p.bias),
            ("multiplier", p.multiplier),
            ("shift", p.shift),
            ("out_zp", out_zp),
        ),
    )
    return Lowering((Call(symbol, "mean", (params,), (Argument(0, Whole()),)),))
