"""ELU: x, or e ** x - 1 where x is negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Elu(Function):
    """inputs: x int8 or float32; output: the same."""

    kind: ClassVar[str] = "elu"

    def real(self, x: Float32) -> Float32:
        return np.where(x < 0, np.expm1(x.astype(np.float64)).astype(np.float32), x).astype(np.float32)
