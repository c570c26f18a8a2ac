"""The graph in the making: values whose dimensions lie in another order than ONNX says, until somebody needs them.

ONNX has channels second, our ops have them last. A value knows in which order its dimensions lie; an op that takes
any order keeps it, a TRANSPOSE of the file only changes it on paper, and one is written only where an order is needed
that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.grids import Grid
from tinyc.frontends.onnx.views import Perm, View
from tinyc.ir import Array, Op, Origin, Tensor, TensorType, fresh_name
from tinyc.ops.cast import Cast
from tinyc.ops.reshape import Reshape
from tinyc.ops.transpose import Transpose


@dataclass(frozen=True)
class Value:
    """A tensor of the graph. perm: its dimension i is dimension perm[i] of the ONNX value."""

    name: str
    perm: Perm


@dataclass(frozen=True, eq=False)
class Known:
    """A value that does not depend on the inputs, in the order of ONNX."""

    data: Array


#: What an operator reads, and what it may have before somebody needs its dimensions one by one.
Input = Value | Known
Lazy = Value | View


@dataclass(frozen=True)
class Whole:
    """Whole numbers of an integer tensor. low, high: within what they lie; real: the same in float32, or ""."""

    low: float
    high: float
    real: str = ""


def channels_last(rank: int) -> Perm:
    """Return the order [N, spatial dimensions, C]."""
    return (0, *range(2, rank), 1)


def like(value: Lazy, name: str) -> Lazy:
    """Return another tensor of the same sizes under the same dimensions."""
    return replace(value, name=name)


@dataclass
class Draft:
    """Tensors and ops so far."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    #: Of constants that the file has as bytes.
    grids: list[Grid] = field(default_factory=list)

    #: What is known of integer tensors that operators compute with.
    whole: dict[str, Whole] = field(default_factory=dict)

    #: Of tensors that are another's elements under another shape, that one; of (tensor, what was made), the result.
    _roots: dict[str, str] = field(default_factory=dict)
    _made: dict[tuple[object, ...], str] = field(default_factory=dict)

    def stored(self, value: Value) -> tuple[int, ...]:
        """Return the sizes in the order in which the value lies."""
        return self.tensors[value.name].type.shape

    def shape(self, value: Lazy | Known) -> tuple[int, ...]:
        """Return the sizes in the order of ONNX."""
        if isinstance(value, Known):
            return value.data.shape
        if isinstance(value, View):
            return value.shape
        stored = self.stored(value)
        return tuple(stored[value.perm.index(i)] for i in range(len(stored)))

    def view(self, value: Lazy) -> View:
        """Return any value as a view."""
        if isinstance(value, View):
            return value
        return View(
            value.name, self.stored(value), tuple((value.perm.index(d),) for d in range(len(value.perm)))
        )

    def settled(self, value: Lazy, origin: Origin) -> Value:
        """Return the value with an axis for each dimension, in the order that moves least."""
        if isinstance(value, Value):
            return value
        if value.sizes == self.tensors[value.name].type.shape and sorted(value.dims) == [
            (a,) for a in range(len(value.sizes))
        ]:
            return Value(value.name, tuple(value.dims.index((a,)) for a in range(len(value.sizes))))
        perm = value.simplified().natural_order()
        return Value(self.ordered(value, perm, origin), perm)

    def tensor(self, name: str, shape: Sequence[int], dtype: str = "float32") -> str:
        """Add an activation, and return its name."""
        found = fresh_name(name, self.tensors)
        self.tensors[found] = Tensor(found, TensorType(tuple(int(n) for n in shape), dtype))
        return found

    def constant(self, name: str, data: Array) -> str:
        found = fresh_name(name, self.tensors)
        value = np.ascontiguousarray(data, np.float32).reshape(data.shape)  # which alone would be of rank 1
        self.tensors[found] = Tensor(found, TensorType(value.shape, "float32"), value)
        return found

    def ordered(self, value: Lazy | Known, perm: Perm, origin: Origin, name: str = "constant") -> str:
        """Return the tensor of a value whose dimensions lie in the order `perm`."""
        if isinstance(value, Known):
            return self.constant(name, value.data.transpose(perm))
        if isinstance(value, Value) and value.perm == perm:
            return value.name
        shape = tuple(self.shape(value)[d] for d in perm)
        view = self.view(value)
        if list(view.axes_in(perm)) == sorted(view.axes_in(perm)):
            return self.reshaped(value.name, shape, origin)
        if isinstance(value, Value):
            return self._turned(value.name, tuple(value.perm.index(i) for i in perm), origin)
        view = view.simplified()
        apart = self.reshaped(value.name, view.sizes, origin)
        return self.reshaped(self._turned(apart, view.axes_in(perm), origin), shape, origin)

    def _turned(self, name: str, axes: Perm, origin: Origin) -> str:
        """Return a tensor with its axes in another order."""
        key = (name, "turned", axes)
        if key not in self._made:
            old, dtype = self.tensors[name].type.shape, self.tensors[name].type.dtype
            known = self.whole_of(name)
            if dtype in ("int32", "int64") and known is None:
                raise ModelError(
                    f"{origin}: '{name}' is {dtype}, whose elements are not moved; only float32 is"
                )
            label = f"{name}_{'x'.join(map(str, axes))}"
            made = self.tensor(label, [old[a] for a in axes], dtype)
            if known is None:
                self.ops.append(Transpose((name,), (made,), origin, axes))
            else:
                real = self._turned(self.real(name, origin), axes, origin)
                self.ops.append(Cast((real,), (made,), origin))
                self.whole[made] = replace(known, real=real)
            self._made[key] = made
        return self._made[key]

    def whole_of(self, name: str) -> Whole | None:
        """Return what is known of an integer tensor, None where it may hold anything, or for any other tensor."""
        return self.whole.get(self._roots.get(name, name))

    def real(self, name: str, origin: Origin) -> str:
        """Return whole numbers in float32."""
        root = self._roots.get(name, name)
        known = self.whole[root]
        if not known.real:
            made = self.tensor(f"{root}_real", self.tensors[root].type.shape)
            self.ops.append(Cast((root,), (made,), origin))
            known = self.whole[root] = replace(known, real=made)
        return self.reshaped(known.real, self.tensors[name].type.shape, origin)

    def plain(self, value: Lazy | Known, origin: Origin) -> str:
        """Return the tensor of a value in the order of ONNX."""
        rank = len(self.shape(value))
        return self.ordered(value, tuple(range(rank)), origin)

    def reshaped(self, name: str, shape: Sequence[int], origin: Origin) -> str:
        """Return the elements of a tensor under another shape."""
        wanted = tuple(int(n) for n in shape)
        root = self._roots.get(name, name)
        if self.tensors[root].type.shape == wanted:
            return root
        key = (root, wanted)
        if key not in self._made:
            made = self.tensor(f"{root}_view", wanted, self.tensors[root].type.dtype)
            self.ops.append(Reshape((root,), (made,), origin, wanted))
            self._made[key] = made
            self._roots[made] = root
        return self._made[key]


