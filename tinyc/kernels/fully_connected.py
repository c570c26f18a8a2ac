"""FULLY_CONNECTED in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import vector as cmsis
from tinyc.kernels.dsp import fully_connected as dsp
from tinyc.kernels.mve import fully_connected as mve
from tinyc.kernels.ref import fully_connected as ref
from tinyc.kernels.scalar import fully_connected as scalar
from tinyc.kernels.select import Variant, choose
from tinyc.ops.fully_connected import FullyConnected

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[FullyConnected], ...] = (
    Variant("tc_fully_connected_s8_cmsis", NAME, cmsis.lower_fully_connected, cmsis.refuses_fully_connected),
    Variant(
        "tc_fully_connected_s8_cmsis", NAME_MVE, cmsis.lower_fully_connected, cmsis.refuses_fully_connected
    ),
    Variant("tc_fully_connected_s8_mve", "mve", mve.lower, mve.refuses),
    Variant("tc_fully_connected_s8_dsp", "dsp", dsp.lower, dsp.refuses),
    Variant("tc_fully_connected_s8_scalar", "scalar", scalar.lower, scalar.refuses),
    Variant("tc_fully_connected_s8_ref", "ref", ref.lower),
)


def lower(op: FullyConnected, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
