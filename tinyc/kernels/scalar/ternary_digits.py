"""FULLY_CONNECTED of ternary weights, by multiplications that serve two outputs each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, ring_codes
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Inputs whose sums fit 16 bits: TC_DIGITS_INPUTS.
INPUTS = 255
#: Outputs that take less than by small tables, which all of them share.
OUTPUTS = (*range(1, FIVE + 1), 2 * FIVE)


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    outputs = len(layer.channels.weights)
    if outputs not in OUTPUTS:
        return Refusal(f"{outputs} outputs, not {', '.join(map(str, OUTPUTS))}")
    params = Struct("tc_ternary_vector", tuple(layer.fields.items()))
    call = layer.call(f"tc_fully_connected_ternary{layer.once}_s8_armv6m", params)
    return layer.lowering(call, Constant("weights", "uint8_t", _codes(np.sign(layer.channels.weights))))


def _codes(signs: Int64) -> npt.NDArray[np.uint8]:
    """signs: [outputs, inputs]; returns the order of runtime/include/tinyc/ternary.h."""
    outputs, inputs = signs.shape
    if outputs % FIVE == 0:
        return ring_codes(signs.reshape(-1, FIVE, inputs).transpose(2, 0, 1)).reshape(-1)
    parts = np.split(signs, np.arange(INPUTS, inputs, INPUTS), axis=1)
    return np.concatenate([_inputs(part) for part in parts])


def _inputs(signs: Int64) -> npt.NDArray[np.uint8]:
    """Return codes of five inputs: [inputs / 5, outputs] of [outputs, inputs]."""
    outputs, inputs = signs.shape
    # the last five, the first of which have codes already
    padded = np.insert(signs, [inputs // FIVE * FIVE] * (-inputs % FIVE), 0, axis=1)
    return ring_codes(padded.reshape(outputs, -1, FIVE).transpose(1, 0, 2)).reshape(-1)
