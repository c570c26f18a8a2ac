"""REDUCE_MIN over any axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array
from tinyc.ops.reduce_extreme import ReduceExtreme


@dataclass(frozen=True)
class ReduceMin(ReduceExtreme):
    """inputs: x int8; output: the smallest elements along the axes, int8, of shape as in Reduction."""

    kind: ClassVar[str] = "reduce_min"

    def choose(self, x: Array) -> Array:
        return np.asarray(x.min(axis=self.axes))
