"""CONV_2D and DEPTHWISE_CONV_2D of float32."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Activation, Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.floats.constants import (
    Float32,
    data_of,
    float_bias,
    float_constant,
    in_fours,
    limits,
)
from tinyc.kernels.floats.fully_connected import params_of
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.window import Window


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    """One dot product per pixel and output channel is what FULLY_CONNECTED computes."""
    if not op.window.is_pointwise:
        return Refusal("not a 1x1 kernel with stride 1")
    if op.groups(graph.types(op)) > 1:
        return Refusal("more than one group")
    weights = data_of(graph, op.weights)
    weights = weights.reshape(len(weights), -1)
    bias = float_bias(graph, op.bias)
    call = Call(
        "tc_fully_connected_f32_ref",
        "fully_connected_f32",
        (params_of(*weights.shape[::-1], op.activation),),
        (Argument(0, SameUnit()),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(Units(graph.type(op.x).elements // weights.shape[1])),),
    )
    return Lowering((call,), (float_constant("weights", in_fours(weights)), *bias))


def lower(op: Conv2D, graph: Graph) -> Lowering:
    return _windowed(op, graph, data_of(graph, op.weights), op.window, op.activation)


def lower_depthwise(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """Each output channel reads its own input channel."""
    if op.multiplier != 1:
        return Refusal("several output channels read one")
    x, window = graph.type(op.x), op.window
    params = Struct(
        "tc_depthwise_conv2d_f32_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            *kernel_fields(window),
            *limits(op.activation),
        ),
    )
    bias = float_bias(graph, op.bias)
    call = Call(
        "tc_depthwise_conv2d_f32_ref",
        "depthwise_conv2d_f32",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    return Lowering((call,), (float_constant("weights", data_of(graph, op.weights)), *bias))


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    """Several output channels of each input channel: a convolution of as many groups."""
    data = data_of(graph, op.weights)
    return _windowed(op, graph, data.transpose(3, 1, 2, 0), op.window, op.activation)


def _windowed(
    op: Conv2D | DepthwiseConv2D, graph: Graph, weights: Float32, window: Window, activation: Activation
) -> Lowering:
    """weights: [O, KH, KW, channels of a group]."""
    x = graph.type(op.x)
    params = Struct(
        "tc_conv2d_f32_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("group_c", weights.shape[3]),
            ("out_c", len(weights)),
            *kernel_fields(window),
            *limits(activation),
        ),
    )
    groups = x.shape[3] // weights.shape[3]
    each = weights.reshape(groups, len(weights) // groups, -1)
    packed = np.concatenate([in_fours(group) for group in each])
    bias = float_bias(graph, op.bias)
    call = Call(
        "tc_conv2d_f32_ref",
        "conv2d_f32",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    return Lowering((call,), (float_constant("weights", packed), *bias))
