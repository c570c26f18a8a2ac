"""CONV_2D of ternary weights, by Helium kernels for two pixels and four channels at a time."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.mve import ternary
from tinyc.kernels.mve.matmul import BLOCK, VECTOR, blocks
from tinyc.kernels.mve.ternary import PIXELS, Family, Product
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing import trits
from tinyc.kernels.packing.words import byte_words
from tinyc.kernels.scalar.conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch for unpacked weights at most.
LINE = 2048
#: Instructions that ternary weights may take more, as a share of those of int8 weights: a quarter, but for what the
#: estimate is off by.
MOST = 0.245
#: Vectors of inputs that stay in registers.
HELD = 2


def too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights or pairs of channels take less time. Instructions are those of four channels, as measured."""
    height, width, outputs = graph.type(op.outputs[0]).shape[1:]
    if height == 1 and ternary.is_segmented(op, graph):
        return Refusal("columns that are apart are lined up")
    depth = op.window.kernel[0] * op.window.kernel[1] * graph.type(op.x).shape[3]
    together = max(ternary.room_of_line(op, graph, LINE) // depth // BLOCK, 1)
    if together == 1 < outputs / BLOCK and width % PIXELS == 0:
        return Refusal("weights are unpacked for four channels at a time")
    count = min(together, -(-outputs // BLOCK))
    steps, pairs = depth / VECTOR, -(-width // 2)
    # shared by all channels: the begin of two pixels, a call, and what lines up a pixel's inputs
    begin = 100 / outputs
    shared = 576 / outputs + (0 if ternary.is_in_place(op) else 400 / outputs * width)
    pair, halves = _pair(depth), width / 2 if steps > HELD else pairs
    int8_weights = (pair + begin) * halves + shared
    of_pair = 17 / count - begin + (4 if steps <= HELD else 14 if depth % VECTOR else 6)
    more = _unpacking(depth, count) + pairs * of_pair + (pairs - halves) * (pair + begin)
    return Refusal("too few pixels share unpacked weights") if more > MOST * int8_weights else None


def _pair(depth: int) -> float:
    """Return instructions of two pixels of four channels, with int8 weights."""
    steps = depth / VECTOR
    return 33 + 14.5 * steps if steps > HELD else 23.5 + 13 * steps


def _unpacking(depth: int, count: int) -> float:
    """Return instructions by which weights of four channels are unpacked, of so many times four together."""
    return 12.3 * depth / VECTOR + 90 / count


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return ternary.lower_1x1(op, graph, _BLOCKS)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return ternary.lower(op, graph, _BLOCKS)


def _pack(op: Conv2D, graph: Graph, order: tuple[int, ...], room: int) -> Product | Refusal:
    found = dot_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    c, f = found
    magnitudes = trits.ternary(c.weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    outputs, depth = c.weights.shape
    if depth < VECTOR:
        return Refusal(f"fewer than {VECTOR} taps")
    if BLOCK * depth > room:
        return Refusal(f"unpacked weights of {BLOCK} channels take more than {room} bytes")
    if -outputs % BLOCK > 1:
        return Refusal(f"{outputs} channels make no blocks of {BLOCK}")
    group = min(room // depth // BLOCK * BLOCK, -(-outputs // BLOCK) * BLOCK)
    magnitude, shift = (byte_words(blocks(x)) for x in (magnitudes, -f.shifts))
    words = (magnitude, blocks(c.start), blocks(f.multipliers), shift)
    pace = Pace(2, (), 2 * _unpacking(depth, group // BLOCK) / _pair(depth))
    return ternary.packed(c, f, group, BLOCK, np.concatenate(words, axis=1), pace, VECTOR)


_BLOCKS = Family("tc_conv2d_1x1_ternary_blocks_s8_mve", "tc_conv2d_ternary_blocks_s8_mve", LINE, False, _pack)
