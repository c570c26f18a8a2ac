"""CONV_2D in C."""

from __future__ import annotations

from functools import partial

from tinyc.ir import Graph
from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.kernels.cmsis_nn import conv2d as cmsis
from tinyc.kernels.dsp import conv2d as dsp
from tinyc.kernels.dsp import packed as packed_dsp
from tinyc.kernels.dsp import ternary as ternary_dsp
from tinyc.kernels.dsp import ternary_tables as tables_dsp
from tinyc.kernels.dsp import ternary_times as times_dsp
from tinyc.kernels.dsp import ternary_vector as vector_dsp
from tinyc.kernels.mve import conv2d as mve
from tinyc.kernels.mve import packed as packed_mve
from tinyc.kernels.mve import ternary_blocks as blocks_mve
from tinyc.kernels.mve import ternary_fives as fives_mve
from tinyc.kernels.mve import ternary_pairs as pairs_mve
from tinyc.kernels.mve import ternary_vector as vector_mve
from tinyc.kernels.mve.ternary_times import fives_too_slow
from tinyc.kernels.packing.apart import wide_apart
from tinyc.kernels.ref import conv2d as ref
from tinyc.kernels.rv32 import ternary_vector as vector_rv32
from tinyc.kernels.scalar import conv2d as scalar
from tinyc.kernels.scalar import packed as packed_scalar
from tinyc.kernels.scalar import ternary, ternary_digits, ternary_tables, ternary_vector
from tinyc.kernels.thumb2 import ternary_vector as vector_thumb2
from tinyc.kernels.variant import Refusal, Variant, fast
from tinyc.ops.conv2d import Conv2D

#: The kernels for cores without SIMD on those with it, which have room for more sums.
_ROOMY = partial(ternary.lower, room=ternary.MORE)
_ROOMY_1X1 = partial(ternary.lower_1x1, room=ternary.MORE)
#: The narrow kernels, on Thumb-2 and elsewhere.
_FOURS = partial(ternary.lower, kind=ternary.FOURS)
_FOURS_1X1 = partial(ternary.lower_1x1, kind=ternary.FOURS)
_SIXES = partial(ternary.lower, kind=ternary.SIXES)
_SIXES_1X1 = partial(ternary.lower_1x1, kind=ternary.SIXES)
#: The kernels of RISC-V.
_CODES = partial(ternary.lower, kind=ternary.CODES)
_CODES_1X1 = partial(ternary.lower_1x1, kind=ternary.CODES)
#: Those by tables, of many channels and few pixels.
_TABLES, _TABLES_1X1 = ternary_tables.lower, ternary_tables.lower_1x1


def _dense_too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    return ternary_dsp.several_pixels(op, graph) or vector_dsp.too_slow(op, graph)


