"""CONV_2D and DEPTHWISE_CONV_2D of float32."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Lowering
from tinyc.kernels.floats.constants import Float32, data_of, in_fours, limits
from tinyc.kernels.floats.weighted import weighted
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    """One dot product per pixel and output channel is what FULLY_CONNECTED computes."""
    if reason := not_pointwise(op, graph):
        return reason
    weights = data_of(graph, op.weights)
    weights = weights.reshape(len(weights), -1)
    outs, depth = weights.shape
    fields = (("in_n", depth), ("out_n", outs), *limits(op.activation))
    units = Units(graph.type(op.x).elements // depth)
    return weighted(op, graph, "fully_connected_f32", fields, SameUnit(), units, in_fours(weights))


def lower(op: Conv2D, graph: Graph) -> Lowering:
    return _windowed(op, graph, data_of(graph, op.weights))


def lower_depthwise(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """Each output channel reads its own input channel."""
    if op.multiplier != 1:
        return Refusal("several output channels read one")
    x, rows = graph.type(op.x), window_rows(op.window)
    fields = (
        ("in_w", x.shape[2]),
        ("channels", x.shape[3]),
        *kernel_fields(op.window),
        *limits(op.activation),
    )
    weights = data_of(graph, op.weights)
    return weighted(op, graph, "depthwise_conv2d_f32", fields, rows, RowSegment(), weights)


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    """Several output channels of each input channel: a convolution of as many groups."""
    return _windowed(op, graph, data_of(graph, op.weights).transpose(3, 1, 2, 0))


def _windowed(op: Conv2D | DepthwiseConv2D, graph: Graph, weights: Float32) -> Lowering:
    """weights: [O, KH, KW, channels of a group]."""
    x, rows = graph.type(op.x), window_rows(op.window)
    fields = (
        ("in_w", x.shape[2]),
        ("in_c", x.shape[3]),
        ("group_c", weights.shape[3]),
        ("out_c", len(weights)),
        *kernel_fields(op.window),
        *limits(op.activation),
    )
    groups = x.shape[3] // weights.shape[3]
    each = weights.reshape(groups, len(weights) // groups, -1)
    packed = np.concatenate([in_fours(group) for group in each])
    return weighted(op, graph, "conv2d_f32", fields, rows, RowSegment(), packed)
