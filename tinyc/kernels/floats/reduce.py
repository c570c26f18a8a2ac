"""Reductions of float32: of an image to one pixel row by row, and over any axes; ARG_MAX and ARG_MIN."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tinyc.ir import Graph
from tinyc.kernels import arg_max
from tinyc.kernels.access import RowByRow, SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.ref.axes import axis_fields, not_over_an_image, vectors_of
from tinyc.kernels.variant import Refusal, Variant
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.mean import Mean
from tinyc.ops.reduction import Reduction

_FOLDER = "reduce_f32"


def variants(name: str, *, by_rows: bool = True) -> tuple[Variant[Any], ...]:
    """Return the kernels of what the runtime calls sum, prod, max or min. by_rows: whether it has one by rows."""
    every = Variant(f"tc_reduce_{name}_f32_ref", "ref", _over_axes(name))
    rows = Variant(f"tc_reduce_{name}_rows_f32_ref", "ref", _by_rows(name))
    vectors = Variant(f"tc_reduce_{name}_vectors_f32_ref", "ref", _of_vectors(name))
    return (rows, vectors, every) if by_rows else (vectors, every)


def _by_rows(name: str) -> Callable[[Reduction, Graph], Lowering | Refusal]:
    def lower(op: Reduction, graph: Graph) -> Lowering | Refusal:
        if reason := not_over_an_image(op, graph):
            return reason
        height, width, channels = graph.type(op.x).hwc
        fields = (
            ("rows", height),
            ("width", width),
            ("channels", channels),
            ("divisor", _divisor(op, graph)),
        )
        params = Struct("tc_reduce_rows_f32_params", fields)
        reads = (Argument(0, RowByRow(4 * channels)),)
        call = Call(f"tc_reduce_{name}_rows_f32_ref", _FOLDER, (params,), reads)
        return Lowering((call,), why="one pixel out: what was found is carried from row to row")

    return lower


def _of_vectors(name: str) -> Callable[[Reduction, Graph], Lowering | Refusal]:
    def lower(op: Reduction, graph: Graph) -> Lowering | Refusal:
        found = vectors_of(op, graph)
        if isinstance(found, Refusal):
            return found
        vectors, depth = found
        fields = (("depth", depth), ("divisor", _divisor(op, graph)))
        params = Struct("tc_reduce_vectors_f32_params", fields)
        reads, writes = (Argument(0, SameUnit()),), (Result(Units(vectors)),)
        symbol = f"tc_reduce_{name}_vectors_f32_ref"
        return Lowering((Call(symbol, _FOLDER, (params,), reads, writes=writes),))

    return lower


def _over_axes(name: str) -> Callable[[Reduction, Graph], Lowering]:
    def lower(op: Reduction, graph: Graph) -> Lowering:
        fields = (*axis_fields(op, graph, "reduces"), ("divisor", _divisor(op, graph)))
        params = Struct("tc_reduce_f32_params", fields)
        return Lowering((Call(f"tc_reduce_{name}_f32_ref", _FOLDER, (params,), (Argument(0, Whole()),)),))

    return lower


def _divisor(op: Reduction, graph: Graph) -> float:
    return float(op.count(graph.type(op.x))) if isinstance(op, Mean) else 1.0


def lower_arg_max(op: ArgMax, graph: Graph) -> Lowering:
    found = arg_max.lower(op, graph)
    (call,) = found.calls
    return replace(found, calls=(replace(call, symbol=call.symbol.replace("_s8_", "_f32_")),))
