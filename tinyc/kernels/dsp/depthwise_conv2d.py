"""DEPTHWISE_CONV_2D by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp import conv2d
from tinyc.kernels.dsp.fully_connected import unpackable
from tinyc.kernels.dsp.matmul import shift_word, word_constant
from tinyc.kernels.dsp.requant import Channels, Finish, Int64, channels, finish
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: A zero point is added to accumulators: they stay below this.
LIMIT = 1 << 30


def product(op: DepthwiseConv2D, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as one dot product per channel, or why the kernel does not take it."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    if op.multiplier != 1:
        return "more than one output per input channel"
    if x.shape[3] < 4:
        return "fewer than 4 channels"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    taps = w.data.reshape(-1, x.shape[3]).T
    requant = op.requant(graph.types(op.inputs), out)
    return finish(channels(taps, bias, x.quant.zero_point), requant, out, op.act_min, op.act_max, limit=LIMIT)


def refuses(op: DepthwiseConv2D, graph: Graph) -> str | None:
    result = product(op, graph)
    return result if isinstance(result, str) else None


def spread(op: DepthwiseConv2D, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as a convolution, which it is where the input has a single channel."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    if x.shape[3] != 1:
        return "more than one input channel"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    c = channels(w.data.reshape(-1, out.shape[3]).T, bias, x.quant.zero_point)
    result = finish(c, op.requant(graph.types(op.inputs), out), out, op.act_min, op.act_max)
    if isinstance(result, str):
        return result
    return unpackable(result[0]) or conv2d.single(result[0]) or result


def refuses_spread(op: DepthwiseConv2D, graph: Graph) -> str | None:
    result = spread(op, graph)
    return result if isinstance(result, str) else None


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    result = spread(op, graph)
    assert not isinstance(result, str)
    return conv2d.windowed(*result, graph.type(op.inputs[0]), op.window)


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    x, window = graph.type(op.inputs[0]), op.window
    result = product(op, graph)
    assert not isinstance(result, str) and x.quant is not None
    c, f = result
    params = Struct(
        "tc_depthwise_conv2d_dsp_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            *kernel_fields(window),
            ("zero", f.zero),
            ("in_pairs", int(not f.is_signed and _fits_int16(c, f))),
            *f.clamp,
        ),
    )
    padding = Constant("padding", "int8_t", np.full(x.shape[3], x.quant.zero_point, np.int8))
    call = Call(
        "tc_depthwise_conv2d_s8_dsp",
        "depthwise_conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("padding")),
        scratch=4 * window.kernel[0] * window.kernel[1],
        rows=window_rows(window),
    )
    return Lowering((call,), (word_constant("weights", stream(c, f)), padding))


def refuses_3x3(op: DepthwiseConv2D, graph: Graph) -> str | None:
    window = op.window
    if window.kernel != (3, 3):
        return "not 3x3"
    if window.dilation[1] != 1 or window.stride[1] > 2:
        return "columns are dilated, or their stride is above 2"
    if graph.type(op.outputs[0]).shape[2] < 2:
        return "a single pixel in a row"
    return refuses(op, graph)


def lower_3x3(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    x, window = graph.type(op.inputs[0]), op.window
    result = product(op, graph)
    assert not isinstance(result, str) and x.quant is not None
    c, f = result
    stride = window.stride[1]
    params = Struct(
        "tc_depthwise_conv2d_3x3_dsp_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            ("stride_w", stride),
            ("pad_left", window.padding[1]),
            ("zero", f.zero),
            ("is_signed", int(f.is_signed)),
            *f.clamp,
        ),
    )
    padding = Constant("padding", "int8_t", np.full(x.shape[3], x.quant.zero_point, np.int8))
    call = Call(
        "tc_depthwise_conv2d_3x3_s8_dsp",
        "depthwise_conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("padding")),
        scratch=12 * (stride + 3),
        rows=window_rows(window),
    )
    return Lowering((call,), (word_constant("weights", stream_3x3(c, f)), padding))


def stream_3x3(c: Channels, f: Finish) -> Int64:
    """[pairs, 9] words as the kernel's header says."""
    count = c.weights.shape[0]
    first = np.minimum(np.arange(0, count, 2), count - 2)
    at = first[:, None] + np.arange(2)
    w = c.weights[at].reshape(len(at), 2, 3, 3)
    upper = w[:, :, :2].transpose(0, 3, 2, 1).reshape(len(at), 12)
    lower_left = w[:, :, 2, :2].transpose(0, 2, 1).reshape(len(at), 4)
    rest = np.concatenate((f.shifts[at] - 1, w[:, :, 2, 2]), axis=1)
    packed = np.concatenate((upper, lower_left, rest), axis=1).astype(np.int8).view("<i4").astype(np.int64)
    return np.concatenate((c.start[at], packed, 2 * f.multipliers[at]), axis=1)


def stream(c: Channels, f: Finish) -> Int64:
    """[groups, words] as the kernel's header says."""
    count, taps = c.weights.shape
    first = np.arange(0, count - 3, 4)
    if count % 4:
        first = np.append(first, count - 4)
    at = first[:, None] + np.arange(4)
    w = c.weights[at].transpose(0, 2, 1)
    odd = taps % 2
    alone = w[:, :odd].reshape(len(at), -1)
    pairs = w[:, odd:].reshape(len(at), taps // 2, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(len(at), -1)
    weights = np.concatenate((alone, pairs), axis=1).astype(np.int8).view("<i4").astype(np.int64)
    return np.concatenate((c.start[at], weights, 2 * f.multipliers[at], shift_word(f.shifts[at])), axis=1)


def _fits_int16(c: Channels, f: Finish) -> bool:
    """Whether twice the output fits into 16 bits, before the zero point is added, whatever the input."""
    low, high = ((acc * f.multipliers + (1 << 30)) >> (30 + f.shifts) for acc in (c.low, c.high))
    return int(low.min()) >= -(1 << 15) and int(high.max()) < 1 << 15
