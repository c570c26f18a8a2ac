"""FULLY_CONNECTED of ternary weights, by SIMD kernels."""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Struct
from tinyc.kernels.packing.fours import VALUES, as_words
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, MOST_BITS
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.fully_connected import FullyConnected

#: Instructions that ternary weights may take in place of one that int8 weights do: both as measured on the Cortex-M4.
MOST = 1.10
#: TC_FOURS_INPUTS and TC_FOURS_STEPS.
INPUTS, STEPS = 10, 6
#: Outputs of a block, and at most those whose sums are in scratch together: RAM is to grow by 2.5 kB at most.
BLOCK, GROUP = 8, 480


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    signs = np.sign(layer.channels.weights)
    outputs, depth = signs.shape
    if outputs == 1:
        return Refusal("a single output")
    fours = _fours(signs)
    words = _words(depth)
    group = min(GROUP, outputs)
    fields = (("vector", layer.fields), ("words", words), ("group", group))
    params = Struct("tc_fully_connected_ternary_dsp_params", fields)
    call = layer.call(
        f"tc_fully_connected_ternary{layer.once}_s8_dsp", params, scratch=4 * (group + -group % INPUTS)
    )
    streams = [
        _stream(fours[first : first + GROUP // 2], words) for first in range(0, len(fours), GROUP // 2)
    ]
    return layer.lowering(call, Constant("weights", "uint32_t", np.concatenate(streams)))


def too_slow(op: VectorOp, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time: there are few inputs or outputs. Measured: of 28 layers within 4 %."""
    outputs, *_, depth = graph.type(op.weights).shape
    blocks, left = divmod(outputs, BLOCK)
    words = _words(depth)
    rest = max(ceil((depth - INPUTS * words) / 2), 0)
    block = 56 + 66 * words + 38 * ceil(words / STEPS) + ((23 + 15 * rest) if rest else 0)
    own = 300 + 3.5 * depth + blocks * block + (25 + 2.5 * depth) * ceil(left / 2)
    if _rounds_twice(op, graph):
        own += 7 * outputs
    int8 = 82 + outputs // 4 * (40 + 4.125 * depth) + (88 + 4.125 * depth) * (outputs % 4 > 0)
    return (
        Refusal("int8 weights take less time: there are few inputs or outputs") if own > MOST * int8 else None
    )


def _rounds_twice(op: VectorOp, graph: Graph) -> bool:
    if isinstance(op, FullyConnected) and rounds_once(graph.reference):
        return False
    found = lower(op, graph)
    return not isinstance(found, Refusal) and "_once_" not in found.symbols


def _words(depth: int) -> int:
    """Return the words of an output."""
    words = -(-depth // INPUTS)
    if 8 * 4 * words > 2 * MOST_BITS * depth or (words > 1 and words % STEPS == 1):
        return depth // INPUTS  # a part of a single word takes more than the rest does
    return words


def _fours(signs: Int64) -> Int64:
    """signs: [outputs, inputs]; returns numbers of two by two: [outputs / 2, inputs / 2]."""
    padded = np.pad(signs + 1, ((0, len(signs) % 2), (0, signs.shape[1] % 2)), constant_values=1)
    two = padded.reshape(len(padded) // 2, 2, -1, 2).transpose(0, 2, 1, 3).reshape(len(padded) // 2, -1, 4)
    return np.asarray(two @ 3 ** np.arange(4))


def _stream(fours: Int64, words: int) -> npt.NDArray[np.uint32]:
    """words: of each pair of outputs."""
    nothing = VALUES // 2
    short = max(FIVE * words - fours.shape[1], 0)
    fours = np.pad(fours, ((0, 0), (0, short)), constant_values=nothing)
    packed = as_words(fours[:, : FIVE * words].reshape(len(fours), words, FIVE))
    pairs = len(fours) // (BLOCK // 2) * (BLOCK // 2)
    parts = []
    for first in range(0, words, STEPS):
        part = packed[:, first : first + STEPS]
        parts.append(part[:pairs].reshape(-1, BLOCK // 2, part.shape[1]).transpose(0, 2, 1).reshape(-1))
        parts.append(part[pairs:].reshape(-1))
    rest = fours[:, FIVE * words :]
    rest = np.pad(rest, ((0, -len(rest) % FIVE), (0, 0)), constant_values=nothing)
    parts.append(
        as_words(rest.reshape(len(rest) // FIVE, FIVE, rest.shape[1]).transpose(0, 2, 1)).reshape(-1)
    )
    return np.concatenate(parts)
