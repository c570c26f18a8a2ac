"""CONV_2D of ternary weights, by Helium kernels for four pixels and two channels at a time."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.mve import ternary, ternary_times
from tinyc.kernels.mve.matmul import VECTOR
from tinyc.kernels.mve.ternary import PIXELS, Family, Product
from tinyc.kernels.mve.ternary_times import PAIRS_LINE as LINE
from tinyc.kernels.mve.ternary_times import four_of_pairs, unpacking_of_pairs
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import FIVE, MOST_BITS
from tinyc.kernels.scalar.conv2d import ternary_products
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D


def too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time."""
    return ternary_times.too_slow(op, graph, ternary_times.pairs)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    out = graph.type(op.outputs[0]).shape
    return _too_narrow(out[1] * out[2]) or ternary.lower_1x1(op, graph, _PAIRS)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    return _too_narrow(graph.type(op.outputs[0]).shape[2]) or ternary.lower(op, graph, _PAIRS)


def _too_narrow(pixels: int) -> Refusal | None:
    return Refusal(f"fewer than {PIXELS} pixels") if pixels < PIXELS else None


def _pack(op: Conv2D, graph: Graph, order: tuple[int, ...], room: int) -> Product | Refusal:
    found = ternary_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    c, f, packed = found
    outputs, depth = c.weights.shape
    if depth < VECTOR:
        return Refusal(f"fewer than {VECTOR} taps")
    least = next(n for n in range(2, 12, 2) if n == 10 or 8 * -(-n * depth // FIVE) <= MOST_BITS * n * depth)
    group = min(max(least, room // depth // least * least), outputs + outputs % 2)
    last = 256 * packed.magnitudes | (-f.shifts & 0xFF)
    words = np.stack((c.start, f.multipliers, last), axis=1)
    steps = -(-depth // VECTOR)
    pace = Pace(PIXELS, (), PIXELS * unpacking_of_pairs(steps) / four_of_pairs(steps))
    return ternary.packed(c, f, group, 2, np.pad(words, ((0, outputs % 2), (0, 0))), pace)


_PAIRS = Family("tc_conv2d_1x1_ternary_s8_mve", "tc_conv2d_ternary_s8_mve", LINE, True, _pack)
