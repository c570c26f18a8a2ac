"""SOFTMAX in C."""

from __future__ import annotations

from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import vector as cmsis
from tinyc.kernels.ref import softmax as ref
from tinyc.kernels.variant import Variant
from tinyc.ops.softmax import Softmax

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Softmax], ...] = (
    Variant("tc_softmax_s8_cmsis", NAME, cmsis.lower_softmax),
    Variant("tc_softmax_s8_cmsis", NAME_MVE, cmsis.lower_softmax),
    Variant("tc_softmax_s8_ref", "ref", ref.lower),
)
