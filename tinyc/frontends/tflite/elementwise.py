"""Readers of the .tflite operators that compute element by element, and of reductions: sums, activations, borders.

One function per operator: guards first, then the op. What LiteRT and TFLM refuse, and what overflows in their
arithmetic, is refused here.
"""

from __future__ import annotations

from math import isfinite

from tinyc.frontends.tflite.node import Node, per_tensor
from tinyc.ir import Activation, Op, TensorType
from tinyc.numerics.binary import BinaryParams, product_scale, sum_params
from tinyc.numerics.hard_swish import exponents
from tinyc.numerics.rectifiers import leaky_relu_scales, prelu_scales, relu_rescales
from tinyc.numerics.sigmoid import fixed_point_multiplier
from tinyc.numerics.softmax import exponent_scale
from tinyc.numerics.squared_difference import squared_difference_scale
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.elu import Elu
from tinyc.ops.exp import Exp
from tinyc.ops.function import Function
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.log import Log
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
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh

#: Most left shifts that a difference of two bytes (at most 255), a product of two such, and a mean of them bear
#: in 32 bits.
_DIFFERENCE_SHIFT, _PRODUCT_SHIFT, _MEAN_SHIFT = 23, 15, 22


def add(n: Node) -> Op:
    activation = _binary(n)
    op = Add(n.input_names, n.output_names, n.origin, activation)
    _sum_scales(n, sum_params(n.types(op), n.out))
    return op


def sub(n: Node) -> Op:
    activation = _binary(n)
    op = Sub(n.input_names, n.output_names, n.origin, activation)
    _sum_scales(n, sum_params(n.types(op), n.out))
    return op


def mul(n: Node) -> Op:
    activation = _binary(n)
    op = Mul(n.input_names, n.output_names, n.origin, activation)
    n.scale_fits(product_scale(n.types(op), n.out, n.reference), most=_PRODUCT_SHIFT)
    return op


def maximum(n: Node) -> Op:
    _extreme(n)
    return Maximum(n.input_names, n.output_names, n.origin)


def minimum(n: Node) -> Op:
    _extreme(n)
    return Minimum(n.input_names, n.output_names, n.origin)


