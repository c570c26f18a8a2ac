"""EXP: e to the power of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Reference
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Exp(Function):
    """inputs: x int8 or float32; output: the same, e ** x."""

    kind: ClassVar[str] = "exp"
    of_int8: ClassVar[tuple[Reference, ...]] = ("litert",)

    def real(self, x: Float32) -> Float32:
        return np.exp(x.astype(np.float64)).astype(np.float32)
