"""RESHAPE, SQUEEZE: the same bytes under another shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from tinyc.ir import Array, Op, TensorType
from tinyc.ops.guard import need, present


@dataclass(frozen=True)
class Reshape(Op):
    """inputs: x of any type; output: the same elements in the same order with shape `shape`."""

    shape: tuple[int, ...]

    kind: ClassVar[str] = "reshape"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        x = present(self, types, 0)
        need(
            prod(self.shape) == x.elements,
            self,
            f"shape {list(self.shape)} does not hold the {x.elements} elements of {list(x.shape)}",
        )
        return (self.shape,)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x = values[0]
        assert x is not None
        return (x.reshape(self.shape),)
