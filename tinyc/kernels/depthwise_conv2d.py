"""DEPTHWISE_CONV_2D in C."""

from __future__ import annotations

from functools import partial

from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import conv2d as cmsis
from tinyc.kernels.dsp import depthwise_conv2d as dsp
from tinyc.kernels.dsp import ternary_depthwise as ternary_dsp
from tinyc.kernels.mve import depthwise_conv2d as mve
from tinyc.kernels.mve import ternary_depthwise as ternary_mve
from tinyc.kernels.packing.apart import wide_apart
from tinyc.kernels.ref import depthwise_conv2d as ref
from tinyc.kernels.scalar import depthwise_conv2d as scalar
from tinyc.kernels.scalar import ternary_depthwise as ternary_scalar
from tinyc.kernels.scalar import ternary_eights as eights
from tinyc.kernels.variant import Variant
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: In order of preference within an instruction set. Ternary weights come first where they take no more time.
VARIANTS: tuple[Variant[DepthwiseConv2D], ...] = (
    Variant("tc_depthwise_conv2d_s8_cmsis", NAME, cmsis.lower_depthwise),
    Variant("tc_depthwise_conv2d_s8_cmsis", NAME_MVE, cmsis.lower_depthwise_mve),
    Variant("tc_depthwise_conv2d_ternary_s8_mve", "mve", ternary_mve.lower, ternary_mve.few_pixels),
    Variant("tc_depthwise_conv2d_taps_s8_mve", "mve", wide_apart(mve.lower_taps)),
    Variant("tc_depthwise_conv2d_s8_mve", "mve", wide_apart(mve.lower)),
    Variant("tc_conv2d_s8_mve", "mve", wide_apart(mve.lower_spread)),
    Variant("tc_depthwise_conv2d_3x3_ternary_s8_dsp", "dsp", ternary_dsp.lower_3x3, ternary_dsp.few_pixels),
    Variant("tc_depthwise_conv2d_ternary_s8_dsp", "dsp", ternary_dsp.lower, ternary_dsp.few_pixels),
    Variant("tc_depthwise_conv2d_3x3_s8_dsp", "dsp", wide_apart(dsp.lower_3x3)),
    Variant("tc_depthwise_conv2d_s8_dsp", "dsp", wide_apart(dsp.lower)),
    Variant("tc_conv2d_s8_dsp", "dsp", wide_apart(dsp.lower_spread)),
    Variant("tc_depthwise_conv2d_ternary_s8_rv32", "rv32", partial(eights.lower, core=eights.RV32)),
    Variant("tc_depthwise_conv2d_ternary_s8_armv6m", "armv6m", partial(eights.lower, core=eights.ARMV6M)),
    Variant("tc_depthwise_conv2d_s8_scalar", "armv6m", wide_apart(scalar.lower_apart)),
    Variant(
        "tc_depthwise_conv2d_ternary_s8_scalar",
        "scalar",
        ternary_scalar.lower,
        ternary_scalar.rounded_twice,
    ),
    Variant("tc_depthwise_conv2d_ternary_s8_scalar", "scalar", partial(ternary_scalar.lower, by_line=False)),
    Variant("tc_depthwise_conv2d_s8_scalar", "scalar", wide_apart(scalar.lower)),
    Variant("tc_conv2d_s8_scalar", "scalar", wide_apart(scalar.lower_spread)),
    Variant("tc_depthwise_conv2d_s8_ref", "ref", ref.lower),
)
