"""REDUCE_MAX over any axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array
from tinyc.ops.reduce_extreme import ReduceExtreme


@dataclass(frozen=True)
class ReduceMax(ReduceExtreme):
    """inputs: x int8; output: the largest elements along the axes, int8, of shape as in Reduction."""

    kind: ClassVar[str] = "reduce_max"

    def choose(self, x: Array) -> Array:
        return np.asarray(x.max(axis=self.axes))
