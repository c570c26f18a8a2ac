"""FULLY_CONNECTED of ternary weights, by long multiplications that serve several outputs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, balanced
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.scalar import ternary_vector
from tinyc.kernels.variant import Refusal

#: Weights that are not 0 whose sums fit lanes of 15 bits and of 16, and inputs of a part, by outputs that are left over
#: of fives: of four outputs a lane has four of five inputs, of three it has three.
NONZERO, MOST = 127, (255, 255, 255, 210, 155)
#: Outputs from which on tables of sums, which all outputs share, take less: the kernel of scalar/sums.h.
MANY = 104
#: Outputs up to which, where they are whole fives, SIMD takes more.
FEW = 10
#: Of so many outputs that are left, 5 times the output, plus the input of five, of each digit of their codes.
PLACES = {
    1: [0, 1, 2, 3, 4],
    2: [0, 5, 4, 1, 6, 2, 7, 9, 3, 8],
    3: [0, 5, 10, 3, 8, 1, 6, 11, 4, 9, 2, 7, 12, 13, 14],
    4: [0, 5, 10, 15, 16, 1, 6, 11, 17, 18, 2, 7, 12, 4, 9, 3, 8, 13, 14, 19],
}


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    outputs, depth = layer.channels.weights.shape
    if outputs >= MANY and depth >= ternary_vector.INPUTS:
        return Refusal(f"{MANY} outputs or more of {ternary_vector.INPUTS} inputs or more")
    signs = np.sign(layer.channels.weights)
    part = _part(signs)
    params = Struct("tc_fully_connected_ternary_thumb2_params", (("vector", layer.fields), ("part", part)))
    call = layer.call(f"tc_fully_connected_ternary{layer.once}_s8_thumb2", params)
    return layer.lowering(call, Constant("weights", "int8_t", _codes(signs, part)))


def lower_few(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    """For cores with SIMD."""
    outputs = graph.type(op.weights).shape[0]
    if outputs > FEW or outputs % FIVE:
        return Refusal(f"not {FIVE} or {FEW} outputs")
    return lower(op, graph)


def _part(signs: Int64) -> int:
    """Return how many inputs are summed up together: all, or the greatest multiple of five that fits."""
    outputs, inputs = len(signs), len(signs[0])
    most = MOST[outputs % FIVE]
    # the first and the second of five have lanes of 15 bits, the others room for the inputs of any part
    narrow = np.abs(signs[: outputs // FIVE * FIVE].reshape(-1, FIVE, inputs)[:, :2].reshape(-1, inputs))

    def fits(part: int) -> bool:
        starts = np.arange(0, inputs, part)
        return bool((np.add.reduceat(narrow, starts, axis=1) <= NONZERO).all())

    if inputs <= most and fits(inputs):
        return inputs
    return next(part for part in range(most, 0, -FIVE) if fits(part))


def _codes(signs: Int64, part: int) -> npt.NDArray[np.int8]:
    """signs: [outputs, inputs]; part: inputs. Returns the order of runtime/include/tinyc/ternary.h."""
    outputs = len(signs) // FIVE * FIVE
    fives = balanced(signs[:outputs].reshape(-1, FIVE, signs.shape[1]).transpose(0, 2, 1))
    tens = fives[: len(fives) // 2 * 2].reshape(-1, 2, signs.shape[1]).transpose(0, 2, 1)
    ends = np.arange(part, signs.shape[1], part)
    parts = np.split(signs[outputs:], ends, axis=1) if outputs < len(signs) else []
    rest = [_inputs(part) for part in parts]
    last = fives[len(fives) // 2 * 2 :]
    return np.concatenate((tens.reshape(-1), last.reshape(-1), *rest))


def _inputs(signs: Int64) -> npt.NDArray[np.int8]:
    """Return codes of five inputs: [inputs / 5, outputs] of [outputs, inputs]."""
    outputs, inputs = signs.shape
    more = -inputs % FIVE
    whole = inputs // FIVE * FIVE
    # the last five, the first of which have codes already
    padded = np.insert(signs, [whole] * more, 0, axis=1)
    fives = padded.reshape(outputs, -1, FIVE).transpose(1, 0, 2).reshape(-1, outputs * FIVE)
    return balanced(fives[:, PLACES[outputs]].reshape(-1, outputs, FIVE)).reshape(-1)
