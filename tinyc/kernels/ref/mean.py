"""MEAN and SUM by portable kernels."""

from __future__ import annotations

from collections.abc import Callable

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.ref.axes import axis_fields, vectors_of
from tinyc.kernels.variant import Refusal
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


def mean_vectors_on(isa: str) -> Callable[[Mean, Graph], Lowering | Refusal]:
    """Return how an instruction set averages over the last dimensions: `ref`, `dsp` or `mve`."""

    def lower_vectors(op: Mean, graph: Graph) -> Lowering | Refusal:
        return _vectors(isa, op, graph, op.params(graph.types(op), graph.type(op.outputs[0])))

    return lower_vectors


def sum_vectors_on(isa: str) -> Callable[[Sum, Graph], Lowering | Refusal]:
    """Return how an instruction set sums over the last dimensions."""

    def lower_vectors(op: Sum, graph: Graph) -> Lowering | Refusal:
        out = graph.type(op.outputs[0])
        if flips(out, graph.reference):
            return Refusal("bytes are taken as unsigned")
        return _vectors(isa, op, graph, op.params(graph.types(op), out, graph.reference))

    return lower_vectors


def _vectors(isa: str, op: Reduction, graph: Graph, p: MeanParams) -> Lowering | Refusal:
    found = vectors_of(op, graph)
    if isinstance(found, Refusal):
        return found
    vectors, depth = found
    params = Struct(
        "tc_mean_vectors_params",
        (("depth", depth), *_scaling(p, graph.type(op.outputs[0]).q.zero_point)),
    )
    writes = (Result(Units(vectors)),)
    call = Call(f"tc_mean_vectors_s8_{isa}", "mean", (params,), (Argument(0, SameUnit()),), writes=writes)
    return Lowering((call,))


def _scaling(p: MeanParams, out_zp: int) -> tuple[tuple[str, int], ...]:
    return ("bias", p.bias), ("multiplier", p.multiplier), ("shift", p.shift), ("out_zp", out_zp)


def _lowering(symbol: str, op: Reduction, graph: Graph, p: MeanParams, out_zp: int) -> Lowering:
    params = Struct(
        "tc_mean_params",
        (
            *axis_fields(op, graph, "averages"),
            *_scaling(p, out_zp),
        ),
    )
    return Lowering((Call(symbol, "mean", (params,), (Argument(0, Whole()),)),))
