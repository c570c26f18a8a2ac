"""FULLY_CONNECTED of ternary weights, by Helium kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, MOST_BITS, balanced
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph, planes=True)
    if isinstance(layer, Refusal):
        return layer
    fives, weights = codes(np.sign(layer.channels.weights))
    params = Struct("tc_fully_connected_ternary_mve_params", (("vector", layer.fields), ("fives", fives)))
    call = layer.call(f"tc_fully_connected_ternary{layer.once}_s8_mve", params)
    return layer.lowering(call, weights)


def in_fives(outputs: int) -> int:
    """Return how many of the outputs have their weights in bytes together with those of others."""
    whole = -(-outputs // FIVE)
    return outputs if 8 * whole <= MOST_BITS * outputs else outputs // FIVE * FIVE


def codes(signs: Int64) -> tuple[int, Constant]:
    """Return the outputs whose weights are in bytes together with those of others, and bytes as mve/ternary.h has them.

    signs: [outputs, depth].
    """
    outputs, depth = signs.shape
    fives = in_fives(outputs)
    together = np.pad(signs[:fives], ((0, -fives % FIVE), (0, 0))).reshape(-1, FIVE, depth)
    run = -(-depth // FIVE)
    starts = np.minimum(run * np.arange(FIVE), depth - run)
    inputs = starts[:, None] + np.arange(run)
    again = inputs < run * np.arange(FIVE)[:, None]
    apart = np.where(again, 0, signs[fives:][:, inputs])
    parts = [balanced(part.transpose(0, 2, 1)).reshape(-1) for part in (together, apart)]
    return fives, Constant("weights", "int8_t", np.concatenate(parts))
