"""MAX_POOL_2D: largest of the pixels under the window that lie inside the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.ops.pool import Pool2D


@dataclass(frozen=True)
class MaxPool2D(Pool2D):
    """inputs: x [1, H, W, C] int8; output: the maximum."""

    kind: ClassVar[str] = "max_pool2d"

    def neutral(self, x: TensorType) -> int | None:
        return -128

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, out = values.x, outs[0]
        low, high = clamp(self.activation, out)
        result = np.empty(out.shape, np.int8)
        for row, col, seen in self.pixels(x, out):
            result[0, row, col] = np.clip(seen.max(axis=0), low, high)
        return (result,)
