"""DEPTHWISE_CONV_2D by a portable kernel."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import activation_fields, bias_constant, requant_constants
from tinyc.kernels.packing.dots import byte_weights
from tinyc.kernels.ref.unsigned import with_zero_point
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    weights, zero_point = byte_weights(op, graph)
    window = op.window
    params = Struct(
        "tc_depthwise_conv2d_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("multiplier", op.multiplier),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            ("multipliers", Ref("multipliers")),
            ("shifts", Ref("shifts")),
        ),
    )
    bias = bias_constant(graph, op.bias)
    constants = (
        Constant("weights", "int8_t", weights),
        *bias,
        *requant_constants(op.requant(graph.types(op), out)),
    )
    call = Call(
        "tc_depthwise_conv2d_s8_ref",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    return Lowering((with_zero_point(call, zero_point),), constants)
