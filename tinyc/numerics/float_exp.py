"""SOFTMAX and LOG_SOFTMAX of float32: the exponential and the logarithm in double, step by step as the C kernels do.

Both are within 2**-40 of the exact value before they are rounded to float32, so nearly always the float32 nearest to
it. The references call the C library, whose last bit is its own: docs/numerics.md says how far they may be apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.numerics.sigmoid import Float32

Float64 = npt.NDArray[np.float64]

_LOG2_E = 1.4426950408889634
#: log(2) in two parts: the first has 33 bits, so that a small multiple of it is exact.
_LN2, _LN2_REST = 0.6931471803691238, 1.9082149292705877e-10
_SQRT_2 = 1.4142135623730951
#: Below, the exponential is nearer to 0 than to the smallest float32.
_LEAST = -104.0
#: 1/k! from k = 10 down to 0, and 1/(2k + 1) from k = 8 down to 0.
_EXP = (
    1 / 3628800, 1 / 362880, 1 / 40320, 1 / 5040, 1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0,
)  # fmt: skip
_LOG = (1 / 17, 1 / 15, 1 / 13, 1 / 11, 1 / 9, 1 / 7, 1 / 5, 1 / 3, 1.0)


def exp_of_negative(x: Float32) -> Float32:
    """e ** x for x <= 0."""
    wide = np.maximum(x.astype(np.float64), _LEAST)
    whole = np.trunc(wide * _LOG2_E - 0.5)
    rest = (wide - whole * _LN2) - whole * _LN2_REST
    found = np.zeros_like(rest)
    for factor in _EXP:
        found = found * rest + factor
    return np.where(x > _LEAST, np.ldexp(found, whole.astype(np.int64)), 0).astype(np.float32)


def log_of_sum(x: Float32) -> Float32:
    """log(x) for finite x >= 1."""
    fraction, exponent = np.frexp(x.astype(np.float64))
    small = 2 * fraction > _SQRT_2
    mantissa = np.where(small, fraction, 2 * fraction)
    power = np.where(small, exponent, exponent - 1).astype(np.float64)
    ratio = (mantissa - 1) / (mantissa + 1)
    square = ratio * ratio
    found = np.zeros_like(ratio)
    for factor in _LOG:
        found = found * square + factor
    return np.asarray(power * _LN2 + (power * _LN2_REST + 2 * ratio * found)).astype(np.float32)


def softmax_of_floats(x: Float32, beta: float) -> Float32:
    """Return the softmax over the last dimension, summed in float32 from the first to the last."""
    e = exp_of_negative((x - x.max(axis=-1, keepdims=True)) * np.float32(beta))
    return e / _sum(e)


def log_softmax_of_floats(x: Float32) -> Float32:
    """Return its logarithm."""
    diff = x - x.max(axis=-1, keepdims=True)
    return np.asarray(diff - log_of_sum(_sum(exp_of_negative(diff))))


def _sum(x: Float32) -> Float32:
    return np.asarray(np.add.accumulate(x, axis=-1, dtype=np.float32)[..., -1:])
