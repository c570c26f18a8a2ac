"""LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT of bool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import need
from tinyc.ops.unary import Unary


def _bools(op: Op, types: Operands[TensorType], outs: Sequence[TensorType]) -> None:
    """Check that everything is bool."""
    found = {t.dtype for t in (*types.all, *outs)}
    need(found == {"bool"}, op, f"operands are {', '.join(sorted(found))}; bool is needed")


@dataclass(frozen=True)
class Logical(Broadcast):
    """Base of both. inputs: a, b bool; output: bool of the broadcast shape."""

    a = Operand(0)
    b = Operand(1)

    is_int8: ClassVar[bool] = False
    #: Makes one bool of each pair.
    combine: ClassVar[np.ufunc]

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        _bools(self, types, outs)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (self.combine(values.a, values.b),)


@dataclass(frozen=True)
class LogicalAnd(Logical):
    """a and b."""

    kind: ClassVar[str] = "logical_and"
    combine: ClassVar[np.ufunc] = np.logical_and


@dataclass(frozen=True)
class LogicalOr(Logical):
    """a or b."""

    kind: ClassVar[str] = "logical_or"
    combine: ClassVar[np.ufunc] = np.logical_or


@dataclass(frozen=True)
class LogicalNot(Unary):
    """inputs: x bool; output: not x."""

    kind: ClassVar[str] = "logical_not"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        _bools(self, types, outs)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.logical_not(values.x),)
