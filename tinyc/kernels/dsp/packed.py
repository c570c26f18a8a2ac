"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the SIMD kernels of int8 weights."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.dsp import conv2d, fully_connected
from tinyc.kernels.dsp.matmul import round_up
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.levels import Blocks, packed
from tinyc.kernels.packing.requant import LIMIT
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected

#: Bytes of scratch for unpacked weights of convolutions: pixels are widened for each part of the channels again.
ROOM = 3072


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _pairs(conv2d.lower_1x1(op, graph), "tc_conv2d_1x1_packed_s8_dsp", found[0])


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _pairs(conv2d.lower(op, graph), "tc_conv2d_packed_s8_dsp", found[0])


def lower_1x1_single(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _fours(conv2d.lower_1x1_single(op, graph), "tc_fully_connected_packed_s8_dsp", found[0])


def lower_vectors(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    found = dot_products(op, graph, LIMIT)
    if isinstance(found, Refusal):
        return found
    once = "_once" if rounds_once(graph.reference) else ""
    return _fours(fully_connected.lower(op, graph), f"tc_fully_connected_packed{once}_s8_dsp", found[0])


def _pairs(made: Lowering | Refusal, symbol: str, c: Channels) -> Lowering | Refusal:
    outputs, depth = c.weights.shape
    parts = (Blocks(-(-outputs // 2), 2, round_up(depth, 4) // 2, 3),)
    return packed(made, symbol, c.weights, parts, 16, ROOM)


def _fours(made: Lowering | Refusal, symbol: str, c: Channels) -> Lowering | Refusal:
    outputs, depth = c.weights.shape
    return packed(made, symbol, c.weights, (Blocks(-(-outputs // 4), 4, round_up(depth, 4), 5),), 16)
