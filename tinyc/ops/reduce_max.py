"""REDUCE_MAX over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, TensorType
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class ReduceMax(Op):
    """inputs: x int8; output: int8 of x's scale and zero point, x with the axes gone, or of size 1 where keep_dims.

    axes: in [0, rank), ascending, each once.
    """

    axes: tuple[int, ...]
    keep_dims: bool

    kind: ClassVar[str] = "reduce_max"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        x = int8(self, types, 0)
        need(
            all(0 <= a < len(x.shape) for a in self.axes),
            self,
            f"axes {list(self.axes)} of an input of {len(x.shape)} dimensions",
        )
        need(x.elements > 0, self, f"input is empty: shape {list(x.shape)}")
        if self.keep_dims:
            return (tuple(1 if i in self.axes else n for i, n in enumerate(x.shape)),)
        return (tuple(n for i, n in enumerate(x.shape) if i not in self.axes),)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x = values[0]
        assert x is not None
        return (np.asarray(x.max(axis=self.axes)).reshape(outs[0].shape),)