@dataclass(frozen=True, eq=False)
class Node:
    """One operator of the file: guards, and what its reader needs."""

    draft: Draft
    origin: Origin
    kind: str
    inputs: tuple[Lazy | Known | None, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]
    #: Within what the whole numbers lie that it makes; None where it makes others.
    whole: tuple[float, float] | None = None

    def need(self, ok: bool, why: str) -> None:
        if not ok:
            raise ModelError(f"{self.origin}: {why}")

    def input(self, index: int) -> Input:
        found = self.lazy(index)
        return self.draft.settled(found, self.origin) if isinstance(found, View) else found

    def lazy(self, index: int = 0) -> Lazy | Known:
        """Return an input whose dimensions nobody needs one by one."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise ModelError(f"{self.origin}: input {index} is missing")
        return found

    def computed(self, index: int = 0) -> Lazy:
        """Return such an input that depends on the model's inputs."""
        found = self.lazy(index)
        if isinstance(found, Known):
            raise ModelError(f"{self.origin}: input {index} is a constant; a computed one is needed")
        return found

    def value(self, index: int = 0) -> Value:
        """Return an input that depends on the model's inputs."""
        found = self.input(index)
        if isinstance(found, Known):
            raise ModelError(f"{self.origin}: input {index} is a constant; a computed one is needed")
        return found

    def known(self, index: int, what: str) -> Array:
        """Return the data of an input that has to be a constant."""
        found = self.lazy(index)
        if not isinstance(found, Known):
            raise ModelError(f"{self.origin}: only a constant is supported for {what}")
        return found.data

    def optional(self, index: int) -> Lazy | Known | None:
        return self.inputs[index] if index < len(self.inputs) else None

    def text(self, name: str, default: str) -> str:
        """Return an attribute that is a word."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def rank(self, index: int = 0) -> int:
        return len(self.draft.shape(self.lazy(index)))

    def axis(self, axis: int, rank: int) -> int:
        self.need(-rank <= axis < rank, f"axis {axis} of {rank} dimensions")
        return int(axis) % rank
