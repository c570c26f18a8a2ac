"""REDUCE_MAX and REDUCE_MIN in C."""

from __future__ import annotations

from tinyc.kernels.ref import reduce_max as ref
from tinyc.kernels.variant import Variant
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[ReduceMax], ...] = (
    Variant("tc_max_rows_s8_mve", "mve", ref.rows_on("mve")),
    Variant("tc_max_rows_s8_dsp", "dsp", ref.rows_on("dsp")),
    Variant("tc_max_rows_s8_ref", "ref", ref.rows_on("ref")),
    Variant("tc_max_vectors_s8_ref", "ref", ref.lower_vectors),
    Variant("tc_max_s8_ref", "ref", ref.lower),
)

MIN_VARIANTS: tuple[Variant[ReduceMin], ...] = (
    Variant("tc_min_rows_s8_mve", "mve", ref.rows_on("mve")),
    Variant("tc_min_rows_s8_dsp", "dsp", ref.rows_on("dsp")),
    Variant("tc_min_rows_s8_ref", "ref", ref.rows_on("ref")),
    Variant("tc_min_vectors_s8_ref", "ref", ref.lower_vectors),
    Variant("tc_min_s8_ref", "ref", ref.lower),
)
