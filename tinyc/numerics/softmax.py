"""SOFTMAX and LOG_SOFTMAX in fixed point: exponentials of differences of bytes, and their shares of the sum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Array, TensorType
from tinyc.numerics.fixed_point import (
    INT32_MIN,
    Int64,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_doubling_high_mul,
)
from tinyc.numerics.gemmlowp import exp_on_negative_values, log_of_sum, saturating_shift_left

#: Integer bits of the exponent's argument and of the sum of exponentials.
DIFF_BITS, _SUM_BITS = 5, 12
#: Integer bits of a logarithm in the output's scale.
_LOG_BITS = 4
#: Longest vector whose sum of exponentials cannot overflow.
MAX_DEPTH = (1 << _SUM_BITS) - 1


def exponent_scale(x: TensorType, beta: float) -> float:
    """Return the factor from a difference of bytes to the exponent in Q5.26."""
    return min(beta * x.q.scale * float(1 << (31 - DIFF_BITS)), 2.0**31 - 1)


def exps(x: TensorType, beta: float) -> tuple[int, ...]:
    """Return exp(-d * scale * beta) in Q0.31 by difference d, as far as the reference does not take it for 0."""
    multiplier, shift = quantize_multiplier(exponent_scale(x, beta))
    radius = ((1 << DIFF_BITS) - 1) * 2.0 ** (31 - DIFF_BITS) / 2.0**shift
    diff = -np.arange(min(int(radius), 255) + 1, dtype=np.int64)
    scaled = saturating_doubling_high_mul(diff << shift, multiplier)
    return tuple(int(e) for e in exp_on_negative_values(scaled, DIFF_BITS))


def softmax(x: Array, t: TensorType, beta: float) -> Array:
    """Return the softmax over the last dimension, of scale 1/256 and zero point -128. t: the type of x."""
    found = exps(t, beta)
    table = np.zeros(256, np.int64)
    table[: len(found)] = found
    rows = x.astype(np.int64).reshape(-1, x.shape[-1])
    below = rows.max(axis=1, keepdims=True) - rows
    seen = below < len(found)
    e = np.where(seen, table[below], 0)
    total = rounding_divide_by_pot(e, _SUM_BITS).sum(axis=1)
    result = np.full(rows.shape, -128, np.int64)
    for i, value in enumerate(total):
        reciprocal, over_unit = _reciprocal(int(value))
        scaled = rounding_divide_by_pot(saturating_doubling_high_mul(e[i], reciprocal), over_unit + 31 - 8)
        result[i] = np.where(seen[i], np.clip(scaled - 128, -128, 127), -128)
    return result.astype(np.int8).reshape(x.shape)


@dataclass(frozen=True)
class LogSoftmaxParams:
    """Of the exponent in Q5.26 for a difference of bytes, and back: multipliers Q31, shifts positive to the left.

    least: the difference below which the reference takes an exponential for 0.
    """

    multiplier: int
    shift: int
    reverse_multiplier: int
    reverse_shift: int
    least: int


def log_softmax_params(x: TensorType) -> LogSoftmaxParams:
    multiplier, shift = quantize_multiplier(exponent_scale(x, 1.0))
    reverse = quantize_multiplier((1 << (31 - shift)) / multiplier)
    radius = ((1 << DIFF_BITS) - 1) * 2.0 ** (31 - DIFF_BITS) / 2.0**shift
    return LogSoftmaxParams(multiplier, shift, *reverse, -int(radius))


def summands(x: TensorType) -> tuple[int, ...]:
    """Return exp(-d * scale) in Q12.19 by difference d, as `exps`."""
    return tuple(int(e) for e in rounding_divide_by_pot(np.array(exps(x, 1.0), np.int64), _SUM_BITS))


def log_softmax(x: Array, t: TensorType) -> Array:
    """Return the logarithm of the softmax over the last dimension, of scale 1/16 and zero point 127."""
    p = log_softmax_params(t)
    rows = x.astype(np.int64).reshape(-1, x.shape[-1])
    diff = rows - rows.max(axis=1, keepdims=True)
    exponent = multiply_by_quantized_multiplier(diff, p.multiplier, p.shift)
    inside = diff >= p.least
    e = exp_on_negative_values(np.where(inside, exponent, 0), DIFF_BITS)
    total = np.where(inside, rounding_divide_by_pot(e, _SUM_BITS), 0).sum(axis=1, keepdims=True)
    log_sum = log_of_sum(total)
    below = multiply_by_quantized_multiplier(log_sum + INT32_MIN, p.reverse_multiplier, p.reverse_shift)
    scaled = rounding_divide_by_pot(exponent - log_sum, 31 - DIFF_BITS - _LOG_BITS) + 127
    result = np.where(diff > np.maximum(p.least - 1, below), np.clip(scaled, -128, 127), -128)
    return result.astype(np.int8).reshape(x.shape)


def _reciprocal(total: int) -> tuple[int, int]:
    """(1 / t in Q0.31, n) where total in Q12.19 is t * 2**n with t in [1, 2)."""
    over_unit = _SUM_BITS - (32 - total.bit_length())
    fraction: Int64 = np.array([(total << (32 - total.bit_length())) - (1 << 31)], np.int64)
    half = (fraction + 2**31) >> 1
    x = 1515870810 + saturating_doubling_high_mul(half, -1010580540)
    for _ in range(3):
        rest = (1 << 29) - saturating_doubling_high_mul(half, x)
        x = x + saturating_shift_left(saturating_doubling_high_mul(x, rest), 2)
    return int(saturating_shift_left(x, 1)[0]), over_unit
