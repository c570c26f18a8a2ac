"""MAXIMUM of two int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array
from tinyc.ops.extreme import Extreme


@dataclass(frozen=True)
class Maximum(Extreme):
    """inputs: a, b int8; output: the larger of a and b, int8."""

    kind: ClassVar[str] = "maximum"

    def choose(self, a: Array, b: Array) -> Array:
        return np.asarray(np.maximum(a, b))
