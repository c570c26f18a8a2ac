"""Readers of ONNX operators of each element by itself, of reductions and of vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tinyc.frontends.onnx import functions
from tinyc.frontends.onnx.compose import dtype_of, number, of
from tinyc.frontends.onnx.operands import joined, together
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, Whole
from tinyc.frontends.onnx.views import View
from tinyc.ir import Activation, Op
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.binary import Binary
from tinyc.ops.cast import Cast
from tinyc.ops.div import Div
from tinyc.ops.gelu import Gelu
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.prelu import Prelu
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduction import Reduction
from tinyc.ops.relu import Relu
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square
from tinyc.ops.sub import Sub

Reader = Callable[[Node], Sequence[Lazy | Known]]
#: A single number, as an array.
_ONE = 1
_CUBE = 3.0
#: By the exponent.
_POWERS: dict[float, Callable[..., Op]] = {2: Square, 0.5: Sqrt, -0.5: Rsqrt}


def unary(kind: Callable[..., Op], *attributes: object) -> Reader:
    """Return the reader of a function of one element, in whatever order the dimensions lie."""

    def read(n: Node) -> list[Lazy | Known]:
        return [of(n, kind, n.computed(), *attributes)]

    return read


def leaky_relu(n: Node) -> list[Lazy | Known]:
    return [of(n, LeakyRelu, n.computed(), float(np.float32(n.attributes.get("alpha", 0.01))))]


def gelu(n: Node) -> list[Lazy | Known]:
    return [of(n, Gelu, n.computed(), n.text("approximate", "none") == "tanh")]


def hard_sigmoid(n: Node) -> list[Lazy | Known]:
    """max(0, min(1, alpha * x + beta)), as a sixth of a RELU6, which sums do by themselves."""
    alpha, beta = (6 * float(n.attributes.get(k, d)) for k, d in (("alpha", 0.2), ("beta", 0.5)))
    x = n.computed()
    if not np.isclose(alpha, 1, rtol=1e-6, atol=0):
        x = number(n, Mul, x, alpha)
    return [number(n, Mul, of(n, Relu, number(n, Add, x, beta), Activation.RELU6), 1 / 6)]


def clip(n: Node) -> list[Lazy | Known]:
    """Between bounds; of one that is computed or has elements of its own, a maximum and a minimum."""
    bounds = [n.optional(1), n.optional(2)]
    if all(bound is None or (isinstance(bound, Known) and bound.data.size == _ONE) for bound in bounds):
        low, high = (_number(n, i, name) for i, name in ((1, "min"), (2, "max")))
        return [_clamped(n, n.computed(), low, high)]
    made = n.lazy(0)
    for kind, bound in zip((Maximum, Minimum), bounds, strict=True):
        made = made if bound is None else joined(n, kind, made, bound)
    return [made]


def _clamped(n: Node, x: Lazy, low: float | None, high: float | None) -> Lazy:
    for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
        if activation.value == (low, high):
            return of(n, Relu, x, activation)
    if low is not None:
        x = number(n, Maximum, x, low)
    return x if high is None else number(n, Minimum, x, high)


def binary(kind: type[Binary] | type[Maximum] | type[Minimum]) -> Reader:
    """Return the reader of an op of two operands or more."""

    def read(n: Node) -> list[Lazy | Known]:
        made = n.lazy(0)
        for index in range(1, len(n.inputs)):
            made = joined(n, kind, made, n.lazy(index))
        return [made]

    return read


def div(n: Node) -> list[Lazy | Known]:
    """Of whole numbers, which are float32 here, the quotient's whole part."""
    divisor = n.lazy(1)
    if n.whole is not None:
        return [_whole_part(n, joined(n, Div, n.lazy(0), divisor))]
    if not isinstance(divisor, Known):
        return [joined(n, Div, n.lazy(0), divisor)]
    return [joined(n, Mul, n.lazy(0), Known(np.asarray(1 / divisor.data.astype(np.float64), np.float32)))]


def modulo(n: Node) -> list[Lazy | Known]:
    """The rest of a division with the sign of the dividend (fmod) or of the divisor."""
    signs_differ = n.whole is not None and n.whole[0] < 0 and not n.attributes.get("fmod", 0)
    if n.whole is None or signs_differ:
        return functions.modulo(n)
    a, b = n.lazy(0), n.lazy(1)
    times = of(n, Cast, _whole_part(n, joined(n, Div, a, b)))
    return [joined(n, Sub, a, joined(n, Mul, times, b))]


def _whole_part(n: Node, x: Lazy) -> Lazy:
    """Round a quotient to 0; of numbers up to 2^24 none is rounded to a whole number that it is not."""
    return of(n, Cast, x, dtype="int32")


def power(n: Node) -> list[Lazy | Known]:
    given = n.lazy(1)
    if not isinstance(given, Known) or given.data.size != _ONE:
        return functions.power(n)
    exponent = float(given.data.reshape(-1)[0])
    x = n.computed()
    if exponent == _CUBE:
        return [joined(n, Mul, of(n, Square, x), x)]
    kind = _POWERS.get(exponent)
    return functions.power(n) if kind is None else [of(n, kind, x)]