def mean(n: Node) -> Op:
    n.counts((2,))
    x, out = n.int8_activation(), n.int8_output()
    n.need(x.elements < 2**23, f"input has {x.elements} elements; at most {2**23 - 1} are supported")
    n.scale_fits(x.q.scale / out.q.scale, most=_MEAN_SHIFT)
    return Mean(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def reduce_max(n: Node) -> Op:
    n.counts((2,))
    x, out = n.int8_activation(), n.int8_output()
    n.need(n.same_quant(x, out), f"output quantization {out.quant} differs from the input's {x.quant}")
    return ReduceMax(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def reduce_min(n: Node) -> Op:
    n.counts((2,))
    x, out = n.int8_activation(), n.int8_output()
    n.need(n.same_quant(x, out), f"output quantization {out.quant} differs from the input's {x.quant}")
    return ReduceMin(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def sum_(n: Node) -> Op:
    n.counts((2,))
    x, out = n.int8_activation(), n.int8_output()
    n.need(x.elements < 2**23, f"input has {x.elements} elements; at most {2**23 - 1} are supported")
    n.need(
        n.tflm or not n.same_quant(x, out),
        "input and output have one scale and zero point: LiteRT then adds the raw bytes, modulo 256",
    )
    n.scale_fits(x.q.scale / out.q.scale, most=0)
    return Sum(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def squared_difference(n: Node) -> Op:
    n.counts((2,))
    n.int8_activation(0), n.int8_activation(1), n.int8_output()
    op = SquaredDifference(n.input_names, n.output_names, n.origin)
    n.scale_fits(squared_difference_scale(n.types(op), n.out), most=0)
    return op


def l2_normalization(n: Node) -> Op:
    _, out = n.int8_pair()
    n.need(out.q.scale == 1 / 128, f"output scale is {out.q.scale:g}; 1/128 is needed")
    n.need(out.q.zero_point == 0, f"output zero point is {out.q.zero_point}; 0 is needed")
    n.need(n.options is None or n.options.integer(0, "b") == 0, "a fused activation is not supported")
    return L2Norm(n.input_names, n.output_names, n.origin)


def softmax(n: Node) -> Op:
    x, out = n.int8_pair()
    beta = n.has_options().real(0)
    n.need(out.q.zero_point == -128, f"output zero point is {out.q.zero_point}; -128 is needed")
    n.need(abs(out.q.scale - 1 / 256) <= 0.001 / 256, f"output scale is {out.q.scale:g}; 1/256 is needed")
    n.tflm_needs(out.q.scale == 1 / 256, f"output scale is {out.q.scale:.9g}; exactly 1/256 is needed")
    n.need(isfinite(beta) and beta > 0, f"beta is {beta:g}; it must be positive")
    op = Softmax(n.input_names, n.output_names, n.origin, beta)
    exponent = exponent_scale(x, beta)
    n.need(exponent > 1, f"beta times the input's scale is too small: {exponent:g}")
    return op


def logistic(n: Node) -> Op:
    x, out = n.int8_pair()
    n.litert_needs(out.q.scale == 1 / 256, f"output scale is {out.q.scale:g}; 1/256 is needed")
    n.tflm_needs(out.q.zero_point == -128, f"output zero point is {out.q.zero_point}; -128 is needed")
    _sigmoid_scales(n, x, out)
    return Logistic(n.input_names, n.output_names, n.origin)


def tanh(n: Node) -> Op:
    x, out = n.int8_pair()
    _sigmoid_scales(n, x, out)
    return Tanh(n.input_names, n.output_names, n.origin)


def relu(n: Node) -> Op:
    return _relu(n, Activation.RELU)


def relu6(n: Node) -> Op:
    return _relu(n, Activation.RELU6)


def relu_n1_to_1(n: Node) -> Op:
    n.tflm_needs(False, "RELU_N1_TO_1 does not exist")
    return _relu(n, Activation.RELU_N1_TO_1)


def leaky_relu(n: Node) -> Op:
    x, out = n.int8_pair()
    alpha = n.has_options().real(0)
    op = LeakyRelu(n.input_names, n.output_names, n.origin, alpha)
    n.need(isfinite(alpha), f"alpha is {alpha}")
    for real in leaky_relu_scales(x, out, alpha, n.reference):
        n.scale_fits(real, most=_DIFFERENCE_SHIFT)
    return op


def prelu(n: Node) -> Op:
    n.counts((2,))
    x, out = n.int8_activation(0), n.int8_output()
    n.int8_activation(1)
    n.need(
        x.shape == out.shape, f"input has shape {list(x.shape)}, output {list(out.shape)}: they must be equal"
    )
    op = Prelu(n.input_names, n.output_names, n.origin)
    above, below = prelu_scales(n.types(op), out, n.reference)
    n.scale_fits(above, most=_DIFFERENCE_SHIFT)
    n.scale_fits(below, most=_PRODUCT_SHIFT)
    return op


def abs_(n: Node) -> Op:
    x, out = n.int8_pair()
    n.scale_fits(x.q.scale / out.q.scale, most=_DIFFERENCE_SHIFT)
    return Abs(n.input_names, n.output_names, n.origin)


def neg(n: Node) -> Op:
    n.counts((1,))
    if n.x().dtype == "float32":
        n.need(n.out.dtype == "float32", f"output is {n.out.dtype}; float32 is needed")
        return Neg(n.input_names, n.output_names, n.origin)
    n.int8_pair()
    n.tflm_needs(False, "NEG of int8 does not exist")
    return NegBytes(n.input_names, n.output_names, n.origin)


def hard_swish(n: Node) -> Op:
    x, out = n.int8_pair()
    n.scale_fits(x.q.scale / out.q.scale)
    n.scale_fits(x.q.scale, "input", most=19)
    op = HardSwish(n.input_names, n.output_names, n.origin)
    (_, shift), _ = exponents(x, out, n.reference)
    n.need(shift <= 0, f"input scale {x.q.scale:g} is too large for the output's {out.q.scale:g}")
    return op


def exp(n: Node) -> Op:
    n.tflm_needs(n.x().dtype == "float32", "EXP of int8 does not exist")
    return _function(n, Exp(n.input_names, n.output_names, n.origin))


def log(n: Node) -> Op:
    n.tflm_needs(n.x().dtype == "float32", "LOG of int8 does not exist")
    return _function(n, Log(n.input_names, n.output_names, n.origin))


def elu(n: Node) -> Op:
    n.litert_needs(False, "the reference kernels have no ELU")
    return _function(n, Elu(n.input_names, n.output_names, n.origin))


def gelu(n: Node) -> Op:
    n.tflm_needs(False, "GELU does not exist")
    n.need(n.x().dtype == "int8", f"GELU of {n.x().dtype} is not supported; only of int8")
    return _function(n, Gelu(n.input_names, n.output_names, n.origin, n.flag(0)))


def rsqrt(n: Node) -> Op:
    op = Rsqrt(n.input_names, n.output_names, n.origin)
    if n.x().dtype == "int8":
        x, out = n.int8_pair()
        n.scale_fits(op.real_multiplier(x, out), most=20)
        return op
    return _function(n, op)


def sqrt(n: Node) -> Op:
    n.need(n.x().dtype == "float32", f"SQRT of {n.x().dtype} does not exist; only of float32")
    return _function(n, Sqrt(n.input_names, n.output_names, n.origin))


def square(n: Node) -> Op:
    n.need(n.x().dtype == "float32", f"SQUARE of {n.x().dtype} does not exist; only of float32")
    return _function(n, Square(n.input_names, n.output_names, n.origin))


def quantize(n: Node) -> Op:
    n.counts((1,))
    x, out = n.x(), n.out
    if x.dtype == "float32":
        n.int8_output()
        n.need(out.q.scale >= 2.0**-23, f"output scale is {out.q.scale:g}; 2**-23 or more is needed")
        return Quantize(n.input_names, n.output_names, n.origin)
    allowed = ("int8", "uint8")
    n.need(x.dtype in allowed, f"input is {x.dtype}; only float32, int8 and uint8 are supported")
    n.need(out.dtype in allowed, f"output is {out.dtype}; only int8 and uint8 are supported")
    for t, what in ((x, "input"), (out, "output")):
        n.need(per_tensor(t.quant), f"{what} has no single scale and zero point")
    n.scale_fits(x.q.scale / out.q.scale, most=_DIFFERENCE_SHIFT)
    return Requantize(n.input_names, n.output_names, n.origin)


def dequantize(n: Node) -> Op:
    n.counts((1,))
    n.int8_activation()
    n.need(n.out.dtype == "float32", f"output is {n.out.dtype}; float32 is needed")
    return Dequantize(n.input_names, n.output_names, n.origin)


def _function(n: Node, op: Function) -> Op:
    """A function of each element: of float32, or of int8 where no byte overflows on its way."""
    n.counts((1,))
    if n.x().dtype == "float32":
        n.need(n.out.dtype == "float32", f"output is {n.out.dtype}; float32 is needed")
        return op
    x, out = n.int8_pair()
    largest = op.largest_byte(x, out)
    n.need(
        largest < 2.0**31 - 256, f"output scale {out.q.scale:g} is too small: a value is {largest:g} of them"
    )
    return op


def _binary(n: Node) -> Activation:
    n.counts((2,))
    a, b = n.int8_activation(0), n.int8_activation(1)
    n.int8_output()
    broadcast = a.shape != b.shape
    n.tflm_needs(
        not broadcast or max(len(a.shape), len(b.shape)) <= 4, "broadcasting of more than 4 dimensions"
    )
    n.need(not broadcast or max(len(a.shape), len(b.shape)) <= 6, "broadcasting of more than 6 dimensions")
    return n.activation(0)


def _extreme(n: Node) -> None:
    n.counts((2,))
    operands, out = (n.int8_activation(0), n.int8_activation(1)), n.int8_output()
    for i, t in enumerate(operands):
        n.need(
            n.same_quant(t, out), f"output quantization {out.quant} differs from that of input {i}, {t.quant}"
        )


def _axes(n: Node) -> tuple[int, ...]:
    """The dimensions that are reduced, ascending, each once."""
    rank = len(n.x().shape)
    axes = n.integers(1)
    n.need(all(-rank <= a < rank for a in axes), f"axes {list(axes)} of an input of {rank} dimensions")
    return tuple(sorted({a % rank for a in axes}))


def _sum_scales(n: Node, p: BinaryParams) -> None:
    """An output multiplier of 1 or more aborts ADD in both references and SUB in TFLM; LiteRT's SUB shifts by a
    negative number there.
    """
    n.need(p.a_multiplier > 0 or p.b_multiplier > 0, "input scales are 0")
    n.need(p.out_shift <= 0, "input scales are too large for the output's: their ratio is above 2**19")


def _sigmoid_scales(n: Node, x: TensorType, out: TensorType) -> None:
    _, shift = fixed_point_multiplier(x)
    n.tflm_needs(0 <= shift <= 62, f"input scale {x.q.scale:g} is too small or too large")
    n.need(1 / out.q.scale < 2.0**30, f"output scale {out.q.scale:g} is too small")


def _relu(n: Node, activation: Activation) -> Op:
    x, out = n.int8_pair()
    rescales = relu_rescales(activation, n.reference)
    if rescales:
        n.scale_fits(x.q.scale / out.q.scale, most=_DIFFERENCE_SHIFT)
    for bound in (activation.low, activation.high):
        n.byte_of(bound or 0.0, out if rescales else x)
    return Relu(n.input_names, n.output_names, n.origin, activation)
