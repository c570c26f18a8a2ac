"""Every function of one byte in C: a table of 256."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import lookup as ref
from tinyc.kernels.variant import Refusal, Variant
from tinyc.ops.lookup import Lookup


def lower_mve(op: Lookup, graph: Graph) -> Lowering | Refusal:
    if not isinstance(ref.lower_flip(op, graph), Refusal):
        return Refusal("only the sign bit changes")
    return ref.lower(op, graph).by("tc_lookup_s8_mve")


#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Lookup], ...] = (
    Variant("tc_lookup_s8_mve", "mve", lower_mve),
    Variant("tc_flip_s8_ref", "ref", ref.lower_flip),
    Variant("tc_lookup_s8_ref", "ref", ref.lower),
)