def prelu(n: Node) -> list[Lazy | Known]:
    return [joined(n, Prelu, n.computed(), n.lazy(1))]


def vectors(kind: Callable[..., Op], *attributes: object) -> Reader:
    """Return the reader of an op over one dimension, which has to lie last."""

    def read(n: Node) -> list[Lazy | Known]:
        x = n.value()
        axis = n.axis(int(n.attributes.get("axis", -1)), len(x.perm))
        perm = (*(d for d in x.perm if d != axis), axis)
        return [of(n, kind, Value(n.draft.ordered(x, perm, n.origin), perm), *attributes)]

    return read


def reduction(kind: type[Reduction]) -> Reader:
    """What is true counts as 1."""

    def read(n: Node) -> list[Lazy | Known]:
        x, axes = n.computed(), axes_of(n)
        keep = bool(n.attributes.get("keepdims", 1))
        if not axes:
            return [x]
        if dtype_of(n, x) != "bool":
            return [reduced(n, kind, x, axes, keep=keep)]
        made = reduced(n, kind, of(n, Cast, x), axes, keep=keep)
        return [of(n, Cast, made, dtype="bool")]

    return read


def axes_of(n: Node) -> list[int]:
    """Return the axes of a reduction, all where none are given; none where the operator then does nothing."""
    rank = n.rank()
    given = n.attributes.get("axes")
    if given is None and n.optional(1) is not None:
        given = n.known(1, "the axes").reshape(-1).tolist()
    if not given and n.attributes.get("noop_with_empty_axes", 0):
        return []
    return sorted({n.axis(int(a), rank) for a in (given or range(rank))})


def global_average_pool(n: Node) -> list[Lazy | Known]:
    return [reduced(n, Mean, n.computed(), list(range(2, n.rank())), keep=True)]


def global_max_pool(n: Node) -> list[Lazy | Known]:
    return [reduced(n, ReduceMax, n.computed(), list(range(2, n.rank())), keep=True)]


def reduced(n: Node, kind: type[Reduction], x: Lazy, axes: Sequence[int], *, keep: bool) -> Lazy:
    """axes: of ONNX."""
    if isinstance(x, View):
        return _reduced_view(n, kind, x, axes, keep=keep)
    stored = n.draft.stored(x)
    at = tuple(sorted(x.perm.index(a) for a in axes))
    shape = [1 if i in at else size for i, size in enumerate(stored)]
    perm = x.perm
    if not keep:
        shape = [size for i, size in enumerate(stored) if i not in at]
        left = [d for i, d in enumerate(x.perm) if i not in at]
        perm = tuple(sorted(left).index(d) for d in left)
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(kind((x.name,), (out,), n.origin, at, keep))
    return Value(out, perm)


def _reduced_view(n: Node, kind: type[Reduction], x: View, axes: Sequence[int], *, keep: bool) -> View:
    """Reduce along the axes of the tensor itself where the view's are whole ones of it."""
    gone = {a for d in axes for a in x.dims[d]}
    sizes = tuple(1 if a in gone else size for a, size in enumerate(x.sizes))
    own = n.draft.tensors[x.name].type.shape
    shape, name = together(list(sizes), x.sizes, own), x.name
    if shape is None:
        name, own, shape = n.draft.reshaped(x.name, x.sizes, n.origin), x.sizes, sizes
    at = tuple(i for i, (had, has) in enumerate(zip(own, shape, strict=True)) if has != had)
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(kind((name,), (out,), n.origin, at, keep_dims=True))
    dims = x.dims if keep else tuple(part for d, part in enumerate(x.dims) if d not in axes)
    return View(out, sizes, dims)


def arg_max(n: Node) -> list[Lazy | Known]:
    last = bool(n.attributes.get("select_last_index", 0))
    x = n.value()
    axis = n.axis(int(n.attributes.get("axis", 0)), len(x.perm))
    stored = n.draft.stored(x)
    at = x.perm.index(axis)
    left = [d for d in x.perm if d != axis]
    out = n.draft.tensor(n.outputs[0], [s for i, s in enumerate(stored) if i != at], "int32")
    n.draft.ops.append(ArgMax((x.name,), (out,), n.origin, at, largest=n.kind == "ArgMax", last=last))
    n.draft.whole[out] = Whole(0.0, stored[at] - 1.0)
    if n.attributes.get("keepdims", 1):
        kept = n.draft.reshaped(out, [1 if i == at else s for i, s in enumerate(stored)], n.origin)
        return [Value(kept, x.perm)]
    return [Value(out, tuple(sorted(left).index(d) for d in left))]


def _number(n: Node, index: int, name: str) -> float | None:
    """Return a bound of Clip: an input, or an attribute of old files; None for none."""
    if n.optional(index) is not None:
        value = n.known(index, name)
        n.need(value.size == _ONE, f"{name} is no single number")
        found = float(value.reshape(-1)[0])
    else:
        found = float(n.attributes.get(name, np.inf if name == "max" else -np.inf))
    return None if abs(found) > 3e38 else found
