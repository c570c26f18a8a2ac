"""ARG_MAX and ARG_MIN: where along an axis the largest or smallest element is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import DTYPES, Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class ArgMax(Op):
    """inputs: x int8; output: x's shape without the axis, int32 or int64: the first index of the extreme."""

    x = Operand(0)

    #: In [0, rank).
    axis: int
    #: Whether the largest element is looked for, else the smallest.
    largest: bool
    #: Whether the last of several extremes is meant, else the first; of float32.
    last: bool = False

    kind: ClassVar[str] = "arg_max"
    is_int8: ClassVar[bool] = False

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        shape = types.x.shape
        need(0 <= self.axis < len(shape), self, f"axis {self.axis} of {len(shape)} dimensions")
        need(types.x.elements > 0, self, f"input is empty: shape {list(shape)}")
        return ((*shape[: self.axis], *shape[self.axis + 1 :]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        int8(self, types.x, "input 0")
        allowed = ("int32", "int64") if reference == "litert" else ("int32",)
        need(outs[0].dtype in allowed, self, f"output is {outs[0].dtype}; {' or '.join(allowed)} is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        found = (np.argmax if self.largest else np.argmin)(values.x, axis=self.axis)
        return (np.asarray(found).astype(DTYPES[outs[0].dtype]),)
