"""Real numbers and bytes: QUANTIZE and DEQUANTIZE at the border to float, and the byte of one number."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Array, TensorType
from tinyc.numerics.fixed_point import round_half_away, round_half_away_array


def quantize(x: Array, out: TensorType) -> Array:
    """Return round(x / scale) + zero point in float32, halves away from zero; NaN becomes the zero point."""
    with np.errstate(all="ignore"):
        quotient = x.astype(np.float32) / np.float32(out.q.scale)
    bounded = np.clip(np.nan_to_num(quotient.astype(np.float64), nan=0.0, posinf=1e6, neginf=-1e6), -1e6, 1e6)
    whole = round_half_away_array(bounded) + out.q.zero_point
    return np.clip(whole, -128, 127).astype(np.int8)


def dequantize(x: Array, t: TensorType) -> Array:
    """Return scale * (x - zero point), exact in double, rounded once to float32."""
    with np.errstate(all="ignore"):
        return (t.q.scale * (x.astype(np.float64) - t.q.zero_point)).astype(np.float32)


def byte_of(real: float, t: TensorType) -> int:
    """Return the byte of a real number in t's scale, not clamped; divided in float32."""
    with np.errstate(over="ignore"):
        quotient = float(np.float32(real) / np.float32(t.q.scale))
    return t.q.zero_point + round_half_away(min(max(quotient, -(2.0**31)), 2.0**31))
