"""The operators that the .tflite front end reads, one row each: what reads it, and what of it is supported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyc.frontends.tflite import dilation, elementwise, move, shapes, windowed
from tinyc.frontends.tflite.node import Node
from tinyc.ir import Array, Op

#: What a reader makes of an operator; an array is the value of an output known already.
Read = Callable[[Node], Op | tuple[Op, ...] | Array]


@dataclass(frozen=True)
class Operator:
    """One operator of the file format."""

    #: The format's name of it.
    kind: str
    #: Its reader: guards first, then the op.
    read: Read
    #: In words, for `tinyc ops` and docs/supported_ops.md; the reader's guards decide.
    supported: str
    #: Names of the options' tables that it may come with. A reader takes a missing one for the defaults.
    options: tuple[str, ...] = ()
    #: Newest version that LiteRT's reference kernels are registered for (TILE: see verify/judge/interpreters.py).
    newest: int = 1


_WINDOW = "any stride and dilation, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"
_BINARY = (
    "broadcasting, up to 6 dimensions (tflm: 4); a constant on either side; fused RELU, RELU6 or RELU_N1_TO_1"
)
_EXTREME = "broadcasting; a constant on either side; operands and output in one scale and zero point"
_POOL = "any window and stride, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"
_SHAPES = "of the int32 shapes that a model with an open batch works out; computed by the compiler"

#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator("ABS", elementwise.abs_, options=("AbsOptions",), newest=3, supported="any scales"),
    Operator("ADD", elementwise.add, options=("AddOptions",), newest=5, supported=_BINARY),
    Operator(
        "AVERAGE_POOL_2D", windowed.average_pool_2d, options=("Pool2DOptions",), newest=3, supported=_POOL
    ),
    Operator(
        "BATCH_TO_SPACE_ND",
        dilation.batch_to_space,
        options=("BatchToSpaceNDOptions",),
        newest=4,
        supported="behind a convolution that SPACE_TO_BATCH_ND makes a dilated one",
    ),
    Operator(
        "CONCATENATION",
        move.concatenation,
        options=("ConcatenationOptions",),
        newest=7,
        supported="any axis; inputs in the output's scale and zero point; tflm: at most 10 inputs",
    ),
    Operator(
        "CONV_2D",
        windowed.conv_2d,
        options=("Conv2DOptions",),
        newest=8,
        supported=f"weights per channel or per tensor, constant; {_WINDOW}",
    ),
    Operator(
        "DEPTHWISE_CONV_2D",
        windowed.depthwise_conv_2d,
        options=("DepthwiseConv2DOptions",),
        newest=6,
        supported=f"any multiplier, weights per channel or per tensor, constant; {_WINDOW}",
    ),
    Operator("DEPTH_TO_SPACE", move.depth_to_space, options=("DepthToSpaceOptions",), supported="any block"),
    Operator(
        "DEQUANTIZE",
        elementwise.dequantize,
        options=("DequantizeOptions",),
        newest=9,
        supported="int8 to float32; at the border of the model it is folded into the interface",
    ),
    Operator(
        "ELU",
        elementwise.elu,
        supported="of int8, any scales; of float32 between DEQUANTIZE and QUANTIZE; arithmetic of tflm always",
    ),
    Operator(
        "EXP",
        elementwise.exp,
        options=("ExpOptions",),
        newest=2,
        supported="of int8, any scales, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("EXPAND_DIMS", move.expand_dims, options=("ExpandDimsOptions",), supported="a constant axis"),
    Operator(
        "FULLY_CONNECTED",
        windowed.fully_connected,
        options=("FullyConnectedOptions",),
        newest=14,
        supported="weights per channel or per tensor, constant; with or without bias; fused activations",
    ),
    Operator(
        "GATHER", shapes.gather, options=("GatherOptions",), newest=8, supported=f"{_SHAPES}; litert only"
    ),
    Operator(
        "GELU",
        elementwise.gelu,
        options=("GeluOptions",),
        newest=2,
        supported="of int8, any scales, approximate or not; litert only",
    ),
    Operator("HARD_SWISH", elementwise.hard_swish, options=("HardSwishOptions",), supported="any scales"),
    Operator(
        "L2_NORMALIZATION",
        elementwise.l2_normalization,
        options=("L2NormOptions",),
        newest=2,
        supported="over the last dimension; output scale 1/128, zero point 0",
    ),
    Operator(
        "LEAKY_RELU", elementwise.leaky_relu, options=("LeakyReluOptions",), newest=2, supported="any alpha"
    ),
    Operator(
        "LOG",
        elementwise.log,
        newest=2,
        supported="of int8, any scales, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("LOGISTIC", elementwise.logistic, newest=3, supported="output zero point -128, scale 1/256"),
    Operator(
        "MAXIMUM", elementwise.maximum, options=("MaximumMinimumOptions",), newest=4, supported=_EXTREME
    ),
    Operator("MAX_POOL_2D", windowed.max_pool_2d, options=("Pool2DOptions",), newest=3, supported=_POOL),
    Operator(
        "MEAN",
        elementwise.mean,
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not; input below 2**23 elements",
    ),
    Operator(
        "MINIMUM", elementwise.minimum, options=("MaximumMinimumOptions",), newest=4, supported=_EXTREME
    ),
    Operator("MUL", elementwise.mul, options=("MulOptions",), newest=7, supported=_BINARY),
    Operator(
        "NEG",
        elementwise.neg,
        options=("NegOptions",),
        supported="of float32, as converters write it; of int8, which negates the byte, litert only",
    ),
    Operator(
        "PACK",
        move.pack,
        options=("PackOptions",),
        newest=5,
        supported="any axis; inputs in the output's scale and zero point",
    ),
    Operator(
        "PAD", move.pad, options=("PadOptions",), newest=6, supported="up to 5 dimensions, constant paddings"
    ),
    Operator(
        "PADV2",
        move.pad,
        options=("PadV2Options", "PadOptions"),
        newest=6,
        supported="as PAD, with a constant value",
    ),
    Operator(
        "PRELU",
        elementwise.prelu,
        supported="alpha constant or computed, of any shape that broadcasts to the input; any scales",
    ),
    Operator(
        "QUANTIZE",
        elementwise.quantize,
        options=("QuantizeOptions",),
        newest=6,
        supported="float32, int8 or uint8 to int8, int8 to uint8; float32 at a border is folded into the interface",
    ),
    Operator(
        "REDUCE_MAX",
        elementwise.reduce_max,
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not",
    ),
    Operator(
        "REDUCE_MIN",
        elementwise.reduce_min,
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not",
    ),
    Operator(
        "REDUCE_PROD",
        shapes.reduce_prod,
        options=("ReducerOptions",),
        newest=2,
        supported=f"{_SHAPES}; litert only",
    ),
    Operator("RELU", elementwise.relu, newest=3, supported="any scales"),
    Operator(
        "RELU6", elementwise.relu6, newest=3, supported="any scales; litert rescales, tflm clamps the byte"
    ),
    Operator("RELU_N1_TO_1", elementwise.relu_n1_to_1, supported="any scales; litert only"),
    Operator("RESHAPE", move.reshape, options=("ReshapeOptions",), supported="a constant shape"),
    Operator(
        "RESIZE_BILINEAR",
        windowed.resize_bilinear,
        options=("ResizeBilinearOptions",),
        newest=4,
        supported="any size, align_corners or half_pixel_centers",
    ),
    Operator(
        "RESIZE_NEAREST_NEIGHBOR",
        move.resize_nearest_neighbor,
        options=("ResizeNearestNeighborOptions",),
        newest=4,
        supported="any size, align_corners, half_pixel_centers",
    ),
    Operator(
        "RSQRT",
        elementwise.rsqrt,
        newest=3,
        supported="of int8, any scales; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("SHAPE", shapes.shape, options=("ShapeOptions",), supported=_SHAPES),
    Operator(
        "SLICE",
        move.slice_,
        options=("SliceOptions",),
        newest=8,
        supported="up to 5 dimensions, constant begin and size",
    ),
    Operator(
        "SOFTMAX",
        elementwise.softmax,
        options=("SoftmaxOptions",),
        newest=3,
        supported="any beta; output zero point -128, scale 1/256; over the last dimension",
    ),
    Operator(
        "SPACE_TO_BATCH_ND",
        dilation.space_to_batch,
        options=("SpaceToBatchNDOptions",),
        newest=4,
        supported="before a convolution of stride 1 with BATCH_TO_SPACE_ND behind it: a dilated one",
    ),
    Operator(
        "SPACE_TO_DEPTH",
        move.space_to_depth,
        options=("SpaceToDepthOptions",),
        newest=2,
        supported="any block",
    ),
    Operator("SPLIT", move.split, options=("SplitOptions",), newest=5, supported="any axis, equal parts"),
    Operator(
        "SPLIT_V",
        move.split_v,
        options=("SplitVOptions",),
        newest=3,
        supported="any axis, constant sizes; tflm: none left open",
    ),
    Operator(
        "SQRT",
        elementwise.sqrt,
        newest=2,
        supported="of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator(
        "SQUARE",
        elementwise.square,
        options=("SquareOptions",),
        supported="of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator(
        "SQUARED_DIFFERENCE",
        elementwise.squared_difference,
        options=("SquaredDifferenceOptions",),
        newest=2,
        supported="broadcasting; a constant on either side; any scales",
    ),
    Operator("SQUEEZE", move.squeeze, options=("SqueezeOptions",), supported="any dimensions of 1"),
    Operator(
        "STRIDED_SLICE",
        move.strided_slice,
        options=("StridedSliceOptions",),
        newest=4,
        supported="up to 5 dimensions, negative strides, all masks but new_axis; tflm: 4, no ellipsis",
    ),
    Operator("SUB", elementwise.sub, options=("SubOptions",), newest=5, supported=_BINARY),
    Operator(
        "SUM",
        elementwise.sum_,
        options=("ReducerOptions",),
        newest=2,
        supported="any axes, dimensions kept or not; input below 2**23 elements; litert: scales that differ",
    ),
    Operator("TANH", elementwise.tanh, newest=3, supported="any scales"),
    Operator("TILE", move.tile, newest=3, supported="any constant multiples; litert only"),
    Operator(
        "TRANSPOSE",
        move.transpose,
        options=("TransposeOptions",),
        newest=8,
        supported="up to 8 dimensions (tflm: 5), any permutation",
    ),
    Operator(
        "TRANSPOSE_CONV",
        windowed.transpose_conv,
        options=("TransposeConvOptions",),
        newest=5,
        supported="weights per channel or per tensor, constant; with or without bias; a constant output shape; "
        "any stride, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1",
    ),
    Operator("UNPACK", move.unpack, options=("UnpackOptions",), newest=6, supported="any axis"),
)

#: By the format's name.
BY_KIND = {operator.kind: operator for operator in OPERATORS}
