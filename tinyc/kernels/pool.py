"""AVERAGE_POOL_2D and MAX_POOL_2D in C."""

from __future__ import annotations

from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import pool as cmsis
from tinyc.kernels.dsp import pool as dsp
from tinyc.kernels.mve import pool as mve
from tinyc.kernels.ref import pool as ref
from tinyc.kernels.ref import reduce, reduce_max
from tinyc.kernels.variant import Variant
from tinyc.ops.pool import Pool2D

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Pool2D], ...] = (
    Variant("tc_pool2d_s8_cmsis", NAME, cmsis.lower),
    Variant("tc_pool2d_s8_cmsis", NAME_MVE, cmsis.lower_mve),
    Variant("tc_reduce_average_s8_mve", "mve", mve.lower_average),
    Variant("tc_max_rows_s8_mve", "mve", reduce_max.pool_on("mve")),
    Variant("tc_pool2d_s8_mve", "mve", mve.lower),
    Variant("tc_reduce_average_s8_dsp", "dsp", dsp.lower_average),
    Variant("tc_max_rows_s8_dsp", "dsp", reduce_max.pool_on("dsp")),
    Variant("tc_pool2d_s8_dsp", "dsp", dsp.lower),
    Variant("tc_reduce_average_s8_ref", "ref", reduce.lower_average),
    Variant("tc_max_rows_s8_ref", "ref", reduce_max.pool_on("ref")),
    Variant("tc_pool2d_s8_ref", "ref", ref.lower),
)
