"""AVERAGE_POOL_2D: mean of the pixels under the window that lie inside the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import TensorType
from tinyc.numerics.average import average
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.pool import Pool2D


@dataclass(frozen=True)
class AveragePool2D(Pool2D):
    """inputs: x [1, H, W, C] int8; output: mean of the bytes, zero point and all."""

    kind: ClassVar[str] = "average_pool2d"

    def pooled(self, seen: Int64, x: TensorType) -> Int64:
        return average(seen.sum(axis=0), len(seen), x)
