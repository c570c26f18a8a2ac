"""An integer multiplier that rounds exactly as a double multiplication does, proven for every accumulator.

LiteRT's reference FULLY_CONNECTED computes round(double(acc) * scale), halves away from zero, and clamps to a byte.
That is a rising step function of acc with at most 255 steps. A multiplier m and shift s with

    floor((acc * m + 2**(s - 1)) / 2**s)

equals it everywhere if and only if it has its steps at the same accumulators, which is checked step by step.
"""

from __future__ import annotations

from functools import cache
from math import frexp

import numpy as np
import numpy.typing as npt

from tinyc.numerics.fixed_point import INT32_MAX, INT32_MIN

Int64 = npt.NDArray[np.int64]

#: How far from the rounded multiplier another is tried.
_REACH = 64


@cache
def once_multiplier(scale: float, zero_point: int, low: int, high: int) -> tuple[int, int] | None:
    """(multiplier, shift) for `scale` > 0, or None where no multiplier near it has the same steps.

    zero_point, low, high: of the output byte; multiplier in [2**29, 2**31), shift in [1, 62].
    """
    fraction, exponent = frexp(scale)
    shift = 31 - exponent
    if not 1 <= shift <= 62:
        return None
    targets = np.arange(low + 1, high + 1, dtype=np.int64) - zero_point
    steps = _steps(scale, targets)
    inside = (steps > INT32_MIN) & (steps <= INT32_MAX)
    below, above = targets[steps <= INT32_MIN], targets[steps > INT32_MAX]
    half = 1 << (shift - 1)
    centre = int(fraction * 2.0**31)
    for distance in range(_REACH):
        for m in dict.fromkeys((centre + distance, centre - distance)):
            if not 2**29 <= m < 2**31:
                continue
            at = _once(steps[inside], m, half, shift)
            before = _once(steps[inside] - 1, m, half, shift)
            lowest = _once(np.array([INT32_MIN]), m, half, shift)[0]
            highest = _once(np.array([INT32_MAX]), m, half, shift)[0]
            if (
                (at >= targets[inside]).all()
                and (before < targets[inside]).all()
                and (below <= lowest).all()
                and (above > highest).all()
            ):
                return m, shift
    return None


def _once(acc: Int64, m: int, half: int, shift: int) -> Int64:
    """floor((acc * m + half) / 2**shift); |acc| <= 2**31 and m < 2**31, so that nothing overflows 64 bits."""
    return (acc * np.int64(m) + np.int64(half)) >> np.int64(shift)


def _steps(scale: float, targets: Int64) -> Int64:
    """The least int32 accumulator that reaches each target, by bisection; INT32_MAX + 1 where none does."""
    low = np.full(targets.shape, INT32_MIN, np.int64)
    high = np.full(targets.shape, INT32_MAX + 1, np.int64)
    while (low < high).any():
        middle = (low + high) >> 1
        product = middle.astype(np.float64) * scale
        whole = np.trunc(product)
        rest = product - whole
        reached = whole + (rest >= 0.5) - (rest <= -0.5) >= targets
        high = np.where(reached, middle, high)
        low = np.where(reached, low, middle + 1)
    return low
