"""MEAN in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.dsp import pool as dsp
from tinyc.kernels.mve import pool as mve
from tinyc.kernels.ref import mean as ref
from tinyc.kernels.ref import reduce
from tinyc.kernels.ref.axes import not_over_an_image
from tinyc.kernels.select import Variant, choose
from tinyc.ops.mean import Mean

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Mean], ...] = (
    Variant("tc_reduce_mean_s8_mve", "mve", mve.lower_reduce_mean, not_over_an_image),
    Variant("tc_mean_s8_mve", "mve", mve.lower_mean, mve.refuses_mean),
    Variant("tc_reduce_mean_s8_dsp", "dsp", dsp.lower_mean, not_over_an_image),
    Variant("tc_reduce_mean_s8_ref", "ref", reduce.lower_mean, not_over_an_image),
    Variant("tc_mean_s8_ref", "ref", ref.lower),
)


def lower(op: Mean, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
