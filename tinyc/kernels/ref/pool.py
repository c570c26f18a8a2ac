"""AVERAGE_POOL_2D and MAX_POOL_2D by portable kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.window import window_rows
from tinyc.ops.pool import Pool2D


def lower(op: Pool2D, graph: Graph) -> Lowering:
    x = graph.type(op.inputs[0])
    window = op.window
    params = Struct(
        "tc_pool_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            ("kernel_h", window.kernel[0]),
            ("kernel_w", window.kernel[1]),
            ("stride_w", window.stride[1]),
            ("pad_left", window.padding[1]),
            *activation_fields(op.activation, graph.type(op.outputs[0])),
        ),
    )
    rows = window_rows(window)
    call = Call(
        f"tc_{op.kind}_s8_ref", "pool", (params,), (Argument(0, rows),), writes=(Result(RowSegment()),)
    )
    return Lowering((call,))
