"""FULLY_CONNECTED of ternary weights, by jumps into the additions that a code asks for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import FIVE, codes_of_fives
from tinyc.kernels.variant import Refusal

#: Outputs whose sums are in registers together: TC_JUMPS_BLOCK.
BLOCK = 13
#: Codes of an output that lie together where a block has fewer outputs.
COLUMNS = 4
#: Bytes of a table of the sums of three inputs that make no code.
RESTS = 56
#: Bytes of sums, where these do not stay in registers, beyond which tables that all outputs share take less memory.
MOST = 2300


def lower(op: VectorOp, graph: Graph) -> Lowering | Refusal:
    layer = vector(op, graph)
    if isinstance(layer, Refusal):
        return layer
    packed, (outputs, depth) = layer.packed, layer.channels.weights.shape
    group = outputs + BLOCK - 1
    # kernels are given some
    scratch = 4 * (group if packed.rest or not layer.once else 1) + (RESTS if packed.rest else 0)
    if scratch > MOST:
        return Refusal(f"sums take more than {MOST} bytes")
    fields = (
        *(("vector", layer.fields), ("codes", packed.codes.shape[1])),
        *(("rest", packed.rest), ("group", group)),
    )
    call = layer.call(
        f"tc_fully_connected_ternary{layer.once}_s8_rv32",
        Struct("tc_fully_connected_ternary_params", fields),
        Ref("rests") if packed.rest else None,
        scratch=scratch,
    )
    codes = codes_of_fives(np.sign(layer.channels.weights[:, : depth - packed.rest]))
    wholes = (depth - packed.rest) // FIVE
    blocks = np.concatenate(
        [_block(codes[first : first + BLOCK], wholes) for first in range(0, outputs, BLOCK)]
    )
    rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
    return layer.lowering(call, Constant("weights", "uint8_t", blocks), *rests)


def _block(codes: npt.NDArray[np.uint8], wholes: int) -> npt.NDArray[np.uint8]:
    """codes: [outputs, codes], of which so many are of whole fives; returns them as a block of outputs takes them."""
    columns = codes.T
    if len(codes) == BLOCK:
        return columns.reshape(-1)
    first = wholes % COLUMNS
    fours = columns[first:wholes].reshape(-1, COLUMNS, len(codes)).swapaxes(1, 2)
    return np.concatenate([part.reshape(-1) for part in (columns[:first], fours, columns[wholes:])])
