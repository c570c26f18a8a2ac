"""How C does each op: which kernel, with which parameters and packed constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels import (
    binary,
    conv2d,
    copy,
    depthwise_conv2d,
    extreme,
    fully_connected,
    lookup,
    mean,
    neg,
    pool,
    prelu,
    quantize,
    reduce_max,
    resize,
    softmax,
    transpose_conv,
)
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Rows, Struct
from tinyc.ops.binary import Binary
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.extreme import Extreme
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.lookup import Lookup
from tinyc.ops.mean import Mean
from tinyc.ops.neg import Neg
from tinyc.ops.pad import Pad
from tinyc.ops.pool import Pool2D
from tinyc.ops.prelu import Prelu
from tinyc.ops.quantize import Quantize
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.softmax import Softmax
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv

__all__ = ["Call", "Constant", "Form", "Lowering", "Operand", "Ref", "Rows", "Struct", "lower"]

#: Op class, and the function (op, graph, isas) -> Lowering for it and its subclasses.
LOWERINGS: tuple[tuple[type[Op], Callable[[Any, Graph, tuple[str, ...]], Lowering]], ...] = (
    (Conv2D, conv2d.lower),
    (DepthwiseConv2D, depthwise_conv2d.lower),
    (TransposeConv, transpose_conv.lower),
    (FullyConnected, fully_connected.lower),
    (Binary, binary.lower),
    (Extreme, extreme.lower),
    (Prelu, prelu.lower),
    (Pool2D, pool.lower),
    (Mean, mean.lower),
    (ReduceMax, reduce_max.lower),
    (Softmax, softmax.lower),
    (Lookup, lookup.lower),
    (Neg, neg.lower),
    (Pad, copy.lower_pad),
    (Reshape, copy.lower_reshape),
    (Transpose, copy.lower_transpose),
    (StridedSlice, copy.lower_strided_slice),
    (Concat, copy.lower_concat),
    (Tile, copy.lower_tile),
    (DepthToSpace, copy.lower_depth_to_space),
    (SpaceToDepth, copy.lower_space_to_depth),
    (ChannelShuffle, copy.lower_channel_shuffle),
    (ResizeNearest, resize.lower_nearest),
    (ResizeBilinear, resize.lower_bilinear),
    (Quantize, quantize.lower_quantize),
    (Dequantize, quantize.lower_dequantize),
)


def lower(op: Op, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    """The kernel calls for `op`. isas: instruction sets whose kernels may be used, best first."""
    for kind, lowering in LOWERINGS:
        if isinstance(op, kind):
            return lowering(op, graph, isas)
    raise InternalError(f"{op.origin}: no kernel for {op.kind}")
