"""DEPTHWISE_CONV_2D of ternary weights: unpacked for the Helium kernel of int8 weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct, Value
from tinyc.kernels.mve import depthwise_conv2d as int8
from tinyc.kernels.mve.matmul import VECTOR, finish_words
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import FIVE, balanced, common, magnitude_array, ternary
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.variant import Refusal
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Bytes of scratch within which the weights of several channels are unpacked together.
LINE = 1024
#: The same for the pixels that are computed together.
PLANES = 1408
#: Instructions that ternary weights may take more, as a share of those of int8 weights.
MOST = 0.25
#: Instructions by which the weights of 16 channels are unpacked, and of these for each tap.
UNPACK, UNPACK_TAP = 256, 13


def few_pixels(op: DepthwiseConv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time. Instructions are those of 16 channels, as measured."""
    width = graph.type(op.outputs[0]).shape[2]
    return Refusal(f"{width} pixels share unpacked weights") if _setup(op) > MOST * width else None


def _setup(op: DepthwiseConv2D) -> float:
    """Return the pixels that take as long as unpacking."""
    taps = op.window.kernel[0] * op.window.kernel[1]
    return (UNPACK + UNPACK_TAP * taps) / (16 * taps + 50 * (op.window.stride[1] - 1))


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    made = int8.lower(op, graph, PLANES)
    if isinstance(made, Refusal):
        return made
    found = int8.dot_products(op, graph)
    assert not isinstance(found, Refusal)  # the kernel of int8 weights has them
    c, f = found
    magnitudes = ternary(c.weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    count, taps = c.weights.shape
    (call,) = made.calls
    (layer,) = call.structs
    values = layer.numbers()
    together = max(VECTOR, LINE // taps // VECTOR * VECTOR)
    codes = _codes(np.sign(c.weights), together)
    array, array_of_call = magnitude_array(magnitudes, VECTOR)
    constants = (
        Constant("weights", "int8_t", codes),
        word_constant("channels", finish_words(c, f)),
        *array,
        *(c for c in made.constants if c.name != "weights"),
    )
    fields: tuple[tuple[str, Value], ...] = (
        ("layer", values),
        ("together", together),
        ("magnitude", common(magnitudes)),
        ("blocks", call.scratch),
    )
    line = min(together, count) * taps + 20
    packed = replace(
        call,
        symbol="tc_depthwise_conv2d_ternary_s8_mve",
        folder="ternary",
        structs=(Struct("tc_depthwise_ternary_mve_params", fields),),
        constants=(
            Ref("weights"),
            Ref("channels"),
            array_of_call,
            *call.constants[1:],
        ),
        scratch=call.scratch + 16 * values["block_words"] + line,
        pace=Pace(setup=_setup(op)),
    )
    return Lowering((packed,), constants, weight_bits=8 * codes.nbytes / c.weights.size)


def _codes(signs: Int64, together: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """signs: [channels, taps]; together: channels whose weights are unpacked together."""
    found = []
    for first in range(0, len(signs), together):
        some = signs[first : first + together]
        line = np.concatenate([some[c : c + VECTOR].T.reshape(-1) for c in range(0, len(some), VECTOR)])
        found.append(balanced(np.pad(line, (0, -len(line) % FIVE)).reshape(FIVE, -1).T))
    return np.concatenate(found)
