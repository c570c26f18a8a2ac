"""RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR in C: where each output pixel comes from is worked out here."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, RowWindow
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.numerics.resize import ONE
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest


def lower_nearest(op: ResizeNearest, graph: Graph) -> Lowering:
    _, height, width, channels = graph.type(op.inputs[0]).shape
    rows, columns = op.sources(height, op.size[0]), op.sources(width, op.size[1])
    call = Call(
        "tc_resize_nearest_s8_ref",
        "resize",
        (Struct("tc_resize_params", (("channels", channels), ("kernel_h", 1))),),
        (Argument(0, RowWindow(1, table=rows)),),
        (Ref("columns"),),
        (Result(RowSegment()),),
    )
    return Lowering(
        (call,),
        (
            Constant("first", "int16_t", np.array(rows, np.int16)),
            Constant("columns", "uint16_t", np.array(columns, np.uint16)),
        ),
    )


def lower_bilinear(op: ResizeBilinear, graph: Graph) -> Lowering:
    """A row that is taken alone comes last, after one that is past: the kernel need not wait for the next."""
    _, height, width, channels = graph.type(op.inputs[0]).shape
    rows, columns = op.taps(height, op.size[0]), op.taps(width, op.size[1])
    count = 2 if any(t.weight for t in rows) else 1
    first = tuple(t.last - count + 1 for t in rows)
    call = Call(
        "tc_resize_bilinear_s8_ref",
        "resize",
        (Struct("tc_resize_params", (("channels", channels), ("kernel_h", count))),),
        (Argument(0, RowWindow(count, table=first, numbered=True)),),
        (Ref("row_weights"), Ref("columns"), Ref("column_weights")),
        (Result(RowSegment()),),
    )
    return Lowering(
        (call,),
        (
            Constant("first", "int16_t", np.array(first, np.int16)),
            Constant("row_weights", "uint16_t", np.array([t.weight or ONE for t in rows], np.uint16)),
            Constant("columns", "uint16_t", np.array([t.first for t in columns], np.uint16)),
            Constant("column_weights", "uint16_t", np.array([t.weight for t in columns], np.uint16)),
        ),
    )
