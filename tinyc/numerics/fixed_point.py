"""Fixed-point arithmetic of the TFLite reference kernels, in numpy.

Requantization maps an int32 accumulator to the output scale by a Q31 multiplier and a power of two
(TFLite quantization specification; gemmlowp's fixed point). It rounds twice: once to the nearest after the
doubling high multiply, once half away from zero at the shift. `docs/numerics.md` says which op does what.
"""

from __future__ import annotations

from math import frexp

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]

#: The input bytes of a table, in its order.
BYTES: Int64 = np.arange(-128, 128, dtype=np.int64)

INT32_MIN = -(2**31)
INT32_MAX = 2**31 - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """(multiplier, shift) with real = multiplier * 2**(shift - 31), multiplier in [2**30, 2**31) or 0.

    real: >= 0. shift > 0 is a left shift. Reals below 2**-32 become (0, 0), as TFLite has it.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = frexp(real)
    multiplier = round_half_away(fraction * 2.0**31)
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    return multiplier, shift


def round_half_away(real: float) -> int:
    """The nearest integer, halves away from zero: C's round()."""
    whole = int(real)
    return whole + (1 if real - whole >= 0.5 else -1 if real - whole <= -0.5 else 0)


def wrap_int32(x: Int64) -> Int64:
    """x modulo 2**32 as a signed 32-bit value: how an int32 accumulator overflows."""
    return ((x + 2**31) & 0xFFFFFFFF) - 2**31


def saturating_doubling_high_mul(a: Int64, b: Int64 | int) -> Int64:
    """round(a * b / 2**31), halves up, saturated: gemmlowp's SaturatingRoundingDoublingHighMul.

    a, b: int32 values held in int64.
    """
    product = a * np.asarray(b, np.int64)
    return np.asarray(np.minimum((product + 2**30) >> 31, INT32_MAX), np.int64)


def rounding_divide_by_pot(x: Int64, exponent: Int64 | int) -> Int64:
    """x / 2**exponent, halves away from zero: gemmlowp's RoundingDivideByPOT. exponent in [0, 31]."""
    e = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << e) - 1
    remainder = x & mask
    threshold = (mask >> 1) + (x < 0)
    return (x >> e) + (remainder > threshold)


def multiply_by_quantized_multiplier(x: Int64, multiplier: Int64 | int, shift: Int64 | int) -> Int64:
    """x * multiplier * 2**(shift - 31), rounded twice: TFLite's MultiplyByQuantizedMultiplier.

    x: int32 values held in int64; shift: positive to the left. The left shift wraps as it does in C on every
    machine in use.
    """
    s = np.asarray(shift, np.int64)
    left, right = np.maximum(s, 0), np.maximum(-s, 0)
    return rounding_divide_by_pot(saturating_doubling_high_mul(wrap_int32(x << left), multiplier), right)


def clamp_int8(x: Int64, low: int, high: int) -> npt.NDArray[np.int8]:
    return np.clip(x, low, high).astype(np.int8)


def round_half_away_array(x: npt.NDArray[np.float64]) -> Int64:
    """The nearest integers, halves away from zero: C's round(). |x| below 2**62."""
    whole = np.trunc(x)
    rest = x - whole
    return (whole + (rest >= 0.5) - (rest <= -0.5)).astype(np.int64)


def divide_half_away(x: Int64, divisor: int) -> Int64:
    """x / divisor, halves away from zero; divisor > 0."""
    half = divisor // 2
    return np.where(x >= 0, (np.abs(x) + half) // divisor, -((np.abs(x) + half) // divisor))
