"""FULLY_CONNECTED of ternary weights, by jumps into the additions that a code asks for."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Constant, Lowering, Ref, Struct
from tinyc.kernels.packing.ternary_vector import VectorOp, vector
from tinyc.kernels.packing.trits import codes_of_fives
from tinyc.kernels.variant import Refusal

#: Outputs whose sums are in registers together: TC_JUMPS_BLOCK.
BLOCK = 13
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
    blocks = np.concatenate(
        [codes[first : first + BLOCK].T.reshape(-1) for first in range(0, outputs, BLOCK)]
    )
    rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
    return layer.lowering(call, Constant("weights", "uint8_t", blocks), *rests)
