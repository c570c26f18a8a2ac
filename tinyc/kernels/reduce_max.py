"""REDUCE_MAX in C."""

from __future__ import annotations

from tinyc.kernels.ref import reduce_max as ref
from tinyc.kernels.variant import Variant
from tinyc.ops.reduce_max import ReduceMax

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[ReduceMax], ...] = (
    Variant("tc_max_rows_s8_ref", "ref", ref.lower_rows),
    Variant("tc_max_s8_ref", "ref", ref.lower),
)
