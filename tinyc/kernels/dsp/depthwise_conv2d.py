"""DEPTHWISE_CONV_2D by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.dsp import conv2d
from tinyc.kernels.dsp.matmul import shift_word
from tinyc.kernels.packing.dots import Channels, dots, padding_constant, single, unpackable, weights_of
from tinyc.kernels.packing.requant import LIMIT as DOTS_LIMIT
from tinyc.kernels.packing.requant import Finish, finish
from tinyc.kernels.packing.words import Int64, byte_words, word_constant
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: A zero point is added to accumulators: they stay below this.
LIMIT = 1 << 30


def dot_products(op: DepthwiseConv2D, graph: Graph) -> tuple[Channels, Finish] | Refusal:
    """The op as one dot product per channel, or why the kernel does not take it."""
    if op.multiplier != 1:
        return Refusal("more than one output per input channel")
    if graph.type(op.x).shape[3] < 4:
        return Refusal("fewer than 4 channels")
    return _finished(op, graph, LIMIT)


def _finished(op: DepthwiseConv2D, graph: Graph, limit: int) -> tuple[Channels, Finish] | Refusal:
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph).reshape(-1, out.shape[3]).T)
    return finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out), limit=limit)


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """As a convolution, which it is where the input has a single channel."""
    if graph.type(op.x).shape[3] != 1:
        return Refusal("more than one input channel")
    found = _finished(op, graph, DOTS_LIMIT)
    if isinstance(found, Refusal):
        return found
    return unpackable(found[0]) or single(found[0]) or conv2d.windowed(op, graph, *found)


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    c, f = found
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
    padding = padding_constant(op, graph, x.shape[3])
    call = Call(
        "tc_depthwise_conv2d_s8_dsp",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=4 * window.kernel[0] * window.kernel[1],
    )
    return Lowering((call,), (word_constant("weights", stream(c, f)), padding))


def lower_3x3(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    if window.kernel != (3, 3):
        return Refusal("not 3x3")
    if window.dilation[1] != 1 or window.stride[1] > 2:
        return Refusal("columns are dilated, or their stride is above 2")
    if graph.type(op.outputs[0]).shape[2] < 2:
        return Refusal("a single pixel in a row")
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    c, f = found
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
    padding = padding_constant(op, graph, x.shape[3])
    call = Call(
        "tc_depthwise_conv2d_3x3_s8_dsp",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=12 * (stride + 3),
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
    packed = byte_words(np.concatenate((upper, lower_left, rest), axis=1))
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
    weights = byte_words(np.concatenate((alone, pairs), axis=1))
    return np.concatenate((c.start[at], weights, 2 * f.multipliers[at], shift_word(f.shifts[at])), axis=1)


def _fits_int16(c: Channels, f: Finish) -> bool:
    """Whether twice the output fits into 16 bits, before the zero point is added, whatever the input."""
    low, high = ((acc * f.multipliers + (1 << 30)) >> (30 + f.shifts) for acc in (c.low, c.high))
    return int(low.min()) >= -(1 << 15) and int(high.max()) < 1 << 15
