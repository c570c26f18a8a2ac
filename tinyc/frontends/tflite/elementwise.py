"""Readers of the .tflite operators that compute element by element, and of reductions: sums, activations, borders.

One function per operator: guards first, then the op. What int8 arithmetic cannot do is refused by the op itself.
"""

from __future__ import annotations

from tinyc.frontends.tflite.node import Node
from tinyc.ir import Activation, Op
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.elu import Elu
from tinyc.ops.exp import Exp
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


def add(n: Node) -> Op:
    n.counts((2,))
    return Add(n.input_names, n.output_names, n.origin, n.activation(0))


def sub(n: Node) -> Op:
    n.counts((2,))
    return Sub(n.input_names, n.output_names, n.origin, n.activation(0))


def mul(n: Node) -> Op:
    n.counts((2,))
    return Mul(n.input_names, n.output_names, n.origin, n.activation(0))


def maximum(n: Node) -> Op:
    n.counts((2,))
    return Maximum(n.input_names, n.output_names, n.origin)


def minimum(n: Node) -> Op:
    n.counts((2,))
    return Minimum(n.input_names, n.output_names, n.origin)


def mean(n: Node) -> Op:
    n.counts((2,))
    return Mean(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def reduce_max(n: Node) -> Op:
    n.counts((2,))
    return ReduceMax(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def reduce_min(n: Node) -> Op:
    n.counts((2,))
    return ReduceMin(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def sum_(n: Node) -> Op:
    n.counts((2,))
    return Sum(n.input_names[:1], n.output_names, n.origin, _axes(n), n.flag(0))


def squared_difference(n: Node) -> Op:
    n.counts((2,))
    return SquaredDifference(n.input_names, n.output_names, n.origin)


def l2_normalization(n: Node) -> Op:
    n.counts((1,))
    n.need(n.options is None or n.options.integer(0, "b") == 0, "a fused activation is not supported")
    return L2Norm(n.input_names, n.output_names, n.origin)


def softmax(n: Node) -> Op:
    n.counts((1,))
    return Softmax(n.input_names, n.output_names, n.origin, n.has_options().real(0))


def logistic(n: Node) -> Op:
    n.counts((1,))
    return Logistic(n.input_names, n.output_names, n.origin)


def tanh(n: Node) -> Op:
    n.counts((1,))
    return Tanh(n.input_names, n.output_names, n.origin)


def relu(n: Node) -> Op:
    n.counts((1,))
    return Relu(n.input_names, n.output_names, n.origin, Activation.RELU)


def relu6(n: Node) -> Op:
    n.counts((1,))
    return Relu(n.input_names, n.output_names, n.origin, Activation.RELU6)


def relu_n1_to_1(n: Node) -> Op:
    n.counts((1,))
    return Relu(n.input_names, n.output_names, n.origin, Activation.RELU_N1_TO_1)


def leaky_relu(n: Node) -> Op:
    n.counts((1,))
    return LeakyRelu(n.input_names, n.output_names, n.origin, n.has_options().real(0))


def prelu(n: Node) -> Op:
    n.counts((2,))
    return Prelu(n.input_names, n.output_names, n.origin)


def abs_(n: Node) -> Op:
    n.counts((1,))
    return Abs(n.input_names, n.output_names, n.origin)


def neg(n: Node) -> Op:
    n.counts((1,))
    kind = Neg if n.x().dtype == "float32" else NegBytes
    return kind(n.input_names, n.output_names, n.origin)


def hard_swish(n: Node) -> Op:
    n.counts((1,))
    return HardSwish(n.input_names, n.output_names, n.origin)


def exp(n: Node) -> Op:
    n.counts((1,))
    return Exp(n.input_names, n.output_names, n.origin)


def log(n: Node) -> Op:
    n.counts((1,))
    return Log(n.input_names, n.output_names, n.origin)


def elu(n: Node) -> Op:
    n.counts((1,))
    return Elu(n.input_names, n.output_names, n.origin)


def gelu(n: Node) -> Op:
    n.counts((1,))
    return Gelu(n.input_names, n.output_names, n.origin, n.flag(0))


def rsqrt(n: Node) -> Op:
    n.counts((1,))
    return Rsqrt(n.input_names, n.output_names, n.origin)


def sqrt(n: Node) -> Op:
    n.counts((1,))
    return Sqrt(n.input_names, n.output_names, n.origin)


def square(n: Node) -> Op:
    n.counts((1,))
    return Square(n.input_names, n.output_names, n.origin)


def quantize(n: Node) -> Op:
    n.counts((1,))
    x = n.x()
    allowed = ("float32", "int8", "uint8")
    n.need(x.dtype in allowed, f"input is {x.dtype}; only float32, int8 and uint8 are supported")
    kind = Quantize if x.dtype == "float32" else Requantize
    return kind(n.input_names, n.output_names, n.origin)


def dequantize(n: Node) -> Op:
    n.counts((1,))
    return Dequantize(n.input_names, n.output_names, n.origin)


def _axes(n: Node) -> tuple[int, ...]:
    """The dimensions that are reduced, ascending, each once."""
    rank = len(n.x().shape)
    axes = n.integers(1)
    n.need(all(-rank <= a < rank for a in axes), f"axes {list(axes)} of an input of {rank} dimensions")
    return tuple(sorted({a % rank for a in axes}))
