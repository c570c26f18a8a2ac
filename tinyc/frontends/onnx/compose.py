"""Small ops that a reader puts together: each takes and gives values whose dimensions nobody needs yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tinyc.frontends.onnx.operands import joined
from tinyc.frontends.onnx.values import Known, Lazy, Node, like
from tinyc.frontends.onnx.views import View
from tinyc.ir import Op, Origin, Tensor
from tinyc.ops.float_binary import FloatBinary

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
    return both(n, kind, x, Known(np.asarray(value, np.float32)))


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


def expanded(n: Node, x: Lazy, shape: tuple[int, ...]) -> View | None:
    """Return x with dimensions of 1 in front, as many as `shape` has."""
    have = n.draft.shape(x)
    return n.draft.view(x).reshaped((1,) * (len(shape) - len(have)) + have)
