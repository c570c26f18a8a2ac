"""REDUCE_MAX in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import reduce_max as ref
from tinyc.kernels.ref.axes import not_over_an_image
from tinyc.kernels.select import Variant, choose
from tinyc.ops.reduce_max import ReduceMax

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[ReduceMax], ...] = (
    Variant("tc_max_rows_s8_ref", "ref", ref.lower_rows, not_over_an_image),
    Variant("tc_max_s8_ref", "ref", ref.lower),
)


def lower(op: ReduceMax, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