#: In order of preference within an instruction set. Ternary weights come first where they take no more time,
#: those of few levels behind int8 weights, as they always take more.
VARIANTS: tuple[Variant[Conv2D], ...] = (
    Variant("tc_conv2d_s8_cmsis", NAME, cmsis.lower),
    Variant("tc_conv2d_s8_cmsis", NAME_MVE, cmsis.lower_mve),
    Variant("tc_conv2d_1x1_ternary_fives_s8_mve", "mve", fives_mve.lower_1x1, fives_too_slow),
    Variant("tc_conv2d_ternary_fives_s8_mve", "mve", fives_mve.lower, fives_too_slow),
    Variant("tc_conv2d_1x1_ternary_blocks_s8_mve", "mve", blocks_mve.lower_1x1, blocks_mve.too_slow),
    Variant("tc_conv2d_ternary_blocks_s8_mve", "mve", blocks_mve.lower, blocks_mve.too_slow),
    Variant("tc_conv2d_1x1_ternary_s8_mve", "mve", pairs_mve.lower_1x1, pairs_mve.too_slow),
    Variant("tc_conv2d_ternary_s8_mve", "mve", pairs_mve.lower, pairs_mve.too_slow),
    Variant("tc_conv2d_1x1_s8_mve", "mve", wide_apart(mve.lower_1x1)),
    Variant("tc_conv2d_columns_s8_mve", "mve", wide_apart(mve.lower_columns)),
    Variant("tc_conv2d_s8_mve", "mve", wide_apart(mve.lower)),
    Variant("tc_fully_connected_ternary_s8_mve", "mve", vector_mve.lower),
    Variant("tc_conv2d_1x1_packed_s8_mve", "mve", packed_mve.lower_1x1),
    Variant("tc_conv2d_packed_s8_mve", "mve", packed_mve.lower),
    Variant("tc_conv2d_1x1_ternary_tables_s8_scalar", "dsp", tables_dsp.lower_1x1, tables_dsp.too_slow_1x1),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "dsp", tables_dsp.lower, tables_dsp.too_slow),
    Variant("tc_conv2d_1x1_ternary_s8_dsp", "dsp", ternary_dsp.lower_1x1, times_dsp.too_slow),
    Variant("tc_conv2d_ternary_s8_dsp", "dsp", ternary_dsp.lower, times_dsp.too_slow),
    Variant("tc_conv2d_1x1_ternary_s8_scalar", "dsp", _ROOMY_1X1, times_dsp.eights_too_slow),
    Variant("tc_conv2d_ternary_s8_scalar", "dsp", _ROOMY, times_dsp.eights_too_slow),
    Variant(
        "tc_fully_connected_ternary_s8_thumb2", "dsp", vector_thumb2.lower_few, ternary_dsp.several_pixels
    ),
    Variant("tc_fully_connected_ternary_s8_dsp", "dsp", vector_dsp.lower, _dense_too_slow),
    Variant("tc_fully_connected_s8_dsp", "dsp", wide_apart(dsp.lower_1x1_single)),
    Variant("tc_conv2d_1x1_s8_dsp", "dsp", wide_apart(dsp.lower_1x1)),
    Variant("tc_conv2d_s8_dsp", "dsp", wide_apart(dsp.lower)),
    Variant("tc_conv2d_1x1_ternary_s8_dsp", "dsp", partial(ternary_dsp.lower_1x1, by_line=False)),
    Variant("tc_conv2d_ternary_s8_dsp", "dsp", partial(ternary_dsp.lower, by_line=False)),
    Variant("tc_fully_connected_packed_s8_dsp", "dsp", packed_dsp.lower_1x1_single),
    Variant("tc_conv2d_1x1_packed_s8_dsp", "dsp", packed_dsp.lower_1x1),
    Variant("tc_conv2d_packed_s8_dsp", "dsp", packed_dsp.lower),
    Variant(
        "tc_conv2d_1x1_ternary_tables_s8_scalar", "thumb2", partial(_TABLES_1X1, core=ternary_tables.THUMB2)
    ),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "thumb2", partial(_TABLES, core=ternary_tables.THUMB2)),
    Variant("tc_conv2d_1x1_ternary_narrow_s8_scalar", "thumb2", fast(_FOURS_1X1, ternary.too_narrow)),
    Variant("tc_conv2d_ternary_narrow_s8_scalar", "thumb2", fast(_FOURS, ternary.too_narrow)),
    Variant("tc_fully_connected_ternary_s8_thumb2", "thumb2", vector_thumb2.lower),
    Variant("tc_fully_connected_ternary_s8_scalar", "thumb2", ternary_vector.lower),
    Variant("tc_conv2d_1x1_ternary_s8_scalar", "thumb2", fast(ternary.lower_1x1, ternary.few_pixels)),
    Variant("tc_conv2d_ternary_s8_scalar", "thumb2", fast(ternary.lower, ternary.few_pixels)),
    Variant(
        "tc_conv2d_1x1_ternary_tables_s8_scalar", "armv6m", partial(_TABLES_1X1, core=ternary_tables.ARMV6M)
    ),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "armv6m", partial(_TABLES, core=ternary_tables.ARMV6M)),
    Variant("tc_fully_connected_ternary_s8_armv6m", "armv6m", ternary_digits.lower),
    Variant("tc_conv2d_1x1_ternary_tables_s8_scalar", "rv32", partial(_TABLES_1X1, core=ternary_tables.RV32)),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "rv32", partial(_TABLES, core=ternary_tables.RV32)),
    Variant("tc_conv2d_1x1_ternary_s8_rv32", "rv32", fast(_CODES_1X1, ternary.too_narrow)),
    Variant("tc_conv2d_ternary_s8_rv32", "rv32", fast(_CODES, ternary.too_narrow)),
    Variant("tc_fully_connected_ternary_s8_rv32", "rv32", vector_rv32.lower),
    Variant("tc_conv2d_1x1_ternary_narrow_s8_scalar", "scalar", _SIXES_1X1, ternary.too_narrow),
    Variant("tc_conv2d_ternary_narrow_s8_scalar", "scalar", _SIXES, ternary.too_narrow),
    Variant("tc_fully_connected_ternary_s8_scalar", "scalar", ternary_vector.lower),
    Variant("tc_fully_connected_ternary_few_s8_scalar", "scalar", ternary_vector.lower_few),
    Variant("tc_conv2d_1x1_ternary_s8_scalar", "scalar", ternary.lower_1x1, ternary.few_pixels),
    Variant("tc_conv2d_ternary_s8_scalar", "scalar", ternary.lower, ternary.few_pixels),
    Variant("tc_conv2d_1x1_s8_scalar", "scalar", wide_apart(scalar.lower_1x1)),
    Variant("tc_conv2d_s8_scalar", "scalar", wide_apart(scalar.lower)),
    Variant("tc_conv2d_1x1_ternary_tables_s8_scalar", "scalar", _TABLES_1X1),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "scalar", _TABLES),
    Variant("tc_conv2d_1x1_ternary_narrow_s8_scalar", "scalar", partial(_SIXES_1X1, by_line=False)),
    Variant("tc_conv2d_ternary_narrow_s8_scalar", "scalar", partial(_SIXES, by_line=False)),
    Variant("tc_conv2d_1x1_ternary_s8_scalar", "scalar", partial(ternary.lower_1x1, by_line=False)),
    Variant("tc_conv2d_ternary_s8_scalar", "scalar", partial(ternary.lower, by_line=False)),
    Variant("tc_conv2d_1x1_ternary_tables_s8_scalar", "scalar", partial(_TABLES_1X1, by_line=False)),
    Variant("tc_conv2d_ternary_tables_s8_scalar", "scalar", partial(_TABLES, by_line=False)),
    Variant("tc_conv2d_1x1_packed_s8_scalar", "scalar", packed_scalar.lower_1x1),
    Variant("tc_conv2d_packed_s8_scalar", "scalar", packed_scalar.lower),
    Variant("tc_conv2d_1x1_s8_ref", "ref", ref.lower_1x1),
    Variant("tc_conv2d_s8_ref", "ref", ref.lower),
)
