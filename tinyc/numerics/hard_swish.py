"""HARD_SWISH: x * min(max(x + 3, 0), 6) / 6, in 16-bit fixed point."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.fixed_point import BYTES, Int64, clamp_int8, quantize_multiplier
from tinyc.numerics.requant import scale_type

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1


def exponents(
    x: TensorType, out: TensorType, reference: Reference
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return ((Q15 multiplier, shift) of the output, the same of the relu-like factor).

    The references are defined for an output shift in [-31, 0] and a factor's shift in [-31, 31].
    """
    number = scale_type(reference)
    fine = number(x.q.scale) / number(128)
    with np.errstate(all="ignore"):
        to_out = float(fine / number(out.q.scale))
        to_relu = float(fine / number(3 / 32768))
    return _q15(to_out), _q15(to_relu)


def hard_swish_table(x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
    (out_multiplier, out_shift), (relu_multiplier, relu_shift) = exponents(x, out, reference)
    fine = (BYTES - x.q.zero_point) << 7
    unshifted = _high_mul_rounding(fine, out_multiplier)
    factor = fine
    if relu_shift > 0:
        factor = _saturating_shift_left(factor, relu_shift - 1)
    factor = _high_mul_rounding(factor, relu_multiplier)
    if relu_shift > 0:
        factor = _saturating_shift_left(factor, 1)
    if relu_shift < 0:
        factor = _divide_by_pot(factor, -relu_shift)
    factor = (factor + (1 << 15)) >> 1
    product = factor * unshifted
    truncated = np.where(product >= 0, product >> 15, -(-product >> 15))
    return clamp_int8(_divide_by_pot(truncated, -out_shift) + out.q.zero_point, -128, 127)


def _q15(real: float) -> tuple[int, int]:
    """(Q15 multiplier, shift) from the Q31 one, rounded, saturated."""
    multiplier, shift = quantize_multiplier(real)
    return min((multiplier + (1 << 15)) >> 16, INT16_MAX), shift


def _high_mul_rounding(a: Int64, b: int) -> Int64:
    """round(a * b / 2**15), halves up."""
    return np.asarray(np.minimum((a * b + (1 << 14)) >> 15, INT16_MAX), np.int64)


def _saturating_shift_left(x: Int64, bits: int) -> Int64:
    return np.asarray(np.clip(x << bits, INT16_MIN, INT16_MAX), np.int64)


def _divide_by_pot(x: Int64, exponent: int) -> Int64:
    """x / 2**exponent, halves away from zero; the mask has 16 bits: -1 at exponents above 15, as in C."""
    mask = int(np.int64((1 << exponent) - 1).astype(np.int16))
    threshold = (mask >> 1) + (x < 0)
    return (x >> exponent) + ((x & mask) > threshold)
