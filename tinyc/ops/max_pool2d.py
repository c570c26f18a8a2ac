"""MAX_POOL_2D: largest of the pixels under the window that lie inside the image."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar

import numpy as np

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.pool import Pool2D


@dataclass(frozen=True)
class MaxPool2D(Pool2D):
    """inputs: x [1, H, W, C] int8; output: the largest of the bytes."""

    kind: ClassVar[str] = "max_pool2d"
    neutral_real: ClassVar[float | None] = -inf

    def neutral(self, x: TensorType) -> int | None:
        return -128

    def pooled(self, seen: Int64, x: TensorType) -> Int64:
        return np.asarray(seen.max(axis=0))
