"""LOG: the natural logarithm of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.sigmoid import Float32, dequantized, float_table
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Log(Function):
    """inputs: x int8 or float32; output: the same, the natural logarithm of x; of int8, the least byte for x <= 0."""

    kind: ClassVar[str] = "log"
    of_int8: ClassVar[tuple[Reference, ...]] = ("litert",)

    def real(self, x: Float32) -> Float32:
        return np.log(x.astype(np.float64)).astype(np.float32)

    def largest_byte(self, x: TensorType, out: TensorType) -> float:
        values = dequantized(x)
        return float(np.abs(self.real(values[values > 0]) / np.float64(out.q.scale)).max(initial=0))

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        # what the reference gives for x <= 0
        least = np.float32(-128 - out.q.zero_point) * np.float32(out.q.scale)
        return float_table(x, out, lambda v: np.where(v > 0, self.real(v), least).astype(np.float32))
