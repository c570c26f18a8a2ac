"""FULLY_CONNECTED of ternary weights, by Helium kernels."""

from __future__ import annotations

from math import ceil

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, MOST_BITS, balanced
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Of one, two and three outputs, and each of their codes: the output and the run of inputs of each digit.
_PLACES = (
    (tuple((0, run) for run in range(FIVE)),),
    (((0, 2), (0, 3), (0, 4), (0, 0), (1, 0)), ((1, 2), (1, 3), (1, 4), (0, 1), (1, 1))),
    (
        ((0, 3), (1, 3), (0, 0), (1, 0), (2, 0)),
        ((0, 4), (1, 4), (0, 1), (1, 1), (2, 1)),
        ((2, 3), (2, 4), (0, 2), (1, 2), (2, 2)),
    ),
)
#: Outputs whose sums are made bytes together: TC_TERNARY_BLOCK_MVE.
_BLOCK = 40
#: Of one to four outputs behind the fives, instructions at once and for each 80 inputs.
_APART = ((26, 20), (30, 32), (32, 42), (50, 62))
#: Instructions that ternary weights may take in place of one that int8 weights do.
MOST = 1.25


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph, planes=True)
    if isinstance(layer, Refusal):
        return layer
    outputs, depth = layer.channels.weights.shape
    fives, run, weights = codes(np.sign(layer.channels.weights))
    if FIVE * fives < outputs and 4 * run > depth:
        return Refusal(f"{depth} inputs make no four runs")
    params = Struct(
        "tc_fully_connected_ternary_mve_params", (("vector", layer.fields), ("fives", fives), ("run", run))
    )
    call = layer.call(f"tc_fully_connected_ternary{layer.once}_s8_mve", params)
    return layer.lowering(call, weights)


def too_slow(op: VectorOp, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time, as measured: of 29 layers within 2 %."""
    outputs, *_, depth = graph.type(op.weights).shape
    together, fours, steps, runs = in_fives(outputs), ceil(outputs / 4), ceil(depth / 16), ceil(depth / 80)
    fives, apart = ceil(together / FIVE), outputs - together
    begin = 32 + 52 * ceil(outputs / _BLOCK) - 20 * (fives % (_BLOCK // FIVE) == 0)
    own = begin + fives * (12 + 12 * steps) + 11 * fours
    if apart > 0:
        once, each = _APART[apart - 1]
        own += once + each * runs
    int8 = 69.6 + fours * (25.1 + 9.3 * steps)
    return Refusal("int8 weights take less time: there are few outputs") if own > MOST * int8 else None


def in_fives(outputs: int) -> int:
    """Return how many of the outputs have their weights in bytes together with those of others."""
    whole = -(-outputs // FIVE)
    return outputs if 8 * whole <= MOST_BITS * outputs else outputs // FIVE * FIVE


def codes(signs: Int64, *, pixels: bool = False) -> tuple[int, int, Constant]:
    """Return how many fives of outputs have their weights in bytes together, the bytes of another, and all of them.

    signs: [outputs, depth]; pixels: as mve/ternary_fives.h has them, not mve/ternary_vector.h.
    """
    outputs, depth = signs.shape
    fives = in_fives(outputs)
    run = -(-depth * (max(outputs - fives, 0) if pixels else 1) // FIVE)
    together = np.pad(signs[:fives], ((0, -fives % FIVE), (0, 0))).reshape(-1, FIVE, depth)
    if pixels:
        apart = np.pad(signs[fives:].reshape(-1), (0, FIVE * run - signs[fives:].size)).reshape(1, FIVE, run)
    else:
        starts = np.minimum(run * np.arange(FIVE), depth - run)
        inputs = starts[:, None] + np.arange(run)
        again = inputs < run * np.arange(FIVE)[:, None]
        apart = _digits(np.where(again, 0, signs[fives:][:, inputs]))
    parts = [balanced(part.transpose(0, 2, 1)).reshape(-1) for part in (together, apart)]
    return len(together), run, Constant("weights", "int8_t", np.concatenate(parts))


def _digits(signs: Int64) -> Int64:
    """signs: [outputs, runs, run]; returns [outputs, digits, run] of the codes of mve/ternary_vector.h."""
    found = [signs[:0].reshape(0, FIVE, signs.shape[2])]
    for first in range(0, len(signs), len(_PLACES)):
        some = signs[first : first + len(_PLACES)]
        found += [
            np.stack([some[output, run] for output, run in code])[None] for code in _PLACES[len(some) - 1]
        ]
    return np.concatenate(found)
