"""RELU, RELU6, RELU_N1_TO_1 as nodes of their own (fused ones are an op's clamp)."""

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
    round_half_away,
)
from tinyc.numerics.requant import Scaling, float_type
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Relu(Lookup):
    """inputs: x int8; output: int8, x clamped to the reals [low, high].

    high: None is no bound; rescales: x is brought to the output's scale and clamped there; otherwise x's
    bytes are clamped and copied, whatever the output's scale (TFLM's RELU6);
    scaling: "float32" (LiteRT) or "float64" (TFLM).
    """

    low: float
    high: float | None
    rescales: bool
    scaling: Scaling

    kind: ClassVar[str] = "relu"

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        if not self.rescales:
            return clamp_int8(BYTES, *self._bounds(x))
        number = float_type(self.scaling)
        real = number(x.q.scale) / number(out.q.scale)
        multiplier, shift = quantize_multiplier(float(real))
        scaled = multiply_by_quantized_multiplier(BYTES - x.q.zero_point, multiplier, shift)
        return clamp_int8(scaled + out.q.zero_point, *self._bounds(out))

    def _bounds(self, t: TensorType) -> tuple[int, int]:
        low = max(-128, quantized(self.low, t))
        return low, 127 if self.high is None else min(127, quantized(self.high, t))


def quantized(real: float, t: TensorType) -> int:
    """The byte of a real number in t's scale, not clamped; divided in float32."""
    with np.errstate(over="ignore"):
        quotient = float(np.float32(real) / np.float32(t.q.scale))
    return t.q.zero_point + round_half_away(min(max(quotient, -(2.0**31)), 2.0**31))
