"""MAXIMUM and MINIMUM in C."""

from __future__ import annotations

from tinyc.kernels.ref import pair as ref
from tinyc.kernels.variant import Variant
from tinyc.ops.extreme import Extreme

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Extreme], ...] = (
    Variant("tc_maximum_s8_ref, tc_minimum_s8_ref", "ref", ref.lower_extreme),
)
