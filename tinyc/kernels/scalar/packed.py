"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the portable kernels of int8 weights."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.levels import Blocks, packed
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.ref.conv2d import grouped
from tinyc.kernels.scalar import conv2d, fully_connected
from tinyc.kernels.scalar.matmul import LIMIT
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected

#: Bytes of scratch for columns: those of a whole row are lined up once, others for each part of the channels.
COLUMNS = 2048


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _packed(conv2d.lower_1x1(op, graph), "tc_conv2d_1x1_packed_s8_scalar", found[0])


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    made = grouped(op, graph) or conv2d.lower(op, graph, COLUMNS)
    return _packed(made, "tc_conv2d_packed_s8_scalar", found[0])


def lower_vectors(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    found = dot_products(op, graph, LIMIT)
    if isinstance(found, Refusal):
        return found
    once = "_once" if rounds_once(graph.reference) else ""
    symbol = f"tc_fully_connected_packed{once}_s8_scalar"
    return _packed(fully_connected.lower(op, graph), symbol, found[0])


def _packed(made: Lowering | Refusal, symbol: str, c: Channels) -> Lowering | Refusal:
    outputs, depth = c.weights.shape
    parts = Blocks(outputs // 4, 4, depth, 5), Blocks(outputs % 4, 1, -(-depth // 4), 2)
    return packed(made, symbol, c.weights, parts, 8)
