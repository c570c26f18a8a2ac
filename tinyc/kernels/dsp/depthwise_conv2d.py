"""DEPTHWISE_CONV_2D by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Rows, Struct
from tinyc.kernels.dsp import conv2d
from tinyc.kernels.dsp.fully_connected import unpackable
from tinyc.kernels.dsp.matmul import word_constant, words
from tinyc.kernels.dsp.requant import Channels, Finish, Int64, channels, finish
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Accumulators are doubled, and an offset is added to them: they stay below this.
LIMIT = 1 << 29


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
            ("kernel_h", window.kernel[0]),
            ("kernel_w", window.kernel[1]),
            ("stride_w", window.stride[1]),
            ("dilation_w", window.dilation[1]),
            ("pad_left", window.padding[1]),
            ("is_signed", int(f.is_signed)),
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
        rows=Rows(window.kernel[0], window.stride[0], window.padding[0], window.dilation[0]),
    )
    return Lowering((call,), (word_constant("weights", stream(c, f)), padding))


def stream(c: Channels, f: Finish) -> Int64:
    """[groups, words] as the kernel's header says."""
    count, taps = c.weights.shape
    first = np.arange(0, count - 3, 4)
    if count % 4:
        first = np.append(first, count - 4)
    at = first[:, None] + np.arange(4)
    doubled = 2 * c.weights[at]
    parts = [2 * c.start[at]]
    odd = taps % 2
    if odd:
        parts.append(words(doubled[:, :2, 0], doubled[:, 2:, 0]))
    pairs = words(doubled[:, :, odd::2], doubled[:, :, odd + 1 :: 2])
    parts.append(pairs.transpose(0, 2, 1).reshape(len(at), -1))
    m, o, s = f.multipliers[at], f.offsets[at], f.shifts[at]
    shifts = s[:, 0] | (s[:, 1] << 8) | (s[:, 2] << 16) | (s[:, 3] << 24)
    parts += [m[:, :2], o[:, :2], shifts[:, None], m[:, 2:], o[:, 2:]]
    return np.concatenate(parts, axis=1)
