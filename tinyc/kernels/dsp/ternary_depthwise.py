"""DEPTHWISE_CONV_2D of ternary weights: unpacked for the SIMD kernels of int8 weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct, Value
from tinyc.kernels.dsp import depthwise_conv2d as int8
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.trits import GROWTH, MOST_BITS, common, magnitude_array, ternary, trit_words
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.variant import Refusal
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Bytes of scratch within which the weights of several channels are unpacked together.
ROOM = GROWTH - 256
#: Pixels that a row must have for int8 weights not to take less time, where unpacking takes as long as some pixels.
LEAST = 16
PACE = Pace(2, (), 1.6)


def few_pixels(op: DepthwiseConv2D, graph: Graph) -> Refusal | None:
    width = graph.type(op.outputs[0]).shape[2]
    return Refusal(f"{width} pixels share unpacked weights, fewer than {LEAST}") if width < LEAST else None


def lower_3x3(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    made = int8.lower_3x3(op, graph)
    if isinstance(made, Refusal):
        return made
    found = int8.dot_products(op, graph)
    assert not isinstance(found, Refusal)  # the kernel of int8 weights has them
    c, f = found
    count = len(c.weights)
    at = np.minimum(np.arange(0, count, 2), count - 2)[:, None] + np.arange(2)
    signs = np.sign(c.weights)[at].reshape(len(at), 2, 3, 3)
    # [pairs, 4, 4]: words of columns 0 to 2 of rows 0 and 1, then of row 2
    upper = signs[:, :, :2].transpose(0, 3, 2, 1).reshape(len(at), 3, 4)
    lower = signs[:, :, 2, :2].transpose(0, 2, 1).reshape(len(at), 1, 4)
    words = np.concatenate((upper, lower), axis=1)
    lasts = np.pad(signs[:, :, 2, 2].reshape(-1), (0, -2 * len(at) % 4)).reshape(-1, 4)
    fours = [
        part
        for unit, last in enumerate(lasts)
        for part in (words[2 * unit], last[None], *words[2 * unit + 1 : 2 * unit + 2])
    ]
    return _with_words(
        op, graph, made, c.weights, f, c.start, at, np.concatenate(fours), 36, "depthwise_3x3_ternary", 2
    )


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    made = int8.lower(op, graph)
    if isinstance(made, Refusal):
        return made
    found = int8.dot_products(op, graph)
    assert not isinstance(found, Refusal)  # the kernel of int8 weights has them
    c, f = found
    count, taps = c.weights.shape
    at = np.minimum(np.arange(0, count, 4), count - 4)[:, None] + np.arange(4)
    signs = np.sign(c.weights)[at].transpose(0, 2, 1)
    odd = taps % 2
    pairs = signs[:, odd:].reshape(len(at), taps // 2, 2, 2, 2).transpose(0, 1, 3, 2, 4)
    fours = np.concatenate((signs[:, :odd], pairs.reshape(len(at), -1, 4)), axis=1).reshape(-1, 4)
    words = 4 * (9 + taps)
    return _with_words(op, graph, made, c.weights, f, c.start, at, fours, words, "depthwise_ternary", 1)


def _with_words(
    op: DepthwiseConv2D, graph: Graph, made: Lowering, weights: Int64, f: Finish, start: Int64, at: Int64,
    fours: Int64, block: int, name: str, step: int,
) -> Lowering | Refusal:  # fmt: skip
    """Return the lowering with packed weights.

    at: [blocks, channels]; fours: words of weights in the kernel's order; block: bytes of an unpacked one; name: of the
    parameters' struct; step: blocks of a group are a multiple of.
    """
    magnitudes = ternary(weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    codes, first = trit_words(fours)
    bits = 8 * len(codes) / weights.size
    if at.size > len(weights) and bits > MOST_BITS:
        return Refusal(f"{bits:.2f} bits for a weight, as some channels are there twice")
    array, array_of_call = magnitude_array(magnitudes[at].reshape(-1), 4)
    constants = (
        Constant("weights", "uint8_t", codes),
        word_constant("channels", np.concatenate((start[at], 2 * f.multipliers[at]), axis=1)),
        Constant("shifts", "uint8_t", (f.shifts[at] - 1).astype(np.uint8)),
        *array,
        *(c for c in made.constants if c.name == "padding"),
    )
    (call,) = made.calls
    (layer,) = call.structs
    group = max(step, min(len(at), ROOM // block // step * step))
    fields: tuple[tuple[str, Value], ...] = (
        ("layer", layer.numbers()),
        ("group", group),
        ("magnitude", common(magnitudes)),
        ("first", first),
    )
    packed = replace(
        call,
        symbol=call.symbol.replace("_s8_", "_ternary_s8_"),
        folder="ternary",
        structs=(Struct(f"tc_{name}_dsp_params", fields),),
        constants=(
            Ref("weights"),
            Ref("channels"),
            Ref("shifts"),
            array_of_call,
            Ref("padding"),
        ),
        scratch=call.scratch + min(group, len(at)) * block,
        pace=PACE,
    )
    return Lowering((packed,), constants, weight_bits=bits)
