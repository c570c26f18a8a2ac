"""REDUCE_MAX and REDUCE_MIN by portable kernels: of an image to one pixel row by row, and over any axes."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowByRow, Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.ref.axes import axis_fields, not_over_an_image
from tinyc.kernels.variant import Refusal
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin

#: The C name of each op.
_NAMES = {ReduceMax.kind: "max", ReduceMin.kind: "min"}


def lower_rows(op: ReduceMax | ReduceMin, graph: Graph) -> Lowering | Refusal:
    if reason := not_over_an_image(op, graph):
        return reason
    height, width, channels = graph.type(op.inputs[0]).hwc
    params = Struct("tc_max_rows_params", (("rows", height), ("width", width), ("channels", channels)))
    call = Call(f"tc_{_NAMES[op.kind]}_rows_s8_ref", "max", (params,), (Argument(0, RowByRow(channels)),))
    return Lowering((call,), why="one pixel out: extremes are carried from row to row")


def lower(op: ReduceMax | ReduceMin, graph: Graph) -> Lowering:
    params = Struct("tc_max_params", axis_fields(op, graph, "extremes"))
    return Lowering((Call(f"tc_{_NAMES[op.kind]}_s8_ref", "max", (params,), (Argument(0, Whole()),)),))
