"""Readers of ONNX functions of one element that are made of others."""

from __future__ import annotations

import numpy as np

from tinyc.frontends.onnx.compose import Read, both, float_binary, number, of
from tinyc.frontends.onnx.values import Known, Lazy, Node, like
from tinyc.ir import Activation, Op, Origin
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.compare import Compare
from tinyc.ops.div import Div
from tinyc.ops.elu import Elu
from tinyc.ops.exp import Exp
from tinyc.ops.float_function import Cos, Sign, Sin
from tinyc.ops.log import Log
from tinyc.ops.logistic import Logistic
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.relu import Relu
from tinyc.ops.select import Select
from tinyc.ops.sub import Sub
from tinyc.ops.tanh import Tanh


def _attribute(n: Node, name: str, default: float) -> float:
    return float(np.float32(n.attributes.get(name, default)))


def reciprocal(n: Node) -> Read:
    return [both(n, Div, Known(np.asarray(1, np.float32)), n.computed())]


def softsign(n: Node) -> Read:
    """x / (1 + |x|)."""
    x = n.computed()
    return [both(n, Div, x, number(n, Add, of(n, Abs, x), 1.0))]


def softplus(n: Node) -> Read:
    return [_softplus(n, n.computed())]


def _softplus(n: Node, x: Lazy) -> Lazy:
    """log(1 + e^x) as max(x, 0) + log(1 + e^-|x|), which no x is too large for."""
    small = of(n, Exp, of(n, Neg, of(n, Abs, x)))
    return both(n, Add, of(n, Relu, x, Activation.RELU), of(n, Log, number(n, Add, small, 1.0)))


def mish(n: Node) -> Read:
    x = n.computed()
    return [both(n, Mul, x, of(n, Tanh, _softplus(n, x)))]


def swish(n: Node) -> Read:
    x, alpha = n.computed(), _attribute(n, "alpha", 1.0)
    return [both(n, Mul, x, of(n, Logistic, x if alpha == 1 else number(n, Mul, x, alpha)))]


def elu(n: Node) -> Read:
    x, alpha = n.computed(), _attribute(n, "alpha", 1.0)
    return [of(n, Elu, x) if alpha == 1 else _two_sided(n, x, alpha, 1.0)]


def celu(n: Node) -> Read:
    x, alpha = n.computed(), _attribute(n, "alpha", 1.0)
    return [of(n, Elu, x) if alpha == 1 else _two_sided(n, x, alpha, alpha)]


def selu(n: Node) -> Read:
    made = _two_sided(n, n.computed(), _attribute(n, "alpha", 1.6732632), 1.0)
    return [number(n, Mul, made, _attribute(n, "gamma", 1.050701))]


def _two_sided(n: Node, x: Lazy, factor: float, divisor: float) -> Lazy:
    """x, or factor * (e^(x / divisor) - 1) where it is negative."""
    below = number(n, Minimum, x, 0.0)
    below = below if divisor == 1 else number(n, Mul, below, 1 / divisor)
    return both(n, Add, of(n, Relu, x, Activation.RELU), number(n, Mul, of(n, Elu, below), factor))


def thresholded_relu(n: Node) -> Read:
    """x where it is above alpha, else 0."""
    x = n.computed()
    return [_where(n, _compared(n, "GREATER", x, _attribute(n, "alpha", 1.0)), x)]


def shrink(n: Node) -> Read:
    """x nearer to 0 by the bias where it is far from 0, else 0."""
    x, bias = n.computed(), _attribute(n, "bias", 0.0)
    far = _compared(n, "GREATER", of(n, Abs, x), _attribute(n, "lambd", 0.5))
    nearer = x if bias == 0 else both(n, Sub, x, number(n, Mul, of(n, Sign, x), bias))
    return [_where(n, far, nearer)]


def tan(n: Node) -> Read:
    x = n.computed()
    return [both(n, Div, of(n, Sin, x), of(n, Cos, x))]


def is_nan(n: Node) -> Read:
    x = n.computed()
    name = n.draft.tensor(n.outputs[0], n.draft.tensors[x.name].type.shape, "bool")
    n.draft.ops.append(Compare((x.name, x.name), (name,), n.origin, "NOT_EQUAL"))
    return [like(x, name)]


def power(n: Node) -> Read:
    """x^y of any x and y."""
    return [both(n, float_binary("POW"), n.lazy(0), n.lazy(1))]


def modulo(n: Node) -> Read:
    """The rest of a division with the sign of the dividend (fmod) or of the divisor."""
    function = "FMOD" if n.attributes.get("fmod", 0) else "FLOOR_MOD"
    return [both(n, float_binary(function), n.lazy(0), n.lazy(1))]


def _compared(n: Node, relation: str, x: Lazy, value: float) -> Lazy:
    def kind(inputs: tuple[str, ...], outputs: tuple[str, ...], origin: Origin) -> Op:
        return Compare(inputs, outputs, origin, relation)

    return both(n, kind, x, Known(np.asarray(value, np.float32)), "bool")


def _where(n: Node, mask: Lazy, x: Lazy) -> Lazy:
    """x, or 0 where the mask is not true. Both lie alike."""
    shape = n.draft.tensors[x.name].type.shape
    zero = n.draft.constant(f"{n.outputs[0]}_zero", np.zeros((1,) * len(shape), np.float32))
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(Select((mask.name, x.name, zero), (out,), n.origin))
    return like(x, out)
