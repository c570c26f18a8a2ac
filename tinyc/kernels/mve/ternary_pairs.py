"""CONV_2D of ternary weights, by Helium kernels for four pixels and two channels at a time."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.mve import ternary
from tinyc.kernels.mve.matmul import VECTOR
from tinyc.kernels.mve.ternary import PIXELS, Family, Product
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import FIVE, MOST_BITS, trits
from tinyc.kernels.scalar.conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Instructions that ternary weights may take in place of one that int8 weights do, by an estimate somewhat high.
MOST = 1.3
#: Instructions by which the inputs of four pixels are lined up for two channels, about.
GATHERED = 60


def few_pixels(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take much less time."""
    height, columns = op.window.kernel
    steps = -(-height * columns * graph.type(op.x).shape[3] // VECTOR)
    width = graph.type(op.outputs[0]).shape[2]
    gathered = GATHERED if height * columns > 1 else 0
    pairs = _unpacking(steps) + -(-width // PIXELS) * (_four(steps) + gathered)
    if pairs > MOST * width / PIXELS * (_four(steps) + gathered - 1):
        return Refusal("too few pixels share unpacked weights")
    return None


def _unpacking(steps: int) -> int:
    """Return instructions by which weights of two channels of so many vectors are unpacked."""
    return 8 * steps + 50


def _four(steps: int) -> int:
    """Return those for their products with four pixels, and the bytes."""
    return 14 * steps + 46


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    out = graph.type(op.outputs[0]).shape
    return _too_narrow(out[1] * out[2]) or ternary.lower_1x1(op, graph, _PAIRS)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return _too_narrow(graph.type(op.outputs[0]).shape[2]) or ternary.lower(op, graph, _PAIRS)


def _too_narrow(pixels: int) -> Refusal | None:
    return Refusal(f"fewer than {PIXELS} pixels") if pixels < PIXELS else None


def _pack(op: Conv2D, graph: Graph, order: tuple[int, ...], room: int) -> Product | Refusal:
    found = dot_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    c, f = found
    packed = trits(c.weights)
    if isinstance(packed, Refusal):
        return packed
    outputs, depth = c.weights.shape
    if depth < VECTOR:
        return Refusal(f"fewer than {VECTOR} taps")
    least = next(n for n in range(2, 12, 2) if n == 10 or 8 * -(-n * depth // FIVE) <= MOST_BITS * n * depth)
    group = min(max(least, room // depth // least * least), outputs + outputs % 2)
    last = 256 * packed.magnitudes | (-f.shifts & 0xFF)
    words = np.stack((c.start, f.multipliers, last), axis=1)
    steps = -(-depth // VECTOR)
    pace = Pace(PIXELS, (), PIXELS * _unpacking(steps) / _four(steps))
    return ternary.packed(c, f, group, 2, np.pad(words, ((0, outputs % 2), (0, 0))), pace)


_PAIRS = Family("tc_conv2d_1x1_ternary_s8_mve", "tc_conv2d_ternary_s8_mve", 1280, True, _pack)
