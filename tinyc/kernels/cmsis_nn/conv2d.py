"""CONV_2D and DEPTHWISE_CONV_2D by CMSIS-NN. Scratch is what its `…_get_buffer_size` functions ask for."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Array, Graph
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.cmsis_nn import FOLDER, LEAST
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.packing.dots import byte_weights
from tinyc.kernels.ref.conv2d import grouped
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

_MVE_CHANNELS = 124
"""Channels that its depthwise kernel for Helium takes at once."""


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return _conv2d(op, graph, 4)


def lower_mve(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return _conv2d(op, graph, 16)


def _conv2d(op: Conv2D, graph: Graph, multiple: int) -> Lowering | Refusal:
    """multiple: what it rounds the inputs of an output up to."""
    if reason := grouped(op, graph):
        return reason
    if op.window.kernel == (1, 1) and any(op.window.padding):
        return Refusal("a 1x1 kernel with padding")
    return _whole(op, graph, "tc_conv2d_s8_cmsis", 1, 4 * _columns(op, graph, multiple))


def _columns(op: Conv2D, graph: Graph, multiple: int) -> int:
    """Inputs of an output, rounded up, where they are gathered in scratch; else 0."""
    window = op.window
    if window.kernel == window.dilation == (1, 1):
        return 0
    return -(-window.kernel[0] * window.kernel[1] * graph.type(op.x).shape[3] // multiple) * multiple


def lower_depthwise(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    channels = graph.type(op.x).shape[3]
    taps = op.window.kernel[0] * op.window.kernel[1]
    small = op.window.kernel == (3, 3) and max(op.window.padding[:2]) <= 1
    scratch = 2 * taps * channels if _is_optimised(op) and not small else 0
    return _whole(op, graph, "tc_depthwise_conv2d_s8_cmsis", op.multiplier, scratch)


def lower_depthwise_mve(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    if graph.type(op.x).shape[3] == 1:
        return Refusal("one input channel: CMSIS-NN makes another convolution of it, with scratch of its own")
    taps = op.window.kernel[0] * op.window.kernel[1]
    scratch = 4 * _MVE_CHANNELS * taps if _is_optimised(op) else 0
    return _whole(op, graph, "tc_depthwise_conv2d_s8_cmsis", op.multiplier, scratch)


def _is_optimised(op: DepthwiseConv2D) -> bool:
    return op.multiplier == 1 and op.window.dilation == (1, 1)


def _whole(
    op: Conv2D | DepthwiseConv2D, graph: Graph, symbol: str, multiplier: int, scratch: int
) -> Lowering | Refusal:
    if max(op.requant(graph.types(op), graph.type(op.outputs[0])).shifts) > 0:
        return Refusal("a scale above 1: the left shift may overflow otherwise than the reference's")
    weights, zero_point = byte_weights(op, graph)
    if zero_point:
        return Refusal("weights with a zero point")
    structs, constants, refs = _parts(op, graph, multiplier, weights)
    call = Call(
        symbol,
        FOLDER,
        structs,
        (Argument(0, Whole()),),
        refs,
        (Result(Whole()),),
        scratch=max(scratch, LEAST),
    )
    return Lowering((call,), constants)


def _parts(
    op: Conv2D | DepthwiseConv2D, graph: Graph, multiplier: int, weights: Array
) -> tuple[tuple[Struct, ...], tuple[Constant, ...], tuple[Ref, ...]]:
    """Parameters, constants and their order among the arguments."""
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    window, requant = op.window, op.requant(graph.types(op), out)
    fields: tuple[tuple[str, Value], ...] = (
        ("in_h", x.shape[1]), ("in_w", x.shape[2]), ("in_c", x.shape[3]),
        ("out_h", out.shape[1]), ("out_w", out.shape[2]), ("out_c", out.shape[3]),
        ("kernel_h", window.kernel[0]), ("kernel_w", window.kernel[1]),
        ("stride_h", window.stride[0]), ("stride_w", window.stride[1]),
        ("dilation_h", window.dilation[0]), ("dilation_w", window.dilation[1]),
        ("pad_top", window.padding[0]), ("pad_left", window.padding[1]),
        ("multiplier", multiplier),
        ("in_zp", x.q.zero_point), ("out_zp", out.q.zero_point),
        *activation_fields(op.activation, out),
        ("multipliers", Ref("multipliers")), ("shifts", Ref("shifts")),
    )  # fmt: skip
    bias = graph.tensors[op.bias].data if op.bias else None
    constants = (
        Constant("weights", "int8_t", weights),
        Constant("bias", "int32_t", np.zeros(out.shape[3], np.int32) if bias is None else bias),
        Constant("multipliers", "int32_t", np.array(requant.multipliers, np.int32)),
        Constant("shifts", "int32_t", np.array(requant.shifts, np.int32)),
    )
    return (Struct("tc_cmsis_conv_params", fields),), constants, (Ref("weights"), Ref("bias"))
