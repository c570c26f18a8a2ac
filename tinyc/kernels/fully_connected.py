"""FULLY_CONNECTED in C."""

from __future__ import annotations

from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import vector as cmsis
from tinyc.kernels.dsp import fully_connected as dsp
from tinyc.kernels.dsp import packed as packed_dsp
from tinyc.kernels.dsp import ternary_vector as ternary_dsp
from tinyc.kernels.mve import fully_connected as mve
from tinyc.kernels.mve import packed as packed_mve
from tinyc.kernels.mve import ternary_vector as ternary_mve
from tinyc.kernels.packing.apart import wide_apart
from tinyc.kernels.ref import fully_connected as ref
from tinyc.kernels.rv32 import ternary_vector as ternary_rv32
from tinyc.kernels.scalar import fully_connected as scalar
from tinyc.kernels.scalar import packed as packed_scalar
from tinyc.kernels.scalar import ternary_digits
from tinyc.kernels.scalar import ternary_vector as ternary
from tinyc.kernels.thumb2 import ternary_vector as ternary_thumb2
from tinyc.kernels.variant import Variant
from tinyc.ops.fully_connected import FullyConnected

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[FullyConnected], ...] = (
    Variant("tc_fully_connected_s8_cmsis", NAME, cmsis.lower_fully_connected),
    Variant("tc_fully_connected_s8_cmsis", NAME_MVE, cmsis.lower_fully_connected),
    Variant("tc_fully_connected_ternary_s8_mve", "mve", ternary_mve.lower, ternary_mve.too_slow),
    Variant("tc_fully_connected_s8_mve", "mve", wide_apart(mve.lower)),
    Variant("tc_fully_connected_packed_s8_mve", "mve", packed_mve.lower_vectors),
    Variant("tc_fully_connected_ternary_s8_thumb2", "dsp", ternary_thumb2.lower_few),
    Variant("tc_fully_connected_ternary_s8_dsp", "dsp", ternary_dsp.lower, ternary_dsp.too_slow),
    Variant("tc_fully_connected_s8_dsp", "dsp", wide_apart(dsp.lower)),
    Variant("tc_fully_connected_packed_s8_dsp", "dsp", packed_dsp.lower_vectors),
    Variant("tc_fully_connected_ternary_s8_thumb2", "thumb2", ternary_thumb2.lower),
    Variant("tc_fully_connected_ternary_s8_scalar", "thumb2", ternary.lower),
    Variant("tc_fully_connected_ternary_s8_rv32", "rv32", ternary_rv32.lower),
    Variant("tc_fully_connected_ternary_s8_armv6m", "armv6m", ternary_digits.lower),
    Variant("tc_fully_connected_ternary_s8_scalar", "scalar", ternary.lower),
    Variant("tc_fully_connected_ternary_few_s8_scalar", "scalar", ternary.lower_few),
    Variant("tc_fully_connected_s8_scalar", "scalar", wide_apart(scalar.lower)),
    Variant("tc_fully_connected_packed_s8_scalar", "scalar", packed_scalar.lower_vectors),
    Variant("tc_fully_connected_s8_ref", "ref", ref.lower),
)
