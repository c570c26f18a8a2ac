"""CONV_2D and FULLY_CONNECTED of weights of few levels, unpacked for the Helium kernels of int8 weights."""

from __future__ import annotations

from functools import partial

from tinyc.kernels.base import Call
from tinyc.kernels.mve import conv2d, fully_connected
from tinyc.kernels.mve.matmul import BLOCK, VECTOR
from tinyc.kernels.packing.levels import ROOM, Blocks, unpacking

#: Pixels of a pointwise convolution that are computed together: TC_PACKED_PIXELS_MVE.
PIXELS = 16
#: Bytes of scratch for pixels: those of a whole row are lined up once, others for each part of the channels.
LINES = 2304


def _blocks(outputs: int, depth: int) -> tuple[Blocks, ...]:
    return (Blocks(-(-outputs // BLOCK), 0, -(-depth // VECTOR) * VECTOR, 16),)


def _bytes_of_pixels(call: Call, together: int) -> int:
    return BLOCK * together * PIXELS


def _bytes_of_block(call: Call, together: int) -> int:
    return BLOCK * together * call.structs[0].numbers()["block"]


lower_1x1 = unpacking(conv2d.lower_1x1, conv2d.dot_products, _blocks, 8, ROOM, _bytes_of_pixels)
lower = unpacking(partial(conv2d.lower, room=LINES), conv2d.dot_products, _blocks, 8, ROOM, _bytes_of_block)
lower_vectors = unpacking(fully_connected.lower, fully_connected.dot_products, _blocks, 8)
