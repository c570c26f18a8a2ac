"""Readers of ONNX reductions and of what is made of sums: norms, averages of several values, running sums."""

from __future__ import annotations

import numpy as np

from tinyc.frontends.onnx.compose import Read, both, float_binary, mixed, number, of
from tinyc.frontends.onnx.elementwise import axes_of, reduced
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, channels_last
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.div import Div
from tinyc.ops.exp import Exp
from tinyc.ops.log import Log
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.window import Window


def reduce_l1(n: Node) -> Read:
    return [_reduced(n, of(n, Abs, n.computed()))]


def reduce_l2(n: Node) -> Read:
    return [of(n, Sqrt, _reduced(n, of(n, Square, n.computed())))]


def reduce_sum_square(n: Node) -> Read:
    return [_reduced(n, of(n, Square, n.computed()))]


def reduce_log_sum(n: Node) -> Read:
    return [of(n, Log, _reduced(n, n.computed()))]


def reduce_log_sum_exp(n: Node) -> Read:
    """Without the largest, which no exponential overflows of, and with it again."""
    x, axes = n.computed(), axes_of(n)
    if not axes:
        return [x]
    most = reduced(n, ReduceMax, x, axes, keep=True)
    powers = of(n, Exp, both(n, Sub, x, most))
    keep = bool(n.attributes.get("keepdims", 1))
    found = of(n, Log, reduced(n, Sum, powers, axes, keep=keep))
    return [both(n, Add, found, reduced(n, ReduceMax, x, axes, keep=keep))]


def _reduced(n: Node, x: Lazy) -> Lazy:
    axes = axes_of(n)
    return reduced(n, Sum, x, axes, keep=bool(n.attributes.get("keepdims", 1))) if axes else x


def total(n: Node) -> Read:
    return [_total(n)]


def average(n: Node) -> Read:
    return [number(n, Mul, _total(n), 1 / len(n.inputs))]


def _total(n: Node) -> Lazy:
    made = n.lazy(0)
    for index in range(1, len(n.inputs)):
        made = both(n, Add, made, n.lazy(index))
    n.need(not isinstance(made, Known), "all inputs are constants")
    assert not isinstance(made, Known)
    return made


def lp_normalization(n: Node) -> Read:
    """x over its norm along an axis."""
    x, p = n.computed(), int(n.attributes.get("p", 2))
    n.need(p in (1, 2), f"p is {p}; 1 and 2 are supported")
    axes = [n.axis(int(n.attributes.get("axis", -1)), n.rank())]
    parts = reduced(n, Sum, of(n, Abs if p == 1 else Square, x), axes, keep=True)
    norm = parts if p == 1 else of(n, Sqrt, parts)
    # a vector of zeros stays one
    return [both(n, Div, x, number(n, Maximum, norm, 2.0**-126))]


def global_lp_pool(n: Node) -> Read:
    return [root(n, reduced(n, Sum, powers(n, n.computed()), list(range(2, n.rank())), keep=True))]


def powers(n: Node, x: Lazy) -> Lazy:
    """|x|^p."""
    p = int(n.attributes.get("p", 2))
    n.need(p > 0, f"p is {p}; it has to be above 0")
    if p == 2:
        return of(n, Square, x)
    sizes = of(n, Abs, x)
    return sizes if p == 1 else number(n, float_binary("POW"), sizes, p)


def root(n: Node, x: Lazy) -> Lazy:
    """x^(1 / p)."""
    p = int(n.attributes.get("p", 2))
    if p == 2:
        return of(n, Sqrt, x)
    return x if p == 1 else number(n, float_binary("POW"), x, 1 / p)


def mean_variance_normalization(n: Node) -> Read:
    x, rank = n.computed(), n.rank()
    axes = sorted({n.axis(int(a), rank) for a in n.attributes.get("axes", (0, 2, 3))})
    centred = both(n, Sub, x, reduced(n, Mean, x, axes, keep=True))
    deviation = of(n, Sqrt, reduced(n, Mean, of(n, Square, centred), axes, keep=True))
    return [both(n, Div, centred, number(n, Add, deviation, 1e-9))]


def cumulative_sum(n: Node) -> Read:
    """As a dense layer along the axis, of ones where an element counts."""
    axis = n.axis(int(n.known(1, "the axis").reshape(-1)[0]), n.rank())
    size = n.draft.shape(n.computed())[axis]
    before = np.tri(size, k=-1 if n.attributes.get("exclusive", 0) else 0, dtype=np.float32)
    return [mixed(n, n.computed(), axis, before[::-1, ::-1] if n.attributes.get("reverse", 0) else before)]


def local_response(n: Node) -> Read:
    """x / (bias + alpha / size * sum of squares)^beta, the sum by a convolution over neighbouring channels."""
    x = n.value()
    rank, size = len(x.perm), int(n.attributes["size"])
    n.need(rank == 4, f"input has {rank} dimensions; [N, C, H, W] is needed")
    last = channels_last(rank)
    name = n.draft.ordered(x, last, n.origin)
    shape = n.draft.tensors[name].type.shape
    channel = np.arange(shape[-1])
    ahead = channel[None] - channel[:, None]
    near = (ahead >= -((size - 1) // 2)) & (ahead <= -(-(size - 1) // 2))
    factor = float(n.attributes.get("alpha", 1e-4)) / size
    weights = n.draft.constant(f"{n.outputs[0]}_weights", near[:, None, None] * np.float32(factor))
    bias = n.draft.constant(f"{n.outputs[0]}_bias", np.full(shape[-1], float(n.attributes.get("bias", 1.0))))
    ordered = Value(name, last)
    squares = of(n, Square, ordered)
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(Conv2D((squares.name, weights, bias), (out,), n.origin, Window((1, 1))))
    power = number(n, float_binary("POW"), Value(out, last), -float(n.attributes.get("beta", 0.75)))
    return [both(n, Mul, ordered, power)]
