"""Readers of the .tflite operators that compute element by element, and of reductions: sums, activations, borders.

An operator is a row of the table; one that `plain` does not read has a function: guards first, then the op. What int8
arithmetic cannot do is refused by the op itself.
"""

from __future__ import annotations

from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator, Read, plain
from tinyc.ir import Activation, Array, Op
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.div import Div
from tinyc.ops.elu import Elu
from tinyc.ops.exp import Exp
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.float_function import Ceil, Cos, Floor, Round, Sign, Sin
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.log import Log
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logistic import Logistic
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.neg_bytes import NegBytes
from tinyc.ops.prelu import Prelu
from tinyc.ops.quantize import Quantize
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.relu import Relu
from tinyc.ops.requantize import Requantize
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh


def l2_normalization(n: Node) -> Op:
    n.counts((1,))
    n.need(n.options is None or n.options.integer(0, "b") == 0, "a fused activation is not supported")
    return L2Norm(n.input_names, n.output_names, n.origin)


def softmax(n: Node) -> Op:
    kind = SoftmaxOfFloats if n.x().dtype == "float32" else Softmax
    n.counts((1,))
    return kind(n.input_names, n.output_names, n.origin, _real(n))


def log_softmax(n: Node) -> Op:
    kind = LogSoftmaxOfFloats if n.x().dtype == "float32" else LogSoftmax
    n.counts((1,))
    return kind(n.input_names, n.output_names, n.origin)


def neg(n: Node) -> Op:
    n.counts((1,))
    kind = Neg if n.x().dtype == "float32" else NegBytes
    return kind(n.input_names, n.output_names, n.origin)


def quantize(n: Node) -> Op:
    n.counts((1,))
    x = n.x()
    allowed = ("float32", "int8", "uint8")
    n.need(x.dtype in allowed, f"input is {x.dtype}; only float32, int8 and uint8 are supported")
    kind = Quantize if x.dtype == "float32" else Requantize
    return kind(n.input_names, n.output_names, n.origin)


def _arithmetic(function: str, int8: type[Op], *, fused: bool = False) -> Read:
    """Return the reader of an operator on two tensors. int8: the op on bytes; fused: whether it has an activation."""
    made = plain(int8, 2, _fused) if fused else plain(int8, 2)

    def read(n: Node) -> Op | tuple[Op, ...] | Array:
        if n.inputs and n.inputs[0] is not None and n.x().dtype == "float32":
            return _float_binary(function, fused=fused)(n)
        return made(n)

    return read


def _float_binary(function: str, *, fused: bool = False) -> Read:
    activation = _fused if fused else lambda _: Activation.NONE
    return plain(FloatBinary, 2, lambda _: function, activation)


def _missing_in_tflm(kind: str, read: Read) -> Read:
    def checked(n: Node) -> Op | tuple[Op, ...] | Array:
        n.tflm_needs(False, f"{kind} does not exist")
        return read(n)

    return checked


def _fused(n: Node) -> Activation:
    return n.activation(0)


def _flag(n: Node) -> bool:
    """The first of the options: whether dimensions are kept, whether the function is approximate."""
    return n.flag(0)


def _real(n: Node) -> float:
    """The first of the options: SOFTMAX's beta, LEAKY_RELU's alpha."""
    return n.has_options().real(0)


def _axis(n: Node) -> int:
    """The one dimension that the second input names, counted from the first one."""
    rank, axis = len(n.x().shape), n.integers(1, wide=True)
    n.need(len(axis) == 1 and -rank <= axis[0] < rank, f"axis {list(axis)} of {rank} dimensions")
    return axis[0] % rank


def _axes(n: Node) -> tuple[int, ...]:
    """The dimensions that are reduced, ascending, each once."""
    rank = len(n.x().shape)
    axes = n.integers(1)
    n.need(all(-rank <= a < rank for a in axes), f"axes {list(axes)} of an input of {rank} dimensions")
    return tuple(sorted({a % rank for a in axes}))


