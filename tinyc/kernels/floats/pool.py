"""AVERAGE_POOL_2D and MAX_POOL_2D of float32."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowByRow, RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.floats.constants import limits
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import not_the_whole_image, window_rows
from tinyc.ops.pool import Pool2D

_FOLDER = "pool_f32"


def lower(op: Pool2D, graph: Graph) -> Lowering:
    reads = (Argument(0, window_rows(op.window)),)
    writes = (Result(RowSegment()),)
    return Lowering((Call(f"tc_{op.kind}_f32_ref", _FOLDER, (_params(op, graph),), reads, writes=writes),))


def lower_whole(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    """A window that is the whole image needs one row of it at a time."""
    if reason := not_the_whole_image(op, graph):
        return reason
    reads = (Argument(0, RowByRow(4 * graph.type(op.x).shape[3])),)
    call = Call(f"tc_{op.kind}_rows_f32_ref", _FOLDER, (_params(op, graph),), reads)
    return Lowering((call,), why="one pixel out: what was found is carried from row to row")


def _params(op: Pool2D, graph: Graph) -> Struct:
    x, window = graph.type(op.x), op.window
    fields = (
        ("in_w", x.shape[2]),
        ("channels", x.shape[3]),
        ("kernel_h", window.kernel[0]),
        ("kernel_w", window.kernel[1]),
        ("stride_w", window.stride[1]),
        ("pad_left", window.padding[1]),
        *limits(op.activation),
    )
    return Struct("tc_pool_f32_params", fields)
