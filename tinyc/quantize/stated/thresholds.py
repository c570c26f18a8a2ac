"""The bias by which a layer of few-level weights rounds every sum as the file does.

Its sums are multiples of a unit of several steps: whole numbers n, of which the file's real numbers are linear. An
output step is reached from a certain n on. Each step leaves the bias an interval as wide as the unit, and in the middle
of what is common to all of them neither the bias' own rounding nor a last bit of the multiplier changes a byte.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: How near to a whole number a threshold is one.
_EXACT = 1e-9
#: Least distance of the bias from the ends of its interval: rounding twice, and the multiplier's last bits.
_MARGIN = 1.0


def units_of(weights: npt.NDArray[np.generic], axis: int) -> Int64:
    """Return the largest number that divides all weights of each channel; 1 where all are 0."""
    rows = np.moveaxis(np.abs(weights.astype(np.int64)), axis, 0)
    found = np.gcd.reduce(rows.reshape(len(rows), -1), axis=1, initial=0)
    return np.asarray(np.maximum(found, 1), np.int64)


def exact_bias(real: Float64, factors: Float64, units: Int64, low: int, high: int) -> Int64 | None:
    """Return the bias, [O]; None where some channel has none that is right for all sums.

    real: of the file's bias, in steps of the output; factors: of an accumulator in the same; units: in accumulators;
    low, high: the least and the greatest output, in steps from zero. Halves are rounded to even, as ONNX has it.
    """
    steps = np.arange(low + 1, high + 1, dtype=np.float64)[:, None]
    first = (steps - 0.5 - real) / (factors * units)
    whole = np.round(first)
    is_tie = np.abs(first - whole) <= _EXACT * np.maximum(1, np.abs(first))
    least = np.where(is_tie, whole + (steps % 2 == 1), np.ceil(first))
    # the firmware reaches the step where units * n + bias is this much
    wanted = (steps - 0.5) / factors
    start = (wanted - units * least).max(axis=0)
    stop = (wanted - units * (least - 1)).min(axis=0)
    if not (stop - start >= 2 * _MARGIN).all():
        return None
    return np.asarray(np.round((start + stop) / 2), np.int64)
