"""DIV of bytes in fixed point: the dividend times the reciprocal of the divisor, as both references compute it."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Reference, TensorType
from tinyc.numerics.fixed_point import Int64, rounding_divide_by_pot, saturating_doubling_high_mul
from tinyc.numerics.gemmlowp import leading_zeros, reciprocal_of_one_plus


def least_shift(divisor: int) -> int:
    """Return the least shift of the factor under which the references shift no dividend by more than 31 bits.

    divisor: the largest there may be, in steps.
    """
    return divisor.bit_length()


def div_scale(a: TensorType, b: TensorType, out: TensorType, reference: Reference) -> float:
    """Return the factor from a quotient of bytes to the output's, divided in float32 by LiteRT, in double by TFLM."""
    kind = np.float32 if reference == "litert" else np.float64
    with np.errstate(all="ignore"):
        return float(kind(a.q.scale) / (kind(b.q.scale) * kind(out.q.scale)))


def quotient(a: Int64, b: Int64, multiplier: int, shift: int) -> Int64:
    """Return a / b times the multiplier, rounded. a, b: bytes minus their zero points; a divisor of 0 counts as 1."""
    a, b = np.broadcast_arrays(np.where(b < 0, -a, a), np.maximum(np.abs(b), 1))
    zeros = leading_zeros(b)
    inverse = reciprocal_of_one_plus((b << zeros) - (1 << 31))
    headroom = np.where(a == 0, 31, leading_zeros(np.maximum(np.where(a < 0, 2 * -a - 1, 2 * a), 1)))
    found = saturating_doubling_high_mul(saturating_doubling_high_mul(a << headroom, inverse), multiplier)
    return rounding_divide_by_pot(found, (31 - zeros) + headroom - shift)
