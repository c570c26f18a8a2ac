"""SQRT: the square root of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Reference
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Sqrt(Function):
    """inputs: x float32; output: the square root of x, float32."""

    kind: ClassVar[str] = "sqrt"
    of_int8: ClassVar[tuple[Reference, ...]] = ()

    def real(self, x: Float32) -> Float32:
        return np.sqrt(x)
