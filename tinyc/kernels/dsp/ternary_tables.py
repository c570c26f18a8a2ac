"""CONV_2D of ternary weights by tables that channels share, beside SIMD kernels: for few pixels and many channels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.dsp import ternary
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.dots import weights_of
from tinyc.kernels.packing.trits import GROWTH
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar import ternary_tables
from tinyc.kernels.scalar.ternary import MORE as EIGHTS
from tinyc.kernels.scalar.ternary import few_pixels
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch beyond that of int8 weights, beside 224 more of stack.
MORE = GROWTH - 224
#: Instructions of int8 weights, as measured: of a pixel for a channel and a tap, and for a channel. They compute two.
MAC, BYTE = 0.78, 12.0


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    lines = graph.type(op.x).shape[3] % 4 != 0
    return ternary_tables.lower(op, graph, ternary_tables.DSP, room=_room(op, graph, 2 + lines))


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return ternary_tables.lower_1x1(op, graph, ternary_tables.DSP, room=_room(op, graph, 2))


def too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why other kernels take less time, by rows."""
    if not not_pointwise(op, graph):
        return Refusal("a pointwise kernel takes its pixels together")
    return _too_slow(
        lower(op, graph), ternary.lower(op, graph), op, graph, graph.type(op.outputs[0]).shape[2]
    )


def too_slow_1x1(op: Conv2D, graph: Graph) -> Refusal | None:
    """The same of pointwise ones, which compute rows one by one where an image is streamed."""
    _, height, width, _ = graph.type(op.outputs[0]).shape
    pixels = width if width > 1 else height
    return ternary.one_pixel(op, graph) or _too_slow(
        lower_1x1(op, graph), ternary.lower_1x1(op, graph), op, graph, pixels
    )


def _room(op: Conv2D, graph: Graph, tap: int) -> int:
    """tap: bytes that int8 weights take for a tap of a pixel."""
    return 2 * tap * _taps(op, graph) + MORE


def _too_slow(
    own: Lowering | Refusal, other: Lowering | Refusal, op: Conv2D, graph: Graph, pixels: int
) -> Refusal | None:
    """pixels: of a call."""
    if isinstance(own, Refusal):
        return own
    if isinstance(other, Refusal):
        weights = weights_of(op, graph)
        signs = np.sign(weights.reshape(len(weights), -1).astype(np.int64))
        int8 = Pace(2, each=len(signs) * (MAC * signs.shape[1] + BYTE))
        time = int8.instructions(pixels)
        if not few_pixels(op, graph, EIGHTS):
            time = min(time, ternary_tables.THUMB2_EIGHTS.instructions(signs, pixels))
    else:
        time = other.pace.instructions(pixels, other.columns)
    return (
        Refusal(f"{pixels} pixels take less time by SIMD") if time < own.pace.instructions(pixels) else None
    )


def _taps(op: Conv2D, graph: Graph) -> int:
    height, width = op.window.kernel
    return height * width * graph.type(op.x).shape[3]
