"""MAXIMUM and MINIMUM in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import pair as ref
from tinyc.kernels.select import Variant, choose
from tinyc.ops.extreme import Extreme

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Extreme], ...] = (
    Variant("tc_maximum_s8_ref, tc_minimum_s8_ref", "ref", ref.lower_extreme),
)


def lower(op: Extreme, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
