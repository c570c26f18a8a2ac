"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the portable kernels of int8 weights."""

from __future__ import annotations

from functools import partial

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.packing.levels import Blocks, unpacking
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.ref.conv2d import grouped
from tinyc.kernels.scalar import conv2d, fully_connected
from tinyc.kernels.scalar.matmul import LIMIT
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch for columns: those of a whole row are lined up once, others for each part of the channels.
COLUMNS = 2048


def _blocks(outputs: int, depth: int) -> tuple[Blocks, ...]:
    return Blocks(outputs // 4, 4, depth, 5), Blocks(outputs % 4, 1, -(-depth // 4), 2)


def _windowed(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return grouped(op, graph) or conv2d.lower(op, graph, COLUMNS)


lower_1x1 = unpacking(conv2d.lower_1x1, conv2d.dot_products, _blocks, 8)
lower = unpacking(_windowed, conv2d.dot_products, _blocks, 8)
lower_vectors = unpacking(fully_connected.lower, partial(dot_products, limit=LIMIT), _blocks, 8)
