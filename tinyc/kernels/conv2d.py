"""CONV_2D in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import conv2d as cmsis
from tinyc.kernels.dsp import conv2d as dsp
from tinyc.kernels.mve import conv2d as mve
from tinyc.kernels.ref import conv2d as ref
from tinyc.kernels.scalar import conv2d as scalar
from tinyc.kernels.select import Variant, choose
from tinyc.ops.conv2d import Conv2D

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[Conv2D], ...] = (
    Variant("tc_conv2d_s8_cmsis", NAME, cmsis.lower, cmsis.refuses),
    Variant("tc_conv2d_s8_cmsis", NAME_MVE, cmsis.lower_mve, cmsis.refuses),
    Variant("tc_conv2d_1x1_s8_mve", "mve", mve.lower_1x1, mve.refuses_1x1),
    Variant("tc_conv2d_columns_s8_mve", "mve", mve.lower_columns, mve.refuses_columns),
    Variant("tc_conv2d_s8_mve", "mve", mve.lower, mve.refuses),
    Variant("tc_fully_connected_s8_dsp", "dsp", dsp.lower_1x1_single, dsp.refuses_1x1_single),
    Variant("tc_conv2d_1x1_s8_dsp", "dsp", dsp.lower_1x1, dsp.refuses_1x1),
    Variant("tc_conv2d_s8_dsp", "dsp", dsp.lower, dsp.refuses),
    Variant("tc_conv2d_1x1_s8_scalar", "scalar", scalar.lower_1x1, scalar.refuses_1x1),
    Variant("tc_conv2d_s8_scalar", "scalar", scalar.lower, scalar.refuses),
    Variant("tc_conv2d_1x1_s8_ref", "ref", ref.lower_1x1, ref.not_pointwise),
    Variant("tc_conv2d_s8_ref", "ref", ref.lower),
)


def lower(op: Conv2D, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
