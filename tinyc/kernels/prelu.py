"""PRELU in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import pair as ref
from tinyc.kernels.select import Variant, choose
from tinyc.ops.prelu import Prelu

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Prelu], ...] = (Variant("tc_prelu_s8_ref", "ref", ref.lower_prelu),)


def lower(op: Prelu, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
