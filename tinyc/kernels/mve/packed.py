"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the Helium kernels of int8 weights."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Lowering
from tinyc.kernels.mve import conv2d, fully_connected
from tinyc.kernels.mve.matmul import BLOCK, VECTOR
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.levels import ROOM, Blocks, packed
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected

#: Pixels of a pointwise convolution that are computed together: TC_PACKED_PIXELS_MVE.
PIXELS = 16
#: Bytes of scratch for pixels: those of a whole row are lined up once, others for each part of the channels.
LINES = 2304


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _packed(conv2d.lower_1x1(op, graph), "tc_conv2d_1x1_packed_s8_mve", found[0], PIXELS)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = conv2d.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return _packed(conv2d.lower(op, graph, LINES), "tc_conv2d_packed_s8_mve", found[0])


def lower_vectors(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    found = fully_connected.dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    once = "_once" if rounds_once(graph.reference) else ""
    symbol = f"tc_fully_connected_packed{once}_s8_mve"
    return _packed(fully_connected.lower(op, graph), symbol, found[0], 0)


def _packed(
    made: Lowering | Refusal, symbol: str, c: Channels, pixels: int | None = None
) -> Lowering | Refusal:
    """pixels: whose bytes are in scratch; None for the kernel's `block`."""
    outputs, depth = c.weights.shape
    parts = (Blocks(-(-outputs // BLOCK), 0, -(-depth // VECTOR) * VECTOR, 16),)

    def more(call: Call, together: int) -> int:
        return BLOCK * together * (call.structs[0].numbers()["block"] if pixels is None else pixels)

    return packed(made, symbol, c.weights, parts, 8, ROOM, more)
