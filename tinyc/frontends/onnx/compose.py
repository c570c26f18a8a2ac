"""Small ops that a reader puts together: each takes and gives values whose dimensions nobody needs yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.operands import joined
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, like
from tinyc.frontends.onnx.views import View
from tinyc.ir import Op, Origin, Tensor
from tinyc.ops.concat import Concat
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.gather import Gather

Kind = Callable[..., Op]
Read = list[Lazy | Known]


def of(n: Node, kind: Kind, x: Lazy, *attributes: object, dtype: str = "float32") -> Lazy:
    """Return what an op of one element makes of x."""
    out = n.draft.tensor(n.outputs[0], n.draft.tensors[x.name].type.shape, dtype)
    n.draft.ops.append(kind((x.name,), (out,), n.origin, *attributes))
    return like(x, out)


def both(n: Node, kind: Kind, a: Lazy | Known, b: Lazy | Known, dtype: str = "float32") -> Lazy:
    """Return what an op of two operands makes of a and b, of which one is computed."""
    made = joined(n, kind, a, b)
    if dtype != "float32":
        retyped(n, made.name, dtype)
    return made


def number(n: Node, kind: Kind, x: Lazy, value: float) -> Lazy:
    """Return what an op of two operands makes of x and a number."""
    shape = n.draft.tensors[x.name].type.shape
    name = n.draft.constant(f"{n.outputs[0]}_number", np.full((1,) * len(shape), value, np.float32))
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(kind((x.name, name), (out,), n.origin))
    return like(x, out)


def float_binary(function: str) -> Kind:
    """Return the op that computes a function of float_binary.FUNCTIONS."""

    def made(inputs: tuple[str, ...], outputs: tuple[str, ...], origin: Origin) -> Op:
        return FloatBinary(inputs, outputs, origin, function)

    return made


def retyped(n: Node, name: str, dtype: str) -> None:
    """Make a tensor that was just added one of another element type."""
    old = n.draft.tensors[name]
    data = None if old.data is None else old.data.astype(dtype)
    n.draft.tensors[name] = Tensor(name, replace(old.type, dtype=dtype), data)


def dtype_of(n: Node, value: Lazy | Known) -> str:
    return str(value.data.dtype) if isinstance(value, Known) else n.draft.tensors[value.name].type.dtype


def mixed(n: Node, x: Lazy, axis: int, matrix: npt.NDArray[np.floating[Any]]) -> Lazy:
    """Return x with the elements along a dimension mixed: matrix [new, old], by a dense layer where it lies last."""
    value = n.draft.settled(x, n.origin)
    perm = (*(d for d in value.perm if d != axis), axis)
    name = n.draft.ordered(value, perm, n.origin)
    shape = n.draft.tensors[name].type.shape
    out = n.draft.tensor(n.outputs[0], (*shape[:-1], len(matrix)))
    names = (name, n.draft.constant(f"{n.outputs[0]}_weights", matrix), "")
    n.draft.ops.append(FullyConnected(names, (out,), n.origin, keep_dims=len(shape) != 2))
    return Value(out, perm)


def gathered(n: Node, x: Lazy, axis: int, indices: tuple[int, ...]) -> Lazy:
    """Return the entries along a dimension that the indices name."""
    value = n.draft.settled(x, n.origin)
    at = value.perm.index(axis)
    shape = list(n.draft.stored(value))
    shape[at] = len(indices)
    out = n.draft.tensor(n.outputs[0], shape, dtype_of(n, value))
    n.draft.ops.append(Gather((value.name,), (out,), n.origin, at, indices, (len(indices),)))
    return Value(out, value.perm)


def joined_along(n: Node, values: Sequence[Lazy | Known], axis: int) -> Value:
    """Return values one behind the other along a dimension; at least one of them is computed."""
    every = [v if isinstance(v, Known) else n.draft.settled(v, n.origin) for v in values]
    first = next(v for v in every if isinstance(v, Value))
    names = tuple(n.draft.ordered(v, first.perm, n.origin, f"{n.outputs[0]}_part") for v in every)
    at = first.perm.index(axis)
    shapes = [n.draft.tensors[name].type.shape for name in names]
    shape = list(shapes[0])
    shape[at] = sum(s[at] for s in shapes)
    out = n.draft.tensor(n.outputs[0], shape)
    n.draft.ops.append(Concat(names, (out,), n.origin, at))
    return Value(out, first.perm)


def turned(n: Node, value: Lazy | Known, perm: tuple[int, ...]) -> Lazy | Known:
    """Return a value whose dimension i is dimension perm[i] of this one; nothing moves yet."""
    if isinstance(value, Known):
        return Known(value.data.transpose(perm))
    if isinstance(value, View):
        return value.turned(perm)
    return Value(value.name, tuple(perm.index(d) for d in value.perm))


def reshaped(n: Node, value: Lazy | Known, shape: tuple[int, ...]) -> Lazy | Known:
    """Return the elements, in the order of ONNX, under another shape."""
    if isinstance(value, Known):
        return Known(value.data.reshape(shape))
    view = n.draft.view(value).reshaped(shape)
    if view is not None:
        return view
    name = n.draft.plain(value, n.origin)
    return Value(n.draft.reshaped(name, shape, n.origin), tuple(range(len(shape))))
