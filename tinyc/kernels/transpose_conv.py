"""TRANSPOSE_CONV in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import transpose_conv as ref
from tinyc.kernels.scalar import transpose_conv as scalar
from tinyc.kernels.select import Variant, choose
from tinyc.ops.transpose_conv import TransposeConv

#: In order of preference within an instruction set.
VARIANTS: tuple[Variant[TransposeConv], ...] = (
    Variant("tc_transpose_conv_s8_scalar", "scalar", scalar.lower, scalar.refuses),
    Variant("tc_transpose_conv_s8_ref", "ref", ref.lower),
)


def lower(op: TransposeConv, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    return choose(VARIANTS, op, graph, isas)
