"""RESIZE_NEAREST_NEIGHBOR in C: the reference's arithmetic is done at compile time, the kernel copies."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Rows, Struct
from tinyc.ops.resize_nearest import ResizeNearest


def lower(op: ResizeNearest, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    del isas
    _, height, width, channels = graph.type(op.inputs[0]).shape
    rows, columns = op.sources(height, op.size[0]), op.sources(width, op.size[1])
    call = Call(
        "tc_resize_nearest_s8_ref",
        "resize",
        Form.WINDOW,
        (Struct("tc_resize_params", (("channels", channels), ("kernel_h", 1))),),
        (Operand(0),),
        (Ref("columns"),),
        rows=Rows(1, table=rows),
    )
    return Lowering(
        (call,),
        (
            Constant("first", "int16_t", np.array(rows, np.int16)),
            Constant("columns", "uint16_t", np.array(columns, np.uint16)),
        ),
    )