_BINARY = (
    "broadcasting, up to 6 dimensions (tflm: 4); a constant on either side; fused RELU, RELU6 or RELU_N1_TO_1;"
    " of int8 or float32"
)
_EXTREME = (
    "broadcasting; a constant on either side; operands and output in one scale and zero point; of float32"
)

_ISLAND = "of float32 between DEQUANTIZE and QUANTIZE or at the end, as a table"

#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator("ABS", plain(Abs), options=("AbsOptions",), newest=3, supported="any scales"),
    Operator(
        "ADD", _arithmetic("ADD", Add, fused=True), options=("AddOptions",), newest=5, supported=_BINARY
    ),
    Operator(
        "ARG_MAX",
        plain(ArgMax, 2, _axis, lambda _: True),
        options=("ArgMaxOptions",),
        newest=2,
        supported="any axis; int8 to int32, litert: or int64",
    ),
    Operator(
        "ARG_MIN",
        plain(ArgMax, 2, _axis, lambda _: False),
        options=("ArgMinOptions",),
        newest=2,
        supported="any axis; int8 to int32, litert: or int64",
    ),
    Operator("CEIL", plain(Ceil), supported=f"{_ISLAND}; arithmetic of tflm always"),
    Operator("COS", plain(Cos), options=("CosOptions",), supported=_ISLAND),
    Operator(
        "DEQUANTIZE",
        plain(Dequantize),
        options=("DequantizeOptions",),
        newest=9,
        supported="int8 to float32; at the border of the model it is folded into the interface",
    ),
    Operator(
        "DIV",
        _arithmetic("DIV", Div, fused=True),
        options=("DivOptions",),
        newest=2,
        supported="broadcasting; of int8 whose scales divide to 128 output scales or more, no divisor 0; of float32",
    ),
    Operator(
        "ELU",
        plain(Elu),
        supported="of int8, any scales; of float32 between DEQUANTIZE and QUANTIZE; arithmetic of tflm always",
    ),
    Operator(
        "EXP",
        plain(Exp),
        options=("ExpOptions",),
        newest=2,
        supported="of int8, any scales, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("FLOOR", plain(Floor), supported=_ISLAND),
    Operator(
        "FLOOR_DIV", _float_binary("FLOOR_DIV"), options=("FloorDivOptions",), newest=3, supported=_ISLAND
    ),
    Operator(
        "FLOOR_MOD", _float_binary("FLOOR_MOD"), options=("FloorModOptions",), newest=2, supported=_ISLAND
    ),
    Operator(
        "GELU",
        plain(Gelu, 1, _flag),
        options=("GeluOptions",),
        newest=2,
        supported="of int8, any scales, approximate or not, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("HARD_SWISH", plain(HardSwish), options=("HardSwishOptions",), supported="any scales"),
    Operator(
        "L2_NORMALIZATION",
        l2_normalization,
        options=("L2NormOptions",),
        newest=2,
        supported="over the last dimension; output scale 1/128, zero point 0",
    ),
    Operator(
        "LEAKY_RELU",
        plain(LeakyRelu, 1, _real),
        options=("LeakyReluOptions",),
        newest=2,
        supported="any alpha",
    ),
    Operator(
        "LOG",
        plain(Log),
        newest=2,
        supported="of int8, any scales, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator(
        "LOG_SOFTMAX",
        log_softmax,
        options=("LogSoftmaxOptions",),
        newest=2,
        supported="over the last dimension; of int8: output zero point 127, scale 1/16; of float32",
    ),
    Operator("LOGISTIC", plain(Logistic), newest=3, supported="output zero point -128, scale 1/256"),
    Operator(
        "MAXIMUM",
        _arithmetic("MAXIMUM", Maximum),
        options=("MaximumMinimumOptions",),
        newest=4,
        supported=_EXTREME,
    ),
    Operator(
        "MEAN",
        plain(Mean, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not; input below 2**23 elements",
    ),
    Operator(
        "MINIMUM",
        _arithmetic("MINIMUM", Minimum),
        options=("MaximumMinimumOptions",),
        newest=4,
        supported=_EXTREME,
    ),
    Operator(
        "MUL", _arithmetic("MUL", Mul, fused=True), options=("MulOptions",), newest=7, supported=_BINARY
    ),
    Operator(
        "NEG",
        neg,
        options=("NegOptions",),
        supported="of float32, as converters write it; of int8, which negates the byte, litert only",
    ),
    Operator(
        "POW",
        _missing_in_tflm("POW", _float_binary("POW")),
        options=("PowOptions",),
        supported=f"{_ISLAND}; litert only",
    ),
    Operator(
        "PRELU",
        plain(Prelu, 2),
        supported="alpha constant or computed, of any shape that broadcasts to the input; any scales",
    ),
    Operator(
        "QUANTIZE",
        quantize,
        options=("QuantizeOptions",),
        newest=6,
        supported="float32, int8 or uint8 to int8, int8 to uint8; float32 at a border is folded into the interface",
    ),
    Operator(
        "REDUCE_ALL",
        plain(ReduceMin, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=1,
        supported="of float models; any axes, dimensions kept or not",
    ),
    Operator(
        "REDUCE_ANY",
        plain(ReduceMax, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=1,
        supported="of float models; any axes, dimensions kept or not",
    ),
    Operator(
        "REDUCE_MAX",
        plain(ReduceMax, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not",
    ),
    Operator(
        "REDUCE_MIN",
        plain(ReduceMin, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=3,
        supported="any axes, dimensions kept or not",
    ),
    Operator("RELU", plain(Relu, 1, lambda _: Activation.RELU), newest=3, supported="any scales"),
    Operator(
        "RELU6",
        plain(Relu, 1, lambda _: Activation.RELU6),
        newest=3,
        supported="any scales; litert rescales, tflm clamps the byte",
    ),
    Operator(
        "RELU_N1_TO_1", plain(Relu, 1, lambda _: Activation.RELU_N1_TO_1), supported="any scales; litert only"
    ),
    Operator("ROUND", plain(Round), supported=f"{_ISLAND}; arithmetic of tflm always"),
    Operator(
        "RSQRT",
        plain(Rsqrt),
        newest=3,
        supported="of int8, any scales; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator("SIGN", plain(Sign), options=("SignOptions",), newest=2, supported=f"{_ISLAND}; litert only"),
    Operator("SIN", plain(Sin), supported=_ISLAND),
    Operator(
        "SOFTMAX",
        softmax,
        options=("SoftmaxOptions",),
        newest=3,
        supported="any beta; over the last dimension; of int8: output zero point -128, scale 1/256; of float32",
    ),
    Operator(
        "SQRT",
        plain(Sqrt),
        newest=2,
        supported="of int8, any scales, litert only; of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator(
        "SQUARE",
        plain(Square),
        options=("SquareOptions",),
        supported="of float32 between DEQUANTIZE and QUANTIZE",
    ),
    Operator(
        "SQUARED_DIFFERENCE",
        _arithmetic("SQUARED_DIFFERENCE", SquaredDifference),
        options=("SquaredDifferenceOptions",),
        newest=2,
        supported="broadcasting; a constant on either side; any scales",
    ),
    Operator(
        "SUB", _arithmetic("SUB", Sub, fused=True), options=("SubOptions",), newest=5, supported=_BINARY
    ),
    Operator(
        "SUM",
        plain(Sum, 2, _axes, _flag),
        options=("ReducerOptions",),
        newest=2,
        supported="any axes, dimensions kept or not; input below 2**23 elements; litert: scales that differ",
    ),
    Operator("TANH", plain(Tanh), newest=3, supported="any scales"),
)
