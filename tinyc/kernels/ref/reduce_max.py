"""REDUCE_MAX and REDUCE_MIN by portable kernels: of an image to one pixel row by row, and over any axes."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowByRow, Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.ref.axes import axis_fields, not_over_an_image
from tinyc.kernels.variant import Refusal
from tinyc.ops.reduce_extreme import ReduceExtreme


def lower_rows(op: ReduceExtreme, graph: Graph) -> Lowering | Refusal:
    if reason := not_over_an_image(op, graph):
        return reason
    height, width, channels = graph.type(op.x).hwc
    params = Struct("tc_max_rows_params", (("rows", height), ("width", width), ("channels", channels)))
    call = Call(f"tc_{_name(op)}_rows_s8_ref", "max", (params,), (Argument(0, RowByRow(channels)),))
    return Lowering((call,), why="one pixel out: extremes are carried from row to row")


def lower(op: ReduceExtreme, graph: Graph) -> Lowering:
    params = Struct("tc_max_params", axis_fields(op, graph, "extremes"))
    return Lowering((Call(f"tc_{_name(op)}_s8_ref", "max", (params,), (Argument(0, Whole()),)),))


def _name(op: ReduceExtreme) -> str:
    """The C name of what is looked for: max or min."""
    return op.kind.removeprefix("reduce_")
