"""TRANSPOSE_CONV in C: an output row gathers from the few input rows whose windows touch it."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Rows, Struct
from tinyc.kernels.constants import bias_constant, requant_constants
from tinyc.ops.transpose_conv import TransposeConv


def lower(op: TransposeConv, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    del isas
    x, weights, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and out.quant is not None and weights.data is not None
    (kernel_h, kernel_w), (stride_h, stride_w), (top, left, _, _) = (
        op.window.kernel,
        op.window.stride,
        op.window.padding,
    )
    count = -(-kernel_h // stride_h)
    rows = tuple((y + top) // stride_h - count + 1 for y in range(op.size[0]))
    params = Struct(
        "tc_transpose_conv_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("out_c", out.shape[3]),
            ("rows", count),
            ("kernel_h", kernel_h),
            ("kernel_w", kernel_w),
            ("stride_h", stride_h),
            ("stride_w", stride_w),
            ("pad_top", top),
            ("pad_left", left),
            ("in_zp", x.quant.zero_point),
            ("out_zp", out.quant.zero_point),
            ("act_min", op.act_min),
            ("act_max", op.act_max),
            ("multipliers", Ref("multipliers")),
            ("shifts", Ref("shifts")),
        ),
    )
    bias = bias_constant(graph, op.inputs[2])
    call = Call(
        "tc_transpose_conv_s8_ref",
        "transpose_conv",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("bias") if bias else None),
        rows=Rows(count, table=rows),
        takes_row=True,
    )
    constants = (
        Constant("first", "int16_t", np.array(rows, np.int16)),
        Constant("weights", "int8_t", weights.data),
        *bias,
        *requant_constants(op.requant(graph.types(op.inputs), out)),
    )
    return Lowering((call,), constants)
