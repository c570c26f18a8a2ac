"""FULLY_CONNECTED of ternary weights, by portable kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, balanced, sum_codes
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Codes whose tables are in scratch together, and bytes of one: TC_SUMS_TABLES, 2 * TC_SUMS_PITCH.
TABLES, TABLE = 4, 496
#: Outputs whose sums are in scratch together.
GROUP = 128
#: Inputs whose sums fit 16 bits: TC_LANES_INPUTS.
INPUTS = 255
#: Outputs below which tables take more than they save.
FEWEST = 64


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    """By tables of sums, for many outputs."""
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    packed, outputs = layer.packed, len(layer.packed.codes)
    if outputs < FEWEST:
        return Refusal(f"fewer than {FEWEST} outputs")
    group, codes = min(GROUP, outputs), packed.codes.shape[1]
    fields = (("vector", layer.fields), ("codes", codes), ("rest", packed.rest), ("group", group))
    call = layer.call(
        f"tc_fully_connected_ternary{layer.once}_s8_scalar",
        Struct("tc_fully_connected_ternary_params", fields),
        Ref("rests") if packed.rest else None,
        scratch=TABLE * min(codes, TABLES) + 4 * group,
    )
    rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
    weights = Constant("weights", "uint8_t", _in_parts(sum_codes(packed.codes), group))
    return layer.lowering(call, weights, *rests)


def lower_lanes(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    """By multiplications that serve two outputs."""
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    params = Struct("tc_ternary_vector", tuple(layer.fields.items()))
    call = layer.call(f"tc_fully_connected_ternary_lanes{layer.once}_s8_scalar", params)
    return layer.lowering(call, Constant("weights", "int8_t", _lanes(np.sign(layer.channels.weights))))


def _in_parts(codes: npt.NDArray[np.uint8], group: int) -> npt.NDArray[np.uint8]:
    """codes: [outputs, codes]; returns them in the order [groups, parts, outputs of a group, codes of a part]."""
    parts = [
        codes[first : first + group, begin : begin + TABLES].reshape(-1)
        for first in range(0, len(codes), group)
        for begin in range(0, codes.shape[1], TABLES)
    ]
    return np.concatenate(parts)


def _lanes(signs: Int64) -> npt.NDArray[np.int8]:
    """signs: [outputs, inputs]; returns the order of runtime/include/tinyc/ternary.h."""
    outputs = len(signs) // FIVE * FIVE
    fives = balanced(signs[:outputs].reshape(-1, FIVE, signs.shape[1]).transpose(0, 2, 1))
    tens = fives[: len(fives) // 2 * 2].reshape(-1, 2, signs.shape[1]).transpose(0, 2, 1)
    ends = np.arange(INPUTS, signs.shape[1], INPUTS)
    rest = [_inputs(part) for part in np.split(signs[outputs:], ends, axis=1)]
    last = fives[len(fives) // 2 * 2 :]
    return np.concatenate((tens.reshape(-1), last.reshape(-1), *rest))


def _inputs(signs: Int64) -> npt.NDArray[np.int8]:
    """Return codes of five inputs: [inputs / 5, outputs] of [outputs, inputs]."""
    codes = -(-signs.shape[1] // FIVE)
    padded = np.pad(signs, ((0, 0), (0, codes * FIVE - signs.shape[1])))
    return balanced(padded.reshape(len(signs), codes, FIVE)).T.reshape(-1)
