"""1 / sqrt(n) of an integer in fixed point, bit for bit as RSQRT and L2_NORMALIZATION of int8 take it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import (
    BYTES,
    INT32_MAX,
    Int64,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    rounding_divide_by_pot,
    saturating_doubling_high_mul,
    wrap_int32,
)
from tinyc.numerics.gemmlowp import saturating_shift_left

_ONE = 1 << 28  # Q3.28
_ONE_AND_A_HALF = _ONE + (_ONE >> 1)
_HALF_SQRT_2 = 1518500250  # Q0.31
_ITERATIONS = 5
#: Bits that keep the root of a byte an integer.
_SHIFT = 20
_MOST_RIGHT = 31


def rsqrt_scale(x: TensorType, out: TensorType) -> float:
    """Return the factor from the root of x's byte to the output's byte."""
    return 1.0 / float(np.sqrt(np.float32(x.q.scale)) * np.float32(out.q.scale))


def rsqrt_fits(x: TensorType, out: TensorType) -> bool:
    """Whether the references' arithmetic is defined: with a coarser output they shift right by more than 31 bits."""
    return quantize_multiplier(rsqrt_scale(x, out))[1] - _SHIFT >= -_MOST_RIGHT


def rsqrt_table(x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
    """Return RSQRT of each byte, the greatest byte for x <= 0."""
    multiplier, shift = quantize_multiplier(rsqrt_scale(x, out))
    result = np.full(256, 127, np.int64)
    one = np.asarray(1, np.int64)
    for at, n in enumerate((BYTES - x.q.zero_point).tolist()):
        if n > 0:
            root, right = inverse_sqrt(n)
            raw = multiply_by_quantized_multiplier(one, root, right + _SHIFT)
            scaled = multiply_by_quantized_multiplier(raw, multiplier, shift - _SHIFT)
            result[at] = int(scaled) + out.q.zero_point
    return clamp_int8(result, -128, 127)


def inverse_sqrt(n: int) -> tuple[int, int]:
    """Return (multiplier, shift) with 1 / sqrt(n) = multiplier * 2**(shift - 31); n in [0, 2**31).

    0 counts as 1. Newton's iteration from 1, five times.
    """
    if n <= 1:
        return INT32_MAX, 0
    right = 11
    while n >= 1 << 29:
        n //= 4
        right += 1
    pairs = (32 - n.bit_length() - 1) // 2 - 1
    right -= pairs
    n <<= 2 * pairs
    value = np.asarray(n >> 1, np.int64)
    x = _newton(value)
    multiplier = int(saturating_doubling_high_mul(x, _HALF_SQRT_2))
    if right < 0:
        multiplier = int(wrap_int32(np.asarray(multiplier << -right, np.int64)))
        right = 0
    return multiplier, -right


def normalized(vector: Int64, *, unsigned: bool) -> npt.NDArray[np.int8]:
    """Return the vector divided by its length, in bytes of 1/128. vector: bytes minus their zero point, [depth].

    unsigned: of uint8, which is multiplied by 128 first.
    """
    multiplier, shift = inverse_sqrt(int((vector * vector).sum()))
    if unsigned:
        scaled = multiply_by_quantized_multiplier(vector << _UNIT_BITS, multiplier, shift)
    else:
        scaled = multiply_by_quantized_multiplier(vector, multiplier, shift + _UNIT_BITS)
    return clamp_int8(scaled, -128, 127)


#: log2 of the bytes that make one.
_UNIT_BITS = 7


def _newton(value: Int64) -> Int64:
    """1 / sqrt(value), both in Q3.28."""
    mul = saturating_doubling_high_mul
    half = rounding_divide_by_pot(value, 1)
    x = np.asarray(_ONE, np.int64)
    for _ in range(_ITERATIONS):
        cube = saturating_shift_left(mul(mul(x, x), x), 6)
        x = saturating_shift_left(wrap_int32(mul(x, _ONE_AND_A_HALF) - mul(half, cube)), 3)
    return x
