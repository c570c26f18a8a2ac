"""SQRT: the square root of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.fixed_point import clamp_int8
from tinyc.numerics.sigmoid import Float32, dequantized
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Sqrt(Function):
    """inputs: x int8 or float32; output: the same, the square root of x.

    LiteRT fails for a byte below the zero point; here it counts as 0.
    """

    kind: ClassVar[str] = "sqrt"
    of_int8: ClassVar[tuple[Reference, ...]] = ("litert",)

    def real(self, x: Float32) -> Float32:
        return np.sqrt(x)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        """The fraction is cut off, not rounded."""
        steps = np.sqrt(np.maximum(dequantized(x), np.float32(0))) / np.float32(out.q.scale)
        whole = np.trunc(np.minimum(steps, np.float32(512))).astype(np.int64)
        return clamp_int8(whole + out.q.zero_point, -128, 127)
