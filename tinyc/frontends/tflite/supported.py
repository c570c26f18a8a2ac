"""What of each operator is supported, in words: the rows of `tinyc ops` and docs/supported_ops.md.

The guards of the readers decide; a test keeps the names equal to theirs.
"""

from __future__ import annotations

_WINDOW = "any stride and dilation, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"
_BINARY = (
    "broadcasting, up to 6 dimensions (tflm: 4); a constant on either side; fused RELU, RELU6 or RELU_N1_TO_1"
)
_EXTREME = "broadcasting; a constant on either side; operands and output in one scale and zero point"
_POOL = "any window and stride, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"

_SHAPES = "of the int32 shapes that a model with an open batch works out; computed by the compiler"

#: Operator of a .tflite file, and what of it is supported, in the order of names.
SUPPORTED: tuple[tuple[str, str], ...] = (
    ("ABS", "any scales"),
    ("ADD", _BINARY),
    ("AVERAGE_POOL_2D", _POOL),
    ("BATCH_TO_SPACE_ND", "behind a convolution that SPACE_TO_BATCH_ND makes a dilated one"),
    ("CONCATENATION", "any axis; inputs in the output's scale and zero point; tflm: at most 10 inputs"),
    ("CONV_2D", f"weights per channel or per tensor, constant; {_WINDOW}"),
    ("DEPTHWISE_CONV_2D", f"any multiplier, weights per channel or per tensor, constant; {_WINDOW}"),
    ("DEPTH_TO_SPACE", "any block"),
    ("DEQUANTIZE", "int8 to float32; at the border of the model it is folded into the interface"),
    ("EXPAND_DIMS", "a constant axis"),
    (
        "FULLY_CONNECTED",
        "weights per channel or per tensor, constant; with or without bias; fused activations",
    ),
    ("GATHER", f"{_SHAPES}; litert only"),
    ("HARD_SWISH", "any scales"),
    ("LEAKY_RELU", "any alpha"),
    ("LOGISTIC", "output zero point -128, scale 1/256"),
    ("MAXIMUM", _EXTREME),
    ("MAX_POOL_2D", _POOL),
    ("MEAN", "any axes, dimensions kept or not; input below 2**23 elements"),
    ("MINIMUM", _EXTREME),
    ("MUL", _BINARY),
    ("NEG", "of float32, as converters write it; of int8, which negates the byte, litert only"),
    ("PACK", _SHAPES),
    ("PAD", "up to 5 dimensions, constant paddings"),
    ("PADV2", "as PAD, with a constant value"),
    ("PRELU", "alpha constant or computed, of any shape that broadcasts to the input; any scales"),
    ("QUANTIZE", "float32 or int8 to int8; at the border of the model it is folded into the interface"),
    ("REDUCE_MAX", "any axes, dimensions kept or not"),
    ("REDUCE_PROD", f"{_SHAPES}; litert only"),
    ("RELU", "any scales"),
    ("RELU6", "any scales; litert rescales, tflm clamps the byte"),
    ("RELU_N1_TO_1", "any scales; litert only"),
    ("RESHAPE", "a constant shape"),
    ("RESIZE_BILINEAR", "any size, align_corners or half_pixel_centers"),
    ("RESIZE_NEAREST_NEIGHBOR", "any size, align_corners, half_pixel_centers"),
    ("SHAPE", _SHAPES),
    ("SLICE", "up to 5 dimensions, constant begin and size"),
    ("SOFTMAX", "any beta; output zero point -128, scale 1/256; over the last dimension"),
    ("SPACE_TO_BATCH_ND", "before a convolution of stride 1 with BATCH_TO_SPACE_ND behind it: a dilated one"),
    ("SPACE_TO_DEPTH", "any block"),
    ("SPLIT", "any axis, equal parts"),
    ("SPLIT_V", "any axis, constant sizes; tflm: none left open"),
    ("SQUEEZE", "any dimensions of 1"),
    ("STRIDED_SLICE", "up to 5 dimensions, negative strides, all masks but new_axis; tflm: 4, no ellipsis"),
    ("SUB", _BINARY),
    ("TANH", "any scales"),
    ("TILE", "any constant multiples; litert only"),
    ("TRANSPOSE", "up to 8 dimensions (tflm: 5), any permutation"),
    (
        "TRANSPOSE_CONV",
        "weights per channel or per tensor, constant; with or without bias; a constant output shape; any stride, "
        "SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1",
    ),
    ("UNPACK", "any axis"),
)
