"""The graph in the making: values whose dimensions lie in another order than ONNX says, until somebody needs them.

ONNX has channels second, our ops have them last. A value knows in which order its dimensions lie; an op that takes
any order keeps it, a TRANSPOSE of the file only changes it on paper, and one is written only where an order is needed
that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Array, Op, Origin, Tensor, TensorType, fresh_name
from tinyc.ops.reshape import Reshape
from tinyc.ops.transpose import Transpose

Perm = tuple[int, ...]


@dataclass(frozen=True)
class Value:
    """A tensor of the graph. perm: its dimension i is dimension perm[i] of the ONNX value."""

    name: str
    perm: Perm


@dataclass(frozen=True, eq=False)
class Known:
    """A value that does not depend on the inputs, in the order of ONNX."""

    data: Array


#: What an operator reads.
Input = Value | Known


def channels_last(rank: int) -> Perm:
    """Return the order [N, spatial dimensions, C]."""
    return (0, *range(2, rank), 1)


@dataclass
class Draft:
    """Tensors and ops so far."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)

    def stored(self, value: Value) -> tuple[int, ...]:
        """Return the sizes in the order in which the value lies."""
        return self.tensors[value.name].type.shape

    def shape(self, value: Input) -> tuple[int, ...]:
        """Return the sizes in the order of ONNX."""
        if isinstance(value, Known):
            return value.data.shape
        stored = self.stored(value)
        return tuple(stored[value.perm.index(i)] for i in range(len(stored)))

    def tensor(self, name: str, shape: Sequence[int], dtype: str = "float32") -> str:
        """Add an activation, and return its name."""
        found = fresh_name(name, self.tensors)
        self.tensors[found] = Tensor(found, TensorType(tuple(int(n) for n in shape), dtype))
        return found

    def constant(self, name: str, data: Array) -> str:
        found = fresh_name(name, self.tensors)
        value = np.ascontiguousarray(data, np.float32)
        self.tensors[found] = Tensor(found, TensorType(value.shape, "float32"), value)
        return found

    def ordered(self, value: Input, perm: Perm, origin: Origin, name: str = "constant") -> str:
        """Return the tensor of a value whose dimensions lie in the order `perm`."""
        if isinstance(value, Known):
            return self.constant(name, value.data.transpose(perm))
        if value.perm == perm:
            return value.name
        stored = self.stored(value)
        moved = tuple(value.perm.index(i) for i in perm)
        shape = tuple(stored[i] for i in moved)
        made = self.tensor(f"{value.name}_{'x'.join(map(str, perm))}", shape)
        if [i for i in moved if stored[i] != 1] == sorted(i for i in moved if stored[i] != 1):
            self.ops.append(Reshape((value.name,), (made,), origin, shape))
        else:
            self.ops.append(Transpose((value.name,), (made,), origin, moved))
        return made

    def plain(self, value: Input, origin: Origin) -> str:
        """Return the tensor of a value in the order of ONNX."""
        rank = len(self.shape(value))
        return self.ordered(value, tuple(range(rank)), origin)

    def reshaped(self, name: str, shape: Sequence[int], origin: Origin) -> str:
        """Return the elements of a tensor under another shape."""
        wanted = tuple(int(n) for n in shape)
        if self.tensors[name].type.shape == wanted:
            return name
        made = self.tensor(f"{name}_view", wanted)
        self.ops.append(Reshape((name,), (made,), origin, wanted))
        return made


@dataclass(frozen=True, eq=False)
class Node:
    """One operator of the file: guards, and what its reader needs."""

    draft: Draft
    origin: Origin
    kind: str
    inputs: tuple[Input | None, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any]

    def need(self, ok: bool, why: str) -> None:
        if not ok:
            raise ModelError(f"{self.origin}: {why}")

    def input(self, index: int) -> Input:
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise ModelError(f"{self.origin}: input {index} is missing")
        return found

    def value(self, index: int = 0) -> Value:
        """Return an input that depends on the model's inputs."""
        found = self.input(index)
        if isinstance(found, Known):
            raise ModelError(f"{self.origin}: input {index} is a constant; a computed one is needed")
        return found

    def known(self, index: int, what: str) -> Array:
        """Return the data of an input that has to be a constant."""
        found = self.input(index)
        if isinstance(found, Value):
            raise ModelError(f"{self.origin}: {what} is computed; only a constant one is supported")
        return found.data

    def optional(self, index: int) -> Input | None:
        return self.inputs[index] if index < len(self.inputs) else None

    def rank(self, index: int = 0) -> int:
        return len(self.draft.shape(self.input(index)))

    def axis(self, axis: int, rank: int) -> int:
        self.need(-rank <= axis < rank, f"axis {axis} of {rank} dimensions")
        return int(axis) % rank
