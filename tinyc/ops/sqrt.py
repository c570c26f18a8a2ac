"""SQRT: the square root of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Sqrt(Function):
    """inputs: x int8 or float32; output: the same, the square root of x."""

    kind: ClassVar[str] = "sqrt"

    def real(self, x: Float32) -> Float32:
        return np.sqrt(x)
