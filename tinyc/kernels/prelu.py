"""PRELU in C."""

from __future__ import annotations

from tinyc.kernels.ref import pair as ref
from tinyc.kernels.variant import Variant
from tinyc.ops.prelu import Prelu

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Prelu], ...] = (Variant("tc_prelu_s8_ref", "ref", ref.lower_prelu),)
