"""ERF: the error function, as exporters write GELU with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Reference
from tinyc.numerics.erf import erf
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Erf(Function):
    """inputs: x float32; output: the error function of x, float32."""

    kind: ClassVar[str] = "erf"
    of_int8: ClassVar[tuple[Reference, ...]] = ()

    def real(self, x: Float32) -> Float32:
        return erf(x).astype(np.float32)
