"""LEAKY_RELU: x, or alpha * x where x is negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import (
    BYTES,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.numerics.requant import Scaling, float_type
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class LeakyRelu(Lookup):
    """inputs: x int8; output: int8.

    alpha: slope below zero (float32 value), may be negative or above 1; scaling: "float32" (LiteRT) or "float64"
    (TFLM).
    """

    alpha: float
    scaling: Scaling

    kind: ClassVar[str] = "leaky_relu"

    def real_multipliers(self, x: TensorType, out: TensorType) -> tuple[float, float]:
        """Factors of x - zero point above and below zero."""
        number = float_type(self.scaling)
        scale, last = number(x.q.scale), number(out.q.scale)
        with np.errstate(all="ignore"):
            return float(scale / last), float(scale * number(self.alpha) / last)

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        above, below = self.real_multipliers(x, out)
        diff = BYTES - x.q.zero_point
        positive = multiply_by_quantized_multiplier(diff, *quantize_multiplier(above))
        negative = multiply_by_quantized_multiplier(diff, *quantize_multiplier(abs(below)))
        scaled = np.where(diff >= 0, positive, -negative if below < 0 else negative)
        return clamp_int8(scaled + out.q.zero_point, -128, 127)
