"""AVERAGE_POOL_2D and MAX_POOL_2D of float32."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.floats.constants import limits
from tinyc.kernels.window import window_rows
from tinyc.ops.pool import Pool2D


def lower(op: Pool2D, graph: Graph) -> Lowering:
    x, window = graph.type(op.x), op.window
    params = Struct(
        "tc_pool_f32_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            ("kernel_h", window.kernel[0]),
            ("kernel_w", window.kernel[1]),
            ("stride_w", window.stride[1]),
            ("pad_left", window.padding[1]),
            *limits(op.activation),
        ),
    )
    reads = (Argument(0, window_rows(window)),)
    return Lowering(
        (Call(f"tc_{op.kind}_f32_ref", "pool_f32", (params,), reads, writes=(Result(RowSegment()),)),)
    )
