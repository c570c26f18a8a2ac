"""How C does each op: which kernel, with which parameters and packed constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels import (
    arg_max,
    batch_matmul,
    binary,
    cast,
    conv2d,
    copy,
    depthwise_conv2d,
    extreme,
    fully_connected,
    l2_norm,
    log_softmax,
    lookup,
    mean,
    neg,
    pool,
    prelu,
    quantize,
    reduce_max,
    resize,
    select,
    softmax,
    transpose_conv,
)
from tinyc.kernels.base import Call, Constant, Lowering, Ref, Struct
from tinyc.kernels.floats import float_variants
from tinyc.kernels.ref import fully_connected as ref_fully_connected
from tinyc.kernels.ref import lookup as ref_lookup
from tinyc.kernels.ref import pair
from tinyc.kernels.variant import Refusal, Variant, alternatives, only
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.binary import Binary
from tinyc.ops.cast import Cast
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.compare import Compare
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.copy import Copy
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.div import Div
from tinyc.ops.expand import Expand
from tinyc.ops.extreme import Extreme
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed
from tinyc.ops.gather import Gather
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logical import Logical, LogicalNot
from tinyc.ops.lookup import Lookup
from tinyc.ops.mean import Mean
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.neg import Neg
from tinyc.ops.pack import Pack
from tinyc.ops.pad import Pad
from tinyc.ops.pool import Pool2D
from tinyc.ops.prelu import Prelu
from tinyc.ops.quantize import Quantize
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.select import Select
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import FloatVectors
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.sum import Sum
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.word_table import WordTable

__all__ = [
    "Call", "Constant", "Lowering", "Ref", "Refusal", "Struct", "each_lowering", "lower",
]  # fmt: skip

#: Op class, and the variants of it and its subclasses, in order of preference within an instruction set.
LOWERINGS: tuple[tuple[type[Op], tuple[Variant[Any], ...]], ...] = (
    (Conv2D, conv2d.VARIANTS),
    (DepthwiseConv2D, depthwise_conv2d.VARIANTS),
    (TransposeConv, transpose_conv.VARIANTS),
    (FullyConnected, fully_connected.VARIANTS),
    (FullyConnectedComputed, only(ref_fully_connected.lower)),
    (BatchMatMul, only(batch_matmul.lower)),
    (Binary, binary.VARIANTS),
    (Extreme, extreme.VARIANTS),
    (Prelu, prelu.VARIANTS),
    (Pool2D, pool.VARIANTS),
    (Sum, mean.SUM_VARIANTS),
    (Mean, mean.VARIANTS),
    (ReduceMax, reduce_max.VARIANTS),
    (ReduceMin, reduce_max.MIN_VARIANTS),
    (SquaredDifference, only(pair.lower_squared_difference)),
    (Div, only(pair.lower_div)),
    (Compare, only(pair.lower_compare)),
    (Logical, only(pair.lower_logical)),
    (FloatBinary, only(pair.lower_float_binary)),
    (Select, only(select.lower)),
    (Cast, only(cast.lower)),
    (L2Norm, only(l2_norm.lower)),
    (ArgMax, only(arg_max.lower)),
    (Gather, only(copy.lower_gather)),
    (Pack, only(copy.lower_pack)),
    (Softmax, softmax.VARIANTS),
    (LogSoftmax, only(log_softmax.lower)),
    (FloatVectors, only(log_softmax.lower_of_floats)),
    (Lookup, lookup.VARIANTS),
    (WordTable, only(ref_lookup.lower_words)),
    (LogicalNot, only(ref_lookup.lower_not)),
    (Neg, only(neg.lower)),
    (Pad, only(copy.lower_pad)),
    (MirrorPad, only(copy.lower_mirror_pad)),
    (Expand, only(copy.lower_expand)),
    (Reshape, only(copy.lower_reshape)),
    (Copy, only(copy.lower_copy)),
    (Transpose, only(copy.lower_transpose)),
    (StridedSlice, only(copy.lower_strided_slice)),
    (Concat, only(copy.lower_concat)),
    (Tile, only(copy.lower_tile)),
    (DepthToSpace, only(copy.lower_depth_to_space)),
    (SpaceToDepth, only(copy.lower_space_to_depth)),
    (ChannelShuffle, only(copy.lower_channel_shuffle)),
    (ResizeNearest, only(resize.lower_nearest)),
    (ResizeBilinear, only(resize.lower_bilinear)),
    (Quantize, only(quantize.lower_quantize)),
    (Dequantize, only(quantize.lower_dequantize)),
)


def lower(op: Op, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    """Return `op` by its preferred kernel. isas: instruction sets whose kernels may be used, best first."""
    return next(each_lowering(op, graph, isas))


def each_lowering(op: Op, graph: Graph, isas: tuple[str, ...]) -> Iterator[Lowering]:
    """Return `op` by each kernel that takes it, the preferred one first; at least one."""
    if floats := float_variants(op, graph):
        return alternatives(floats, op, graph, isas)
    for kind, variants in LOWERINGS:
        if isinstance(op, kind):
            return alternatives(variants, op, graph, isas)
    raise InternalError(f"{op.origin}: no kernel for {op.kind}")
