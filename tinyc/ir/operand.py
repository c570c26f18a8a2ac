"""Named inputs of ops: `op.weights` is the name of a tensor, `types.weights` its type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar, overload

from tinyc.errors import InternalError, ModelError
from tinyc.ir.types import Origin

T = TypeVar("T")


class _HasInputs(Protocol):
    @property
    def inputs(self) -> tuple[str, ...]: ...


class Operand:
    """A named position among an op's inputs, declared on the op's class: `weights = Operand(1)`.

    Read from an op it is the name of the tensor there; "" where an optional one is left out.
    trained: it holds weights or biases, no value that an input of the model leads to.
    """

    def __init__(self, index: int, *, trained: bool = False) -> None:
        self.index = index
        self.trained = trained
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, op: None, owner: type) -> Operand: ...
    @overload
    def __get__(self, op: _HasInputs, owner: type) -> str: ...
    def __get__(self, op: _HasInputs | None, owner: type) -> Operand | str:
        if op is None:
            return self
        return op.inputs[self.index] if self.index < len(op.inputs) else ""


class Operands(Generic[T]):
    """What belongs to each input of an op, under the operands' names: their types, or their values.

    `types.weights` is that of an operand that must be there, `types.get("bias")` may be None.
    """

    def __init__(self, origin: Origin, operands: tuple[Operand, ...], values: Iterable[T | None]) -> None:
        self._origin = origin
        self._index = {o.name: o.index for o in operands}
        self._values = tuple(values)

    def __getattr__(self, name: str) -> T:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.get(name)
        if found is None:
            raise ModelError(f"{self._origin}: input '{name}' is missing")
        return found

    def get(self, name: str) -> T | None:
        """That of an operand; None where it is left out."""
        if name not in self._index:
            raise InternalError(f"{self._origin}: the op has no operand '{name}'")
        index = self._index[name]
        return self._values[index] if index < len(self._values) else None

    def at(self, index: int) -> T:
        """That of the input at a position."""
        found = self._values[index] if index < len(self._values) else None
        if found is None:
            raise ModelError(f"{self._origin}: input {index} is missing")
        return found

    @property
    def all(self) -> tuple[T, ...]:
        """Those of all inputs, for ops with any number of them."""
        return tuple(self.at(i) for i in range(len(self._values)))

    @property
    def values(self) -> tuple[T | None, ...]:
        """Those of all inputs, None where an optional one is left out."""
        return self._values
