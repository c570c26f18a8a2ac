"""FULLY_CONNECTED of ternary weights, by portable kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import codes_of_fives, sum_codes
from tinyc.kernels.variant import Refusal

#: Codes whose tables are in scratch together, and bytes of one: TC_SUMS_TABLES, 2 * TC_SUMS_PITCH.
TABLES, TABLE = 3, 496
#: Outputs whose sums are in scratch together.
GROUP = 128
#: The same of few outputs, TC_SPLIT_CODES and 4 * TC_SPLIT_WORDS, and sums beyond them: TC_SPLIT_ROOM.
SPLITS, SPLIT, ROOM = 26, 76, 10
#: Outputs, and inputs, below which large tables take more than they save, but where small ones are for more outputs:
#: their sums are in scratch all at once.
FEWEST, INPUTS, MANY = 80, 40, 320


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    """By tables of sums, for many outputs."""
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    packed, (outputs, depth) = layer.packed, layer.channels.weights.shape
    if outputs < FEWEST:
        return Refusal(f"fewer than {FEWEST} outputs")
    if depth < INPUTS and outputs <= MANY:
        return Refusal(f"fewer than {INPUTS} inputs")
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


def lower_few(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    """By small tables of sums, or jumps, for few outputs."""
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    packed, group = layer.packed, len(layer.packed.codes) + ROOM
    codes = packed.codes.shape[1]
    fields = (("vector", layer.fields), ("codes", codes), ("rest", packed.rest), ("group", group))
    call = layer.call(
        f"tc_fully_connected_ternary_few{layer.once}_s8_scalar",
        Struct("tc_fully_connected_ternary_params", fields),
        Ref("rests") if packed.rest else None,
        scratch=4 * group + SPLIT * min(codes, SPLITS),
    )
    rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
    signs = np.sign(layer.channels.weights)
    weights = codes_of_fives(signs[:, : signs.shape[1] - packed.rest])
    return layer.lowering(call, Constant("weights", "uint8_t", weights.T.reshape(-1)), *rests)


def _in_parts(codes: npt.NDArray[np.uint8], group: int) -> npt.NDArray[np.uint8]:
    """codes: [outputs, codes]; returns them in the order [groups, parts, outputs of a group, codes of a part]."""
    parts = [
        codes[first : first + group, begin : begin + TABLES].reshape(-1)
        for first in range(0, len(codes), group)
        for begin in range(0, codes.shape[1], TABLES)
    ]
    return np.concatenate(parts)
