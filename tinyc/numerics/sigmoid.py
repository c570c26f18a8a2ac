"""LOGISTIC and TANH of a byte: evaluated in float32 by LiteRT, in fixed point by TFLM."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, frexp

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics import gemmlowp
from tinyc.numerics.fixed_point import (
    BYTES,
    Int64,
    multiply_by_quantized_multiplier,
    round_half_away,
    round_half_away_array,
    rounding_divide_by_pot,
)

Float32 = npt.NDArray[np.float32]

#: Integer bits of the fixed-point argument.
_INTEGER_BITS = 4


def logistic_table(x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
    """LiteRT: output scale 1/256. TFLM: output zero point -128, its scale is not looked at."""
    if reference == "litert":
        return float_table(
            x,
            out,
            lambda v: np.float32(1) / (np.float32(1) + np.exp(-v.astype(np.float64)).astype(np.float32)),
        )
    return fixed_point_table(x, lambda q4: rounding_divide_by_pot(gemmlowp.logistic(q4, 4), 31 - 8) - 128)


def tanh_table(x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
    """TFLM: output scale 1/128 and zero point 0, whatever the output tensor says."""
    if reference == "litert":
        return float_table(x, out, lambda v: np.tanh(v.astype(np.float64)).astype(np.float32))
    return fixed_point_table(x, lambda q4: rounding_divide_by_pot(gemmlowp.tanh(q4, 4), 31 - 7))


def dequantized(x: TensorType) -> Float32:
    """[256] float32: the real number of each of x's bytes."""
    return np.float32(x.q.scale) * (BYTES - x.q.zero_point).astype(np.float32)


def float_table(
    x: TensorType, out: TensorType, function: Callable[[Float32], Float32]
) -> npt.NDArray[np.int8]:
    """function(scale * (byte - zero point)) / output scale, rounded half away, every step in float32."""
    with np.errstate(all="ignore"):
        scaled = function(dequantized(x)) * (np.float32(1) / np.float32(out.q.scale))
    whole = round_half_away_array(np.clip(scaled.astype(np.float64), -1e6, 1e6))
    return np.clip(whole + out.q.zero_point, -128, 127).astype(np.int8)


def fixed_point_table(x: TensorType, function: Callable[[Int64], Int64]) -> npt.NDArray[np.int8]:
    """function of the argument in Q4.27, clipped to int8; saturated outside of (-radius, radius)."""
    multiplier, shift = fixed_point_multiplier(x)
    radius = floor(((1 << _INTEGER_BITS) - 1) * 2.0 ** (31 - _INTEGER_BITS) / 2.0**shift)
    diff = BYTES - x.q.zero_point
    inside = np.clip(diff, -radius, radius)
    result = np.clip(function(multiply_by_quantized_multiplier(inside, multiplier, shift)), -128, 127)
    return np.where(diff <= -radius, -128, np.where(diff >= radius, 127, result)).astype(np.int8)


def fixed_point_multiplier(x: TensorType) -> tuple[int, int]:
    """(Q31 multiplier, shift) from bytes to Q4.27. The reference is defined for a shift in [0, 30] only."""
    fraction, shift = frexp(x.q.scale * 2.0 ** (31 - _INTEGER_BITS))
    return round_half_away(fraction * 2.0**31), shift
