"""Every function of one byte in C: a table of 256."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import lookup as ref
from tinyc.kernels.select import Variant, choose
from tinyc.ops.lookup import Lookup

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Lookup], ...] = (Variant("tc_lookup_s8_ref", "ref", ref.lower),)


def lower(op: Lookup, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
