"""How each op is written as operators of the .tflite format: a row per op class, beside its writer.

Versions are the least that the format's history gives an operator of these types (TFLite's `op_version.cc`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import tflite

from tinyc.export import logic, windowed
from tinyc.export.draft import ACTIVATIONS, Draft, Write
from tinyc.ir import Activation, Op
from tinyc.numerics.affine import quantize
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.average_pool2d import AveragePool2D
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
from tinyc.ops.elu import Elu
from tinyc.ops.exp import Exp
from tinyc.ops.expand import Expand
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.float_function import Ceil, Cos, Floor, Round, Sign, Sin
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed
from tinyc.ops.gather import Gather
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.log import Log
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logical import LogicalAnd, LogicalNot, LogicalOr
from tinyc.ops.logistic import Logistic
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.neg_bytes import NegBytes
from tinyc.ops.pack import Pack
from tinyc.ops.pad import Pad
from tinyc.ops.prelu import Prelu
from tinyc.ops.quantize import Quantize
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.reduce_prod import ReduceProd
from tinyc.ops.reduction import Reduction
from tinyc.ops.relu import Relu
from tinyc.ops.requantize import Requantize
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.select import Select
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv


def _plain(kind: str, int8: int = 1, options: str = "", floats: int = 1) -> Write:
    """Return the writer of an op that is said by its kind and operands alone."""

    def write(d: Draft, op: Op) -> None:
        d.add(kind, d.version(op, floats, int8), op.inputs, op.outputs, options)

    return write


def _sum(kind: str, int8: int, options: str) -> Write:
    """Return the writer of an element by element op with a fused activation."""

    def write(d: Draft, op: Binary) -> None:
        fused = ACTIVATIONS[op.activation]
        version = d.version(op, 1, int8)
        d.add(kind, version, op.inputs, op.outputs, options, FusedActivationFunction=fused)

    return write


def _mul(d: Draft, op: Mul) -> None:
    version = d.version(op, 1, 2)
    types, out = d.graph.types(op), d.graph.type(op.outputs[0])
    if version == 2 and types.a.q.scale * types.b.q.scale >= out.q.scale:
        version = 3
    fused = ACTIVATIONS[op.activation]
    d.add("MUL", version, op.inputs, op.outputs, "MulOptions", FusedActivationFunction=fused)


def _batch_matmul(d: Draft, op: BatchMatMul) -> None:
    fields = {"AdjX": op.adj_x, "AdjY": op.adj_y}
    d.add("BATCH_MATMUL", d.version(op, 1, 2), op.inputs, op.outputs, "BatchMatMulOptions", **fields)


def _reduction(kind: str) -> Write:
    def write(d: Draft, op: Reduction) -> None:
        axes = d.integers(op.x, op.axes)
        fields = {"KeepDims": op.keep_dims}
        d.add(kind, d.version(op, 1, 2), (op.x, axes), op.outputs, "ReducerOptions", **fields)

    return write


def _arg_max(d: Draft, op: ArgMax) -> None:
    kind, options = ("ARG_MAX", "ArgMaxOptions") if op.largest else ("ARG_MIN", "ArgMinOptions")
    made = d.graph.type(op.outputs[0]).dtype
    number = {"int32": tflite.TensorType.INT32, "int64": tflite.TensorType.INT64}[made]
    inputs = (op.x, d.integers(op.x, op.axis))
    d.add(kind, d.version(op, 1, 2), inputs, op.outputs, options, OutputType=number)


def _relu(d: Draft, op: Relu) -> None:
    kind = {Activation.RELU: "RELU", Activation.RELU6: "RELU6"}.get(op.activation, "RELU_N1_TO_1")
    d.add(kind, 1 if kind == "RELU_N1_TO_1" else d.version(op, 1, 2), op.inputs, op.outputs)


def _softmax(d: Draft, op: Softmax | SoftmaxOfFloats) -> None:
    d.add("SOFTMAX", d.version(op, 1, 2), op.inputs, op.outputs, "SoftmaxOptions", Beta=op.beta)


def _leaky_relu(d: Draft, op: LeakyRelu) -> None:
    d.add("LEAKY_RELU", d.version(op, 1, 2), op.inputs, op.outputs, "LeakyReluOptions", Alpha=op.alpha)


def _gelu(d: Draft, op: Gelu) -> None:
    d.add("GELU", d.version(op, 1, 2), op.inputs, op.outputs, "GeluOptions", Approximate=op.approximate)


def _pad_op(d: Draft, op: Pad) -> None:
    inputs = (op.x, d.integers(op.x, op.pads))
    kind = d.graph.type(op.outputs[0])
    if not op.value:
        d.add("PAD", d.version(op, 1, 2), inputs, op.outputs, "PadOptions")
        return
    border = np.full((1,), op.value, np.float32)
    data = quantize(border, kind) if kind.dtype == "int8" else border
    value = d.constant(op.x, replace(kind, shape=(1,)), data)
    d.add("PADV2", d.version(op, 1, 2), (*inputs, value), op.outputs, "PadV2Options")


def _reshape(d: Draft, op: Reshape) -> None:
    shape = d.integers(op.x, op.shape)
    d.add("RESHAPE", 1, (op.x, shape), op.outputs, "ReshapeOptions", NewShape=op.shape)


def _copy(d: Draft, op: Copy) -> None:
    """A constant is an output by itself; anything else is copied by a RESHAPE."""
    if d.graph.is_constant(op.x):
        d.same[op.outputs[0]] = op.x
        return
    kind = d.graph.type(op.x)
    shape = d.integers(op.x, kind.shape)
    d.add("RESHAPE", 1, (op.x, shape), op.outputs, "ReshapeOptions", NewShape=kind.shape)


def _transpose(d: Draft, op: Transpose) -> None:
    rank = len(op.perm)
    version = 6 if rank > 5 else 4 if rank > 4 else d.version(op, 1, 2)
    d.add("TRANSPOSE", version, (op.x, d.integers(op.x, op.perm)), op.outputs, "TransposeOptions")


def _channel_shuffle(d: Draft, op: ChannelShuffle) -> None:
    kind = d.graph.type(op.x)
    *before, channels = kind.shape
    split = (*before, op.groups, channels // op.groups)
    turned = (*before, split[-1], split[-2])
    apart, crossed = (d.between(op.x, replace(kind, shape=shape)) for shape in (split, turned))
    perm = (*range(len(before)), len(before) + 1, len(before))
    d.add("RESHAPE", 1, (op.x, d.integers(op.x, split)), (apart,), "ReshapeOptions", NewShape=split)
    d.add("TRANSPOSE", 4, (apart, d.integers(op.x, perm)), (crossed,), "TransposeOptions")
    shape = d.integers(op.x, kind.shape)
    d.add("RESHAPE", 1, (crossed, shape), op.outputs, "ReshapeOptions", NewShape=kind.shape)


def _tile(d: Draft, op: Tile) -> None:
    d.add("TILE", d.version(op, 1, 3), (op.x, d.integers(op.x, op.multiples)), op.outputs)


def _concat(d: Draft, op: Concat) -> None:
    d.add("CONCATENATION", d.version(op, 1, 2), op.inputs, op.outputs, "ConcatenationOptions", Axis=op.axis)


def _pack(d: Draft, op: Pack) -> None:
    fields = {"Axis": op.axis, "ValuesCount": len(op.inputs)}
    d.add("PACK", d.version(op, 1, 2), op.inputs, op.outputs, "PackOptions", **fields)


def _gather(d: Draft, op: Gather) -> None:
    indices = d.integers(op.x, np.array(op.indices, np.int32).reshape(op.shape))
    d.add("GATHER", d.version(op, 1, 2), (op.x, indices), op.outputs, "GatherOptions", Axis=op.axis)


def _strided_slice(d: Draft, op: StridedSlice) -> None:
    """Where dimensions are dropped, a RESHAPE drops them."""
    kind, out = d.graph.type(op.x), op.outputs[0]
    spans = list(zip(op.begin, op.strides, op.sliced_shape, strict=True))
    ends = [begin + step * count for begin, step, count in spans]
    open_ended = sum(1 << i for i, end in enumerate(ends) if end < 0)
    parts = (op.begin, [max(end, 0) for end in ends], op.strides)
    made = out if op.shape == op.sliced_shape else d.between(out, replace(kind, shape=op.sliced_shape))
    inputs = (op.x, *(d.integers(op.x, part) for part in parts))
    d.add("STRIDED_SLICE", d.version(op, 1, 2), inputs, (made,), "StridedSliceOptions", EndMask=open_ended)
    if made != out:
        shape = d.integers(op.x, op.shape)
        d.add("RESHAPE", 1, (made, shape), (out,), "ReshapeOptions", NewShape=op.shape)


def _block(kind: str, options: str, int8: int) -> Write:
    def write(d: Draft, op: DepthToSpace | SpaceToDepth) -> None:
        d.add(kind, d.version(op, 1, int8), op.inputs, op.outputs, options, BlockSize=op.block)

    return write


def _resize(kind: str, options: str, int8: int) -> Write:
    def write(d: Draft, op: ResizeBilinear | ResizeNearest) -> None:
        flags = {"AlignCorners": op.align_corners, "HalfPixelCenters": op.half_pixel}
        version = 3 if any(flags.values()) else d.version(op, 1, int8)
        d.add(kind, version, (op.x, d.integers(op.x, op.size)), op.outputs, options, **flags)

    return write


#: By class, in the order of names.
WRITERS: Mapping[type[Op], Write] = {
    Abs: _plain("ABS", 2, "AbsOptions"),
    Add: _sum("ADD", 2, "AddOptions"),
    ArgMax: _arg_max,
    AveragePool2D: windowed.pool("AVERAGE_POOL_2D"),
    BatchMatMul: _batch_matmul,
    Cast: logic.cast,
    Ceil: logic.plain("CEIL"),
    ChannelShuffle: _channel_shuffle,
    Compare: logic.compare,
    Concat: _concat,
    Conv2D: windowed.conv2d,
    Copy: _copy,
    Cos: logic.plain("COS", "CosOptions"),
    DepthToSpace: _block("DEPTH_TO_SPACE", "DepthToSpaceOptions", 1),
    DepthwiseConv2D: windowed.depthwise,
    Dequantize: _plain("DEQUANTIZE", 2, "DequantizeOptions"),
    Div: logic.div,
    Elu: _plain("ELU"),
    Exp: _plain("EXP", 2, "ExpOptions"),
    Expand: logic.expand,
    FloatBinary: logic.float_binary,
    Floor: logic.plain("FLOOR"),
    FullyConnected: windowed.dense,
    FullyConnectedComputed: windowed.dense,
    Gather: _gather,
    Gelu: _gelu,
    HardSwish: _plain("HARD_SWISH", 1, "HardSwishOptions"),
    L2Norm: _plain("L2_NORMALIZATION", 2, "L2NormOptions"),
    LeakyRelu: _leaky_relu,
    Log: _plain("LOG", 2),
    LogicalAnd: logic.plain("LOGICAL_AND", "LogicalAndOptions"),
    LogicalNot: logic.plain("LOGICAL_NOT", "LogicalNotOptions"),
    LogicalOr: logic.plain("LOGICAL_OR", "LogicalOrOptions"),
    Logistic: _plain("LOGISTIC", 2),
    LogSoftmax: _plain("LOG_SOFTMAX", 2, "LogSoftmaxOptions"),
    LogSoftmaxOfFloats: _plain("LOG_SOFTMAX", 1, "LogSoftmaxOptions"),
    Maximum: _plain("MAXIMUM", 2, "MaximumMinimumOptions"),
    MaxPool2D: windowed.pool("MAX_POOL_2D"),
    Mean: _reduction("MEAN"),
    Minimum: _plain("MINIMUM", 2, "MaximumMinimumOptions"),
    MirrorPad: logic.mirror_pad,
    Mul: _mul,
    Neg: _plain("NEG", 1, "NegOptions"),
    NegBytes: _plain("NEG", 1, "NegOptions"),
    Pack: _pack,
    Pad: _pad_op,
    Prelu: _plain("PRELU"),
    Quantize: _plain("QUANTIZE", 2, "QuantizeOptions"),
    ReduceMax: _reduction("REDUCE_MAX"),
    ReduceMin: _reduction("REDUCE_MIN"),
    ReduceProd: _reduction("REDUCE_PROD"),
    Relu: _relu,
    Requantize: _plain("QUANTIZE", 2, "QuantizeOptions"),
    Reshape: _reshape,
    ResizeBilinear: _resize("RESIZE_BILINEAR", "ResizeBilinearOptions", 2),
    ResizeNearest: _resize("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", 2),
    Round: logic.plain("ROUND"),
    Rsqrt: _plain("RSQRT", 2),
    Select: logic.select,
    Sign: logic.plain("SIGN", "SignOptions"),
    Sin: logic.plain("SIN"),
    Softmax: _softmax,
    SoftmaxOfFloats: _softmax,
    SpaceToDepth: _block("SPACE_TO_DEPTH", "SpaceToDepthOptions", 2),
    Sqrt: _plain("SQRT", 2),
    Square: _plain("SQUARE", 1, "SquareOptions"),
    SquaredDifference: _plain("SQUARED_DIFFERENCE", 2, "SquaredDifferenceOptions"),
    StridedSlice: _strided_slice,
    Sub: _sum("SUB", 2, "SubOptions"),
    Sum: _reduction("SUM"),
    Tanh: _plain("TANH", 2),
    Tile: _tile,
    Transpose: _transpose,
    TransposeConv: windowed.transpose_conv,
}
