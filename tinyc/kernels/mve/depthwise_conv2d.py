"""DEPTHWISE_CONV_2D by Helium kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.mve import conv2d
from tinyc.kernels.mve.matmul import VECTOR, blocks, clamp_fields, finish_words
from tinyc.kernels.mve.requant import VectorFinish, finish
from tinyc.kernels.packing.dots import Channels, dots, padding_constant, unpackable, weights_of
from tinyc.kernels.packing.words import Int64, byte_words, word_constant
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Bytes of scratch that the kernel takes.
SCRATCH = 640
#: Rows that share a 32-bit word; words that share a vector; vectors that the kernel keeps offsets for.
_ROWS, _WORDS, _VECTORS = 4, 4, 4


def dot_products(op: DepthwiseConv2D, graph: Graph) -> tuple[Channels, VectorFinish] | Refusal:
    """The op as one dot product over the kernel per output channel, or why that cannot be."""
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph).reshape(-1, out.shape[3]).T)
    return finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out))


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """A single input channel: an ordinary convolution."""
    x = graph.type(op.x)
    if x.shape[3] != 1:
        return Refusal("more than one input channel")
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return conv2d.windowed(x, graph.type(op.outputs[0]), op.window, *found)


def lower_taps(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    depth, count = x.shape[3], window.kernel[0] * window.kernel[1]
    if op.multiplier != 1:
        return Refusal("more than one output per input channel")
    if depth < VECTOR:
        return Refusal(f"fewer than {VECTOR} channels")
    if window.kernel[1] > 1 and graph.type(op.outputs[0]).shape[2] > 1:
        return Refusal("pixels share columns")
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    c, f = found
    if reason := unpackable(c):
        return reason
    params = Struct(
        "tc_depthwise_taps_mve_params",
        (
            ("in_w", x.shape[2]),
            ("channels", depth),
            *kernel_fields(window),
            ("is_signed", int(f.is_signed)),
            *clamp_fields(f),
        ),
    )
    call = Call(
        "tc_depthwise_conv2d_taps_s8_mve",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=4 * count,
    )
    start = np.minimum(np.arange(0, depth, VECTOR), depth - VECTOR)
    which = start[:, None] + np.arange(VECTOR)
    lanes = which[:, _LANES]
    taps = c.weights[which].transpose(0, 2, 1).reshape(len(which), -1)
    ends = (f.multipliers[lanes], f.offsets[lanes], 24 - f.shifts[lanes])
    words = np.concatenate((c.start[lanes], byte_words(taps), *ends), axis=1)
    padding = padding_constant(op, graph, depth)
    return Lowering((call,), (word_constant("weights", words), padding))


#: The channels of four vectors of 32-bit lanes after widening twice.
_LANES = np.array([0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15])


def _planes(op: DepthwiseConv2D) -> int:
    return -(-op.window.kernel[0] // _ROWS)


def _words(op: DepthwiseConv2D) -> int:
    """32-bit words that hold a kernel."""
    return _planes(op) * op.window.kernel[1]


def lower(op: DepthwiseConv2D, graph: Graph, room: int = SCRATCH) -> Lowering | Refusal:
    """room: bytes of scratch that the kernel takes where more than two pixels fit."""
    x, out, window = graph.type(op.x), graph.type(op.outputs[0]), op.window
    if op.multiplier != 1:
        return Refusal("more than one output per input channel")
    if _words(op) > _WORDS * _VECTORS or window.kernel[0] > _ROWS * _WORDS:
        return Refusal(f"a kernel of {window.kernel[0]}x{window.kernel[1]} is too large")
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    c, f = found
    depth, planes = x.shape[3], _planes(op)
    group = min(depth, VECTOR)
    column = 4 * group * planes
    fit = (room // column - window.extent[1]) // window.stride[1] + 1
    block = min(max(2, fit & ~1), out.shape[2])
    plane = ((block - 1) * window.stride[1] + window.extent[1]) * group
    vectors = -(-_words(op) // _WORDS)
    params = Struct(
        "tc_depthwise_mve_params",
        (
            ("in_w", x.shape[2]),
            ("channels", depth),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("group", group),
            ("block", block),
            ("plane", plane),
            ("vectors", vectors),
            ("block_words", VECTOR * (vectors + 1)),
            ("is_signed", int(f.is_signed)),
            *clamp_fields(f),
        ),
    )
    call = Call(
        "tc_depthwise_conv2d_s8_mve",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("taps"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=4 * plane * planes + (4 * VECTOR if group < VECTOR else 0),
    )
    words = np.concatenate((byte_words(_kernel_bytes(op, c, vectors)), finish_words(c, f)), axis=1)
    padding = padding_constant(op, graph, max(depth, VECTOR))
    weights = word_constant("weights", words)
    return Lowering((call,), (weights, _taps(op, group, plane, vectors), padding))


def _kernel_bytes(op: DepthwiseConv2D, c: Channels, vectors: int) -> Int64:
    """[blocks, 4 * vectors * 16]: a channel's weights in the order in which the kernel gathers its inputs."""
    rows, columns = op.window.kernel
    w = c.weights.reshape(-1, rows, columns)
    w = np.pad(w, ((0, 0), (0, -rows % _ROWS), (0, 0)))
    gathered = w.reshape(len(w), -1, _ROWS, columns).transpose(0, 1, 3, 2).reshape(len(w), -1)
    gathered = np.pad(gathered, ((0, 0), (0, vectors * VECTOR - gathered.shape[1])))
    found = blocks(gathered)
    return found.reshape(len(found), -1)


def _taps(op: DepthwiseConv2D, group: int, plane: int, vectors: int) -> Constant:
    """Bytes from a pixel's first word to each that is gathered; a lone vector's address is advanced before use."""
    at = [
        4 * (p * plane + kx * op.window.dilation[1] * group)
        for p in range(_planes(op))
        for kx in range(op.window.kernel[1])
    ]
    at += [0] * (vectors * _WORDS - len(at))
    first = 4 if vectors == 1 else 0
    return Constant("taps", "uint32_t", (np.array(at, np.int64) - first).astype(np.uint32))
