"""CONV_2D of ternary weights, by Helium kernels for two pixels and four channels at a time."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.mve import ternary, ternary_times
from tinyc.kernels.mve.matmul import BLOCK, VECTOR, blocks
from tinyc.kernels.mve.ternary import PIXELS, Family, Product
from tinyc.kernels.mve.ternary_times import BLOCKS_LINE as LINE
from tinyc.kernels.mve.ternary_times import pair_of_int8, unpacking_of_blocks
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing import trits
from tinyc.kernels.packing.words import byte_words
from tinyc.kernels.scalar.conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D


def too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights or pairs of channels take less time."""
    height, width, outputs = graph.type(op.outputs[0]).shape[1:]
    if height == 1 and ternary.is_segmented(op, graph):
        return Refusal("columns that are apart are lined up")
    depth = op.window.kernel[0] * op.window.kernel[1] * graph.type(op.x).shape[3]
    together = max(ternary.room_of_line(op, graph, LINE) // depth // BLOCK, 1)
    if together == 1 < outputs / BLOCK and width % PIXELS == 0:
        return Refusal("weights are unpacked for four channels at a time")
    return ternary_times.too_slow(op, graph, ternary_times.blocks)


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
    pace = Pace(2, (), 2 * unpacking_of_blocks(depth, group // BLOCK) / pair_of_int8(depth / VECTOR))
    return ternary.packed(c, f, group, BLOCK, np.concatenate(words, axis=1), pace, VECTOR)


_BLOCKS = Family("tc_conv2d_1x1_ternary_blocks_s8_mve", "tc_conv2d_ternary_blocks_s8_mve", LINE, False, _pack)
