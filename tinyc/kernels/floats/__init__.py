"""Kernels of float32: a row per op class, as LOWERINGS has them of int8.

An op is one of these where the first activation that it reads, or else its output, is float32. In a network of bytes
these are the ops alone that are of bytes by nature: others have kernels in LOWERINGS, which asks for the element type.
What has no row here is looked for there, too.
"""

from __future__ import annotations

from typing import Any

from tinyc.ir import Graph, Op
from tinyc.kernels import copy, resize
from tinyc.kernels.floats import (
    conv2d,
    elementwise,
    fully_connected,
    pair,
    pool,
    reduce,
    transpose_conv,
    vectors,
)
from tinyc.kernels.floats.move import lower_bilinear, moved
from tinyc.kernels.variant import Variant, only
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.compare import Compare
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.dense import Dense
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.div import Div
from tinyc.ops.expand import Expand
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.float_function import Floor, Sign
from tinyc.ops.function import Function
from tinyc.ops.gather import Gather
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logistic import Logistic
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.mul import Mul
from tinyc.ops.pack import Pack
from tinyc.ops.pad import Pad
from tinyc.ops.pool import Pool2D
from tinyc.ops.prelu import Prelu
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.reduce_prod import ReduceProd
from tinyc.ops.relu import Relu
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv

#: Op class, and the variants of it and its subclasses, in order of preference within an instruction set.
FLOAT_LOWERINGS: tuple[tuple[type[Op], tuple[Variant[Any], ...]], ...] = (
    # with weights, and windows
    (
        Conv2D,
        (
            Variant("tc_fully_connected_f32_ref", "ref", conv2d.lower_1x1),
            Variant("tc_conv2d_f32_ref", "ref", conv2d.lower),
        ),
    ),
    (
        DepthwiseConv2D,
        (
            Variant("tc_depthwise_conv2d_f32_ref", "ref", conv2d.lower_depthwise),
            Variant("tc_conv2d_f32_ref", "ref", conv2d.lower_spread),
        ),
    ),
    (TransposeConv, only(transpose_conv.lower)),
    (Dense, only(fully_connected.lower)),
    (BatchMatMul, only(fully_connected.lower_batch_matmul)),
    (
        Pool2D,
        (
            Variant("tc_pool2d_rows_f32_ref", "ref", pool.lower_whole),
            Variant("tc_pool2d_f32_ref", "ref", pool.lower),
        ),
    ),
    # of two operands
    (Add, only(pair.clamped("add"))),
    (Sub, only(pair.clamped("sub"))),
    (Mul, only(pair.clamped("mul"))),
    (Div, only(pair.clamped("div"))),
    (Maximum, only(pair.plain("maximum"))),
    (Minimum, only(pair.plain("minimum"))),
    (SquaredDifference, only(pair.plain("squared_difference"))),
    (Prelu, only(pair.plain("prelu"))),
    (FloatBinary, only(pair.lower_float_binary)),
    (Compare, only(pair.lower_compare)),
    # of one element
    (Gelu, only(elementwise.lower_gelu)),
    (Function, only(elementwise.lower)),
    (Abs, only(elementwise.lower)),
    (HardSwish, only(elementwise.lower)),
    (Logistic, only(elementwise.lower)),
    (Tanh, only(elementwise.lower)),
    (LeakyRelu, only(elementwise.lower_leaky_relu)),
    (Relu, only(elementwise.lower_relu)),
    # of many
    (Sum, reduce.variants("sum")),
    (Mean, reduce.variants("sum")),
    (ReduceMax, reduce.variants("max")),
    (ReduceMin, reduce.variants("min")),
    (ReduceProd, reduce.variants("prod", by_rows=False)),
    (ArgMax, only(reduce.lower_arg_max)),
    (Softmax, only(vectors.lower_softmax)),
    (SoftmaxOfFloats, only(vectors.lower_softmax)),
    (LogSoftmax, only(vectors.lower_log_softmax)),
    (LogSoftmaxOfFloats, only(vectors.lower_log_softmax)),
    (L2Norm, only(vectors.lower_l2_norm)),
    # moved
    (ResizeBilinear, only(lower_bilinear)),
    (ResizeNearest, only(moved(resize.lower_nearest))),
    (Pad, only(moved(copy.lower_pad))),
    (MirrorPad, only(moved(copy.lower_mirror_pad))),
    (Expand, only(moved(copy.lower_expand))),
    (Transpose, only(moved(copy.lower_transpose))),
    (StridedSlice, only(moved(copy.lower_strided_slice))),
    (Concat, only(moved(copy.lower_concat))),
    (Pack, only(moved(copy.lower_pack))),
    (Gather, only(moved(copy.lower_gather))),
    (Tile, only(moved(copy.lower_tile))),
    (DepthToSpace, only(moved(copy.lower_depth_to_space))),
    (SpaceToDepth, only(moved(copy.lower_space_to_depth))),
    (ChannelShuffle, only(moved(copy.lower_channel_shuffle))),
)


#: Functions of one element that every runtime computes alike, also of floats that are no function of a byte.
_EXACT = (Floor, Sign)


def float_variants(op: Op, graph: Graph) -> tuple[Variant[Any], ...]:
    """Return the kernels of an op of float32; none for another, and for one whose kernels are not of this table."""
    name = next(iter(graph.activations(op)), op.outputs[0])
    beside_bytes = op.is_int8 or op.only_moves or isinstance(op, _EXACT)
    if graph.type(name).dtype != "float32" or not (graph.is_float or beside_bytes):
        return ()
    return next((variants for kind, variants in FLOAT_LOWERINGS if isinstance(op, kind)), ())
