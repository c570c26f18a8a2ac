"""What operators mean, and what each format calls it: one row for a meaning, for the page of supported operators.

Keras has layers, activations and functions of `keras.ops`; they come through TensorFlow's converter, as TFLite, and so
do its names that are not here. tests/frontends/test_meanings.py holds the rows to the front ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """Names of the formats for one thing; "" where a format has no single name for it, and files write it in pieces."""

    what: str
    tflite: str
    onnx: str
    #: Layers by their names, activations and functions in lower case.
    keras: str

    def names(self, which: str) -> tuple[str, ...]:
        """which: "tflite", "onnx" or "keras"."""
        return tuple(str(getattr(self, which)).split())


#: By kin.
MEANINGS: tuple[Meaning, ...] = (
    Meaning("convolution", "CONV_2D", "Conv", "Conv1D Conv2D"),
    Meaning("convolution of each channel", "DEPTHWISE_CONV_2D", "Conv", "DepthwiseConv2D SeparableConv2D"),
    Meaning("dilation", "SPACE_TO_BATCH_ND BATCH_TO_SPACE_ND", "Conv", "Conv2D"),
    Meaning("transposed convolution", "TRANSPOSE_CONV", "ConvTranspose", "Conv2DTranspose"),
    Meaning("dense layer", "FULLY_CONNECTED", "Gemm MatMul", "Dense"),
    Meaning("product of matrices", "BATCH_MATMUL", "MatMul Einsum Gemm", "Dot matmul"),
    Meaning("average of windows", "AVERAGE_POOL_2D", "AveragePool", "AveragePooling1D AveragePooling2D"),
    Meaning("largest of windows", "MAX_POOL_2D", "MaxPool", "MaxPooling1D MaxPooling2D"),
    Meaning("norm of windows", "", "LpPool GlobalLpPool", ""),
    Meaning("batch normalization", "", "BatchNormalization", "BatchNormalization"),
    Meaning(
        "normalization of vectors or groups",
        "",
        "LayerNormalization GroupNormalization InstanceNormalization RMSNormalization MeanVarianceNormalization",
        "LayerNormalization GroupNormalization",
    ),
    Meaning("vector over its norm", "L2_NORMALIZATION", "LpNormalization", "UnitNormalization"),
    Meaning("normalization by neighbouring channels", "", "LRN", ""),
    Meaning("softmax", "SOFTMAX", "Softmax", "Softmax"),
    Meaning("log softmax", "LOG_SOFTMAX", "LogSoftmax", "log_softmax"),
    Meaning("sum of two", "ADD", "Add Sum", "Add add"),
    Meaning("difference", "SUB", "Sub", "Subtract subtract"),
    Meaning("product", "MUL", "Mul", "Multiply Rescaling multiply"),
    Meaning("quotient", "DIV", "Div", "divide"),
    Meaning("average of several", "", "Mean", "Average"),
    Meaning("larger, smaller of two", "MAXIMUM MINIMUM", "Max Min", "Maximum Minimum"),
    Meaning("power", "POW", "Pow", "power"),
    Meaning("square, squared difference", "SQUARE SQUARED_DIFFERENCE", "Pow Mul", "square"),
    Meaning("division and remainder", "FLOOR_DIV FLOOR_MOD", "Mod", "floor_divide mod"),
    Meaning("one over x", "DIV", "Reciprocal", "reciprocal"),
    Meaning("rectifiers", "RELU RELU6 RELU_N1_TO_1", "Relu Clip", "ReLU relu relu6"),
    Meaning("leaky rectifiers", "LEAKY_RELU", "LeakyRelu", "LeakyReLU"),
    Meaning("rectifier by channel", "PRELU", "PRelu", "PReLU"),
    Meaning("exponential rectifiers", "ELU", "Elu Celu Selu", "ELU selu celu"),
    Meaning("rectifiers with a gap", "", "ThresholdedRelu Shrink", "hard_shrink soft_shrink"),
    Meaning("sigmoid", "LOGISTIC", "Sigmoid", "sigmoid"),
    Meaning("hard sigmoid", "", "HardSigmoid", "hard_sigmoid"),
    Meaning("hard swish", "HARD_SWISH", "HardSwish", "hard_silu"),
    Meaning("swish", "", "Swish", "silu"),
    Meaning("GELU", "GELU", "Gelu", "gelu"),
    Meaning("error function", "", "Erf", ""),
    Meaning("softplus, Mish, softsign", "", "Softplus Mish Softsign", "softplus mish softsign"),
    Meaning("hyperbolic tangent", "TANH", "Tanh", "tanh"),
    Meaning("exponential, logarithm", "EXP LOG", "Exp Log", "exp log"),
    Meaning("root, one over root", "SQRT RSQRT", "Sqrt", "sqrt rsqrt"),
    Meaning("sine, cosine, tangent", "SIN COS", "Sin Cos Tan", "sin cos"),
    Meaning("magnitude, sign, negative", "ABS SIGN NEG", "Abs Sign Neg", "abs sign negative"),
    Meaning("whole numbers", "FLOOR CEIL ROUND", "Floor Ceil Round", "floor ceil round"),
    Meaning(
        "mean", "MEAN", "ReduceMean GlobalAveragePool", "GlobalAveragePooling1D GlobalAveragePooling2D mean"
    ),
    Meaning("sum", "SUM", "ReduceSum", "sum"),
    Meaning(
        "largest, smallest",
        "REDUCE_MAX REDUCE_MIN",
        "ReduceMax ReduceMin GlobalMaxPool",
        "GlobalMaxPooling1D GlobalMaxPooling2D max min",
    ),
    Meaning("product of elements", "REDUCE_PROD", "ReduceProd", ""),
    Meaning(
        "norms and logarithms of sums",
        "",
        "ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp",
        "logsumexp",
    ),
    Meaning("running sum", "", "CumSum", ""),
    Meaning("place of the largest", "ARG_MAX ARG_MIN", "ArgMax ArgMin", ""),
    Meaning("one at a place", "", "OneHot", ""),
    Meaning(
        "comparison",
        "EQUAL NOT_EQUAL GREATER GREATER_EQUAL LESS LESS_EQUAL",
        "Equal Greater GreaterOrEqual Less LessOrEqual IsNaN",
        "greater less",
    ),
    Meaning(
        "logic", "LOGICAL_AND LOGICAL_OR LOGICAL_NOT REDUCE_ANY REDUCE_ALL", "And Or Not Xor", "logical_and"
    ),
    Meaning("choice", "SELECT SELECT_V2", "Where", "where"),
    Meaning("element type", "CAST", "Cast", "cast"),
    Meaning("bytes and real numbers", "QUANTIZE DEQUANTIZE", "QuantizeLinear DequantizeLinear", ""),
    Meaning(
        "another shape", "RESHAPE SQUEEZE EXPAND_DIMS", "Reshape Flatten Squeeze Unsqueeze", "Reshape Flatten"
    ),
    Meaning("order of dimensions", "TRANSPOSE", "Transpose", "Permute transpose"),
    Meaning("joining", "CONCATENATION PACK", "Concat", "Concatenate stack"),
    Meaning("parts", "SPLIT SPLIT_V UNPACK", "Split", "split"),
    Meaning("cutting", "SLICE STRIDED_SLICE REVERSE_V2", "Slice", "Cropping1D Cropping2D flip"),
    Meaning("picking by constant indices", "GATHER", "Gather GatherElements GatherND", "take"),
    Meaning("putting at constant indices", "", "ScatterElements ScatterND", ""),
    Meaning("triangle of a matrix", "", "Trilu", ""),
    Meaning("padding", "PAD PADV2 MIRROR_PAD", "Pad", "ZeroPadding1D ZeroPadding2D pad"),
    Meaning("repetition", "TILE BROADCAST_TO", "Tile Expand", "RepeatVector tile"),
    Meaning(
        "another size, by nearest", "RESIZE_NEAREST_NEIGHBOR", "Resize Upsample", "UpSampling1D UpSampling2D"
    ),
    Meaning("another size, linear", "RESIZE_BILINEAR", "Resize Upsample", "Resizing"),
    Meaning("another size, cubic", "", "Resize", ""),
    Meaning("blocks and channels", "DEPTH_TO_SPACE SPACE_TO_DEPTH", "DepthToSpace SpaceToDepth", ""),
    Meaning("constants and shapes", "SHAPE FILL ZEROS_LIKE", "", ""),
    Meaning("nothing, in inference", "", "Identity Dropout", "Dropout GaussianNoise ActivityRegularization"),
)


def columns() -> Iterator[tuple[str, str, str, str]]:
    """Yield (meaning, names in TFLite, in ONNX, in Keras), a dash where there is none."""
    for row in MEANINGS:
        names = (" · ".join(row.names(which)) for which in ("tflite", "onnx", "keras"))
        tflite, onnx, keras = (told or "-" for told in names)
        yield row.what, tflite, onnx, keras
