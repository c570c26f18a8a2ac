"""Exponential, logistic, tanh and logarithm in 32-bit fixed point, bit for bit as gemmlowp.

Qm.n has m integer and n fraction bits besides the sign.
All values are int32 held in int64 arrays.
"""

from __future__ import annotations

import numpy as np

from tinyc.numerics.fixed_point import (
    INT32_MAX,
    INT32_MIN,
    Int64,
    rounding_divide_by_pot,
    saturating_doubling_high_mul,
    wrap_int32,
)

_EXP_MINUS_1_8 = 1895147668  # exp(-1/8), Q0.31
_ONE_THIRD = 715827883  # Q0.31
_48_OVER_17 = 1515870810  # Q2.29
_MINUS_32_OVER_17 = -1010580540  # Q2.29
_ONE_Q2 = 1 << 29
#: Of the logarithm, Q0.31: log(2), square and fourth root of 1/2, and the coefficients of its rational function.
_LOG_2, _SQRT_HALF, _SQRT_SQRT_HALF = 1488522236, 1518500250, 1805811301
_LOG_N, _LOG_D, _LOG_I, _LOG_F = 117049297, 127690142, 1057819769, 638450708
#: exp(-2**e) in Q0.31 by e.
_EXP_MINUS_POT = {-2: 1672461947, -1: 1302514674, 0: 790015084, 1: 290630308, 2: 39332535, 3: 720401, 4: 242}


def saturating_shift_left(x: Int64, bits: int) -> Int64:
    return np.asarray(np.clip(x << bits, INT32_MIN, INT32_MAX), np.int64)


def exp_on_negative_values(a: Int64, integer_bits: int) -> Int64:
    """exp(a) in Q0.31 for a <= 0 in Q<integer_bits>."""
    fraction = 31 - integer_bits
    quarter = 1 << (fraction - 2)
    low = (a & (quarter - 1)) - quarter
    result = _exp_near_minus_1_8(saturating_shift_left(low, integer_bits))
    remainder = wrap_int32(low - a)
    for exponent, factor in _EXP_MINUS_POT.items():
        if integer_bits > exponent:
            bit = remainder & (1 << (fraction + exponent))
            result = np.where(bit != 0, saturating_doubling_high_mul(result, factor), result)
    return np.where(a == 0, INT32_MAX, result)


def logistic(a: Int64, integer_bits: int) -> Int64:
    """1 / (1 + exp(-a)) in Q0.31; a in Q<integer_bits>."""
    e = exp_on_negative_values(-np.abs(a), integer_bits)
    positive = saturating_shift_left(_reciprocal(e), 1)
    return np.where(a == 0, 1 << 30, np.where(a > 0, positive, INT32_MAX - positive))


def tanh(a: Int64, integer_bits: int) -> Int64:
    """tanh(a) in Q0.31; a in Q<integer_bits>."""
    e = exp_on_negative_values(-np.abs(a), integer_bits + 1)
    positive = saturating_shift_left(_reciprocal(e) - _ONE_Q2, 2)
    return np.where(a == 0, 0, np.where(a > 0, positive, -positive))


def log_of_sum(x: Int64) -> Int64:
    """log(x) in Q5.26 for x >= 1 in Q12.19: a rational function of what is left of x beside a power of sqrt(2)."""
    mul = saturating_doubling_high_mul
    above, scaled = leading_zeros(x), mul(x, _SQRT_HALF)
    halved = leading_zeros(scaled) - 1
    r_above = saturating_shift_left(mul(x << (above - 1), _SQRT_HALF), 1)
    r = np.minimum(r_above, np.clip(x << halved, INT32_MIN, INT32_MAX))
    power = np.maximum(((12 - above) << 25) + (1 << 23), ((12 - halved) << 25) - (1 << 23))
    p = (r + _SQRT_SQRT_HALF + 1) >> 1
    q = 2 * (r - _SQRT_SQRT_HALF)
    square = mul(q, q)
    numerator = mul(q, r) + mul(mul(q, square), _LOG_N)
    denominator = mul(p, _LOG_I + q + mul(square, _LOG_D)) + mul(q, _LOG_F)
    inverse = reciprocal_of_one_plus(denominator)
    quotient = mul(rounding_divide_by_pot(numerator, 6), inverse)
    return saturating_shift_left(mul(power, _LOG_2) + quotient, 1)


def reciprocal_of_one_plus(x: Int64) -> Int64:
    """1 / (1 + x) in Q0.31 for x in [0, 1) in Q0.31."""
    return saturating_shift_left(_reciprocal(x), 1)


def leading_zeros(x: Int64) -> Int64:
    """Of positive 32-bit values."""
    return np.asarray(32 - np.frexp(x.astype(np.float64))[1], np.int64)


def _exp_near_minus_1_8(a: Int64) -> Int64:
    """exp(a) in Q0.31 for a in [-1/4, 0) in Q0.31: a Taylor polynomial around -1/8."""
    mul = saturating_doubling_high_mul
    x = a + (1 << 28)
    x2 = mul(x, x)
    x3, x4 = mul(x2, x), mul(x2, x2)
    inner = mul(rounding_divide_by_pot(x4, 2) + x3, _ONE_THIRD) + x2
    return _EXP_MINUS_1_8 + mul(x + rounding_divide_by_pot(inner, 1), _EXP_MINUS_1_8)


def _reciprocal(e: Int64) -> Int64:
    """2 / (1 + e) in Q2.29 for e in (0, 1] in Q0.31: three Newton steps from 48/17 - 32/17 d."""
    mul = saturating_doubling_high_mul
    half = (e + INT32_MAX + 1) >> 1
    x = _48_OVER_17 + mul(half, _MINUS_32_OVER_17)
    for _ in range(3):
        x = x + saturating_shift_left(mul(x, _ONE_Q2 - mul(half, x)), 2)
    return x
