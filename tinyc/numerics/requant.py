"""How an op's accumulators become output bytes: multipliers from scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, TensorType
from tinyc.numerics.fixed_point import (
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    wrap_int32,
)

Int64 = npt.NDArray[np.int64]

#: The float type in which a reference divides scales: it decides the last bits of a multiplier.
Scaling = Literal["float32", "float64"]


def float_type(scaling: Scaling) -> type[np.floating]:
    return np.float32 if scaling == "float32" else np.float64


@dataclass(frozen=True)
class Requant:
    """Per output channel: multiplier (Q31, >= 0) and shift (positive to the left)."""

    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]

    def apply(self, acc: Int64) -> Int64:
        """acc: [..., channels] int32 values, wrapped like C's; the result is still without zero point."""
        return multiply_by_quantized_multiplier(
            wrap_int32(acc), np.array(self.multipliers, np.int64), np.array(self.shifts, np.int64)
        )

    def to_bytes(
        self, acc: Int64, bias: Array | None, out: TensorType, act_min: int, act_max: int
    ) -> npt.NDArray[np.int8]:
        """Output bytes, clamped to the activation. acc: [..., channels] sums; bias: int32 [channels], not in them."""
        total = acc if bias is None else acc + bias.astype(np.int64)
        return clamp_int8(self.apply(total) + out.q.zero_point, act_min, act_max)


def conv_requant(x: TensorType, w: TensorType, out: TensorType, channels: int) -> Requant:
    """Multipliers s_x * s_w[c] / s_out, computed in double as TFLite does."""
    scales = w.q.scales if w.q.per_channel else w.q.scales * channels
    pairs = [quantize_multiplier(x.q.scale * s / out.q.scale) for s in scales]
    return Requant(tuple(m for m, _ in pairs), tuple(s for _, s in pairs))
