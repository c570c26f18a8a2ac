"""Readers of ONNX operators of each element by itself, of reductions and of vectors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyc.frontends.onnx.values import Input, Known, Node, Value
from tinyc.ir import Activation, Op
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.binary import Binary
from tinyc.ops.elu import Elu
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
from tinyc.ops.softmax import Softmax
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.square import Square

Reader = Callable[[Node], list[Input]]
#: A single number, as an array.
_ONE = 1


def unary(kind: Callable[..., Op], *attributes: object) -> Reader:
    """Return the reader of a function of one element, in whatever order the dimensions lie."""

    def read(n: Node) -> list[Input]:
        x = n.value()
        return [_of(n, kind, x, *attributes)]

    return read


def leaky_relu(n: Node) -> list[Input]:
    return [_of(n, LeakyRelu, n.value(), float(np.float32(n.attributes.get("alpha", 0.01))))]


def elu(n: Node) -> list[Input]:
    n.need(float(n.attributes.get("alpha", 1.0)) == 1.0, "alpha is not 1")
    return [_of(n, Elu, n.value())]


def gelu(n: Node) -> list[Input]:
    mode = n.attributes.get("approximate", b"none")
    return [_of(n, Gelu, n.value(), mode in (b"tanh", "tanh"))]


def hard_sigmoid(n: Node) -> list[Input]:
    """max(0, min(1, alpha * x + beta)), as a product, a sum and a clamp."""
    alpha, beta = float(n.attributes.get("alpha", 0.2)), float(n.attributes.get("beta", 0.5))
    return [_clamped(n, _with_number(n, Add, _with_number(n, Mul, n.value(), alpha), beta), 0.0, 1.0)]


def clip(n: Node) -> list[Input]:
    low, high = (_number(n, i, name) for i, name in ((1, "min"), (2, "max")))
    return [_clamped(n, n.value(), low, high)]


def _clamped(n: Node, x: Value, low: float | None, high: float | None) -> Value:
    for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
        if activation.value == (low, high):
            return _of(n, Relu, x, activation)
    if high is not None:
        x = _with_number(n, Minimum, x, high)
    return x if low is None else _with_number(n, Maximum, x, low)


def binary(kind: type[Binary] | type[Maximum] | type[Minimum]) -> Reader:
    """Return the reader of an op of two operands or more."""

    def read(n: Node) -> list[Input]:
        made = n.input(0)
        for index in range(1, len(n.inputs)):
            made = _joined(n, kind, made, n.input(index))
        return [made]

    return read


def div(n: Node) -> list[Input]:
    divisor = n.known(1, "the divisor")
    return [_joined(n, Mul, n.input(0), Known(np.asarray(1 / divisor.astype(np.float64), np.float32)))]


def power(n: Node) -> list[Input]:
    exponent = n.known(1, "the exponent")
    n.need(exponent.size == _ONE, "the exponent is no single number")
    kinds: dict[float, Callable[..., Op]] = {2.0: Square, 0.5: Sqrt}
    kind = kinds.get(float(exponent.reshape(-1)[0]))
    n.need(kind is not None, f"the exponent is {float(exponent.reshape(-1)[0]):g}; 2 and 0.5 are supported")
    assert kind is not None
    return [_of(n, kind, n.value())]


def prelu(n: Node) -> list[Input]:
    return [_joined(n, Prelu, n.value(), n.input(1))]


def softmax(n: Node) -> list[Input]:
    """Over one dimension, which has to lie last."""
    x = n.value()
    axis = n.axis(int(n.attributes.get("axis", -1)), len(x.perm))
    perm = (*(d for d in x.perm if d != axis), axis)
    name = n.draft.ordered(x, perm, n.origin)
    out = n.draft.tensor(n.outputs[0], n.draft.tensors[name].type.shape)
    n.draft.ops.append(Softmax((name,), (out,), n.origin, 1.0))
    return [Value(out, perm)]


def reduction(kind: type[Reduction]) -> Reader:
    def read(n: Node) -> list[Input]:
        x = n.value()
        rank = len(x.perm)
        given = n.attributes.get("axes")
        if given is None and n.optional(1) is not None:
            given = n.known(1, "the axes").reshape(-1).tolist()
        axes = sorted({n.axis(int(a), rank) for a in (given or range(rank))})
        return [_reduced(n, kind, x, axes, keep=bool(n.attributes.get("keepdims", 1)))]

    return read


def global_average_pool(n: Node) -> list[Input]:
    x = n.value()
    return [_reduced(n, Mean, x, list(range(2, len(x.perm))), keep=True)]


def global_max_pool(n: Node) -> list[Input]:
    x = n.value()
    return [_reduced(n, ReduceMax, x, list(range(2, len(x.perm))), keep=True)]


def _reduced(n: Node, kind: type[Reduction], x: Value, axes: list[int], *, keep: bool) -> Value:
    """axes: of ONNX."""
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


def arg_max(n: Node) -> list[Input]:
    x = n.value()
    axis = n.axis(int(n.attributes.get("axis", 0)), len(x.perm))
    stored = n.draft.stored(x)
    at = x.perm.index(axis)
    left = [d for d in x.perm if d != axis]
    out = n.draft.tensor(n.outputs[0], [s for i, s in enumerate(stored) if i != at], "int32")
    n.need(not n.attributes.get("keepdims", 1), "keepdims is not supported")
    n.draft.ops.append(ArgMax((x.name,), (out,), n.origin, at, largest=n.kind == "ArgMax"))
    return [Value(out, tuple(sorted(left).index(d) for d in left))]


def _of(n: Node, kind: Callable[..., Op], x: Value, *attributes: object) -> Value:
    out = n.draft.tensor(n.outputs[0], n.draft.stored(x))
    n.draft.ops.append(kind((x.name,), (out,), n.origin, *attributes))
    return Value(out, x.perm)


def _with_number(n: Node, kind: Callable[..., Op], x: Value, number: float) -> Value:
    name = n.draft.constant(f"{n.outputs[0]}_number", np.full((1,) * len(x.perm), number, np.float32))
    out = n.draft.tensor(n.outputs[0], n.draft.stored(x))
    n.draft.ops.append(kind((x.name, name), (out,), n.origin))
    return Value(out, x.perm)


def _joined(n: Node, kind: Callable[..., Op], a: Input, b: Input) -> Input:
    """Add an op of two operands, of which one may be repeated; dimensions lie as in the one that has most."""
    shapes = [n.draft.shape(v) for v in (a, b)]
    values = [v for v in (a, b) if isinstance(v, Value)]
    n.need(bool(values), "both operands are constants")
    rank = max(map(len, shapes))
    lead = max(values, key=lambda v: (len(v.perm), int(np.prod(n.draft.stored(v)))))
    perm = lead.perm if len(lead.perm) == rank else (*range(rank - len(lead.perm)), *(
        d + rank - len(lead.perm) for d in lead.perm
    ))  # fmt: skip
    names = tuple(_aligned(n, v, rank, perm) for v in (a, b))
    stored = [n.draft.tensors[name].type.shape for name in names]
    out = n.draft.tensor(n.outputs[0], np.broadcast_shapes(*stored))
    n.draft.ops.append(kind(names, (out,), n.origin))
    return Value(out, perm)


def _aligned(n: Node, value: Input, rank: int, perm: tuple[int, ...]) -> str:
    """Return the tensor of an operand with `rank` dimensions, those that lack in front, in the order `perm`."""
    missing = rank - len(n.draft.shape(value))
    if isinstance(value, Known):
        data = value.data.reshape((1,) * missing + value.data.shape)
        return n.draft.constant(f"{n.outputs[0]}_operand", data.transpose(perm))
    if not missing:
        return n.draft.ordered(value, perm, n.origin)
    own = tuple(d - missing for d in perm if d >= missing)
    name = n.draft.ordered(value, own, n.origin)
    sizes = iter(n.draft.tensors[name].type.shape)
    return n.draft.reshaped(name, [next(sizes) if d >= missing else 1 for d in perm], n.origin)


def _number(n: Node, index: int, name: str) -> float | None:
    """Return a bound of Clip: an input, or an attribute of old files; None for none."""
    if n.optional(index) is not None:
        value = n.known(index, name)
        n.need(value.size == _ONE, f"{name} is no single number")
        found = float(value.reshape(-1)[0])
    else:
        found = float(n.attributes.get(name, np.inf if name == "max" else -np.inf))
    return None if abs(found) > 3e38 else found
