"""Facts of the .tflite operators that readers do not need: options tables, and the versions LiteRT knows."""

from __future__ import annotations

from collections.abc import Mapping

#: Names of the options' tables that an operator may come with. A reader takes missing ones for the defaults.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "ADD": ("AddOptions",),
    "AVERAGE_POOL_2D": ("Pool2DOptions",),
    "CONCATENATION": ("ConcatenationOptions",),
    "CONV_2D": ("Conv2DOptions",),
    "DEPTHWISE_CONV_2D": ("DepthwiseConv2DOptions",),
    "DEQUANTIZE": ("DequantizeOptions",),
    "FULLY_CONNECTED": ("FullyConnectedOptions",),
    "HARD_SWISH": ("HardSwishOptions",),
    "LEAKY_RELU": ("LeakyReluOptions",),
    "LOGISTIC": (),
    "MAX_POOL_2D": ("Pool2DOptions",),
    "MEAN": ("ReducerOptions",),
    "MUL": ("MulOptions",),
    "PAD": ("PadOptions",),
    "PADV2": ("PadV2Options", "PadOptions"),
    "QUANTIZE": ("QuantizeOptions",),
    "RELU": (),
    "RELU6": (),
    "RELU_N1_TO_1": (),
    "RESHAPE": ("ReshapeOptions",),
    "RESIZE_NEAREST_NEIGHBOR": ("ResizeNearestNeighborOptions",),
    "SOFTMAX": ("SoftmaxOptions",),
    "SPLIT": ("SplitOptions",),
    "SQUEEZE": ("SqueezeOptions",),
    "STRIDED_SLICE": ("StridedSliceOptions",),
    "SUB": ("SubOptions",),
    "TANH": (),
    "TRANSPOSE": ("TransposeOptions",),
}

#: Newest version of each operator that LiteRT's reference kernels are registered for; 1 where not listed.
VERSIONS: Mapping[str, int] = {
    "ADD": 5,
    "AVERAGE_POOL_2D": 3,
    "CONCATENATION": 7,
    "CONV_2D": 8,
    "DEPTHWISE_CONV_2D": 6,
    "DEQUANTIZE": 9,
    "FULLY_CONNECTED": 14,
    "LEAKY_RELU": 2,
    "LOGISTIC": 3,
    "MAX_POOL_2D": 3,
    "MEAN": 3,
    "MUL": 7,
    "PAD": 6,
    "PADV2": 6,
    "QUANTIZE": 6,
    "RELU": 3,
    "RELU6": 3,
    "RESIZE_NEAREST_NEIGHBOR": 4,
    "SOFTMAX": 3,
    "SPLIT": 5,
    "STRIDED_SLICE": 4,
    "SUB": 5,
    "TANH": 3,
    "TRANSPOSE": 8,
}
