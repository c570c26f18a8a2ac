"""ADD, SUB and MUL in C."""

from __future__ import annotations

from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import vector as cmsis
from tinyc.kernels.dsp import binary as dsp
from tinyc.kernels.mve import binary as mve
from tinyc.kernels.ref import binary as ref
from tinyc.kernels.scalar import binary as scalar
from tinyc.kernels.variant import Variant
from tinyc.ops.binary import Binary

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Binary], ...] = (
    Variant("tc_linear_s8_mve", "mve", mve.lower_linear),
    Variant("tc_add_s8_cmsis", NAME, cmsis.lower_add),
    Variant("tc_add_s8_cmsis", NAME_MVE, cmsis.lower_add),
    Variant("tc_mul_s8_mve", "mve", mve.lower_mul),
    Variant("tc_linear_s8_dsp", "dsp", dsp.lower_linear),
    Variant("tc_mul_s8_dsp", "dsp", dsp.lower_mul),
    Variant("tc_linear_s8_scalar", "scalar", scalar.lower_linear),
    Variant("tc_binary_s8_ref", "ref", ref.lower),
)
