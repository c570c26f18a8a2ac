"""MEAN and SUM in C."""

from __future__ import annotations

from tinyc.kernels.dsp import pool as dsp
from tinyc.kernels.mve import pool as mve
from tinyc.kernels.ref import mean as ref
from tinyc.kernels.ref import reduce
from tinyc.kernels.variant import Variant
from tinyc.ops.mean import Mean
from tinyc.ops.sum import Sum

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Mean], ...] = (
    Variant("tc_reduce_mean_s8_mve", "mve", mve.lower_reduce_mean),
    Variant("tc_mean_vectors_s8_mve", "mve", ref.mean_vectors_on("mve")),
    Variant("tc_mean_s8_mve", "mve", mve.lower_mean),
    Variant("tc_reduce_mean_s8_dsp", "dsp", dsp.lower_mean),
    Variant("tc_mean_vectors_s8_dsp", "dsp", ref.mean_vectors_on("dsp")),
    Variant("tc_reduce_mean_s8_ref", "ref", reduce.lower_mean),
    Variant("tc_mean_vectors_s8_ref", "ref", ref.mean_vectors_on("ref")),
    Variant("tc_mean_s8_ref", "ref", ref.lower),
)

SUM_VARIANTS: tuple[Variant[Sum], ...] = (
    Variant("tc_mean_vectors_s8_mve", "mve", ref.sum_vectors_on("mve")),
    Variant("tc_mean_vectors_s8_dsp", "dsp", ref.sum_vectors_on("dsp")),
    Variant("tc_mean_vectors_s8_ref", "ref", ref.sum_vectors_on("ref")),
    Variant("tc_mean_s8_ref", "ref", ref.lower_sum),
)
