"""The bias by which a layer of few-level weights rounds every sum as the file does.

Its sums are multiples of a unit of several steps: whole numbers n, of which the file's real numbers are linear. An
output step is reached from a certain n on. Each step leaves the bias an interval as wide as the unit, and in the middle
of what is common to all of them neither the bias' own rounding nor a last bit of the multiplier changes a byte. Of many
output steps there may be nothing in common; then the bias that is right for most of them is taken.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: How near to a whole number a threshold is one.
_EXACT = 1e-9
#: Which biases are tried, from the middle of the interval on and from the file's own.
_TRIED = (0, -1, 1, -2, 2)
#: No accumulator is beyond.
_LARGEST = 2**31 - 1
#: Returns the output, in steps from zero, of accumulators [..., O].
Rounds = Callable[[Int64], Int64]


def units_of(weights: npt.NDArray[np.generic], axis: int) -> Int64:
    """Return the largest number that divides all weights of each channel; 1 where all are 0."""
    rows = np.moveaxis(np.abs(weights.astype(np.int64)), axis, 0)
    found = np.gcd.reduce(rows.reshape(len(rows), -1), axis=1, initial=0)
    return np.asarray(np.maximum(found, 1), np.int64)


def exact_bias(
    real: Float64, factors: Float64, units: Int64, most: Int64, ends: tuple[int, int], rounds: Rounds
) -> tuple[Int64, npt.NDArray[np.bool_]]:
    """Return the bias, [O], that is right for the most thresholds, mostly for all, and of which channels there is one.

    real: of the file's bias, in steps of the output; factors: of an accumulator in the same; units: in accumulators;
    most: the largest sum, in units; ends: the least and the greatest output, in steps from zero; rounds: as the layer
    does. Halves are rounded to even, as ONNX has it.
    """
    steps = np.arange(ends[0] + 1, ends[1] + 1, dtype=np.int64)[:, None]
    first = (steps - 0.5 - real) / (factors * units)
    whole = np.round(first)
    is_tie = np.abs(first - whole) <= _EXACT * np.maximum(1, np.abs(first))
    least = np.where(is_tie, whole + (steps % 2 == 1), np.ceil(first))
    least = np.clip(np.nan_to_num(least), -most, most + 1).astype(np.int64)
    is_reached, is_left = least <= most, least > -most
    # the firmware reaches the step where units * n + bias is this much
    wanted, ideal = (steps - 0.5) / factors, real / factors
    start = np.where(is_reached, wanted - units * least, ideal - units).max(axis=0, initial=-np.inf)
    stop = np.where(is_left, wanted - units * (least - 1), ideal + units).min(axis=0, initial=np.inf)
    middle = np.nan_to_num((start + stop) / 2, nan=0, posinf=0, neginf=0)
    found, best = np.zeros(middle.shape, np.int64), np.full(middle.shape, -1)
    for at, off in ((at, off) for at in (middle, ideal) for off in _TRIED):
        tried = np.clip(np.round(at), -_LARGEST, _LARGEST).astype(np.int64) + off
        after, before = rounds(units * least + tried), rounds(units * (least - 1) + tried)
        right = (((after >= steps) | ~is_reached) & ((before < steps) | ~is_left)).sum(axis=0)
        right = np.where(np.abs(tried) + units * (most + 1) < _LARGEST, right, -1)
        found, best = np.where(right > best, tried, found), np.maximum(right, best)
    return found, best >= 0
