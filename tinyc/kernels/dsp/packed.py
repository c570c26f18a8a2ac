"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the SIMD kernels of int8 weights."""

from __future__ import annotations

from functools import partial

from tinyc.kernels.dsp import conv2d, fully_connected
from tinyc.kernels.dsp.matmul import round_up
from tinyc.kernels.packing.levels import Blocks, unpacking
from tinyc.kernels.packing.requant import LIMIT
from tinyc.kernels.packing.vectors import dot_products

#: Bytes of scratch for unpacked weights of convolutions: pixels are widened for each part of the channels again.
ROOM = 3072


def _pairs(outputs: int, depth: int) -> tuple[Blocks, ...]:
    return (Blocks(-(-outputs // 2), 2, round_up(depth, 4) // 2, 3),)


def _fours(outputs: int, depth: int) -> tuple[Blocks, ...]:
    return (Blocks(-(-outputs // 4), 4, round_up(depth, 4), 5),)


lower_1x1 = unpacking(conv2d.lower_1x1, conv2d.dot_products, _pairs, 16, ROOM)
lower = unpacking(conv2d.lower, conv2d.dot_products, _pairs, 16, ROOM)
lower_1x1_single = unpacking(conv2d.lower_1x1_single, conv2d.dot_products, _fours, 16)
lower_vectors = unpacking(fully_connected.lower, partial(dot_products, limit=LIMIT), _fours, 16)
