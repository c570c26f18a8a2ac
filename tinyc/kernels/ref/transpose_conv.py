"""TRANSPOSE_CONV by a portable kernel: an output row gathers from the few input rows whose windows touch it."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, RowWindow
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.constants import activation_fields, bias_constant, requant_constants
from tinyc.kernels.packing.dots import byte_weights
from tinyc.kernels.ref.unsigned import with_zero_point
from tinyc.ops.transpose_conv import TransposeConv


def lower(op: TransposeConv, graph: Graph) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    weights, zero_point = byte_weights(op, graph)
    params = Struct(
        "tc_transpose_conv_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("out_c", out.shape[3]),
            *window_fields(op),
            ("in_zp", x.q.zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            ("multipliers", Ref("multipliers")),
            ("shifts", Ref("shifts")),
        ),
    )
    bias = bias_constant(graph, op.bias)
    rows, first = source_rows(op)
    call = Call(
        "tc_transpose_conv_s8_ref",
        "transpose_conv",
        (params,),
        (Argument(0, rows),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    constants = (
        first,
        Constant("weights", "int8_t", weights),
        *bias,
        *requant_constants(op.requant(graph.types(op), out)),
    )
    return Lowering((with_zero_point(call, zero_point),), constants)


def window_fields(op: TransposeConv) -> tuple[tuple[str, Value], ...]:
    """Fields of a parameter struct, in the order of their declaration."""
    window = op.window
    return (
        ("rows", source_rows(op)[0].count),
        ("kernel_h", window.kernel[0]),
        ("kernel_w", window.kernel[1]),
        ("stride_h", window.stride[0]),
        ("stride_w", window.stride[1]),
        ("pad_top", window.padding[0]),
        ("pad_left", window.padding[1]),
    )


def source_rows(op: TransposeConv) -> tuple[RowWindow, Constant]:
    """The input rows under each output row, up to the last whose window begins above it; and their table."""
    stride, top = op.window.stride[0], op.window.padding[0]
    count = -(-op.window.kernel[0] // stride)
    first = tuple((y + top) // stride - count + 1 for y in range(op.size[0]))
    return RowWindow(count, table=first, numbered=True), Constant(
        "first", "int16_t", np.array(first, np.int16)
    )
