"""Weights of few levels: all weights of an output channel are small multiples of one number, as ternary ones are.

They are kept as they are: a byte holds each multiple, and the scale holds the number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

#: Levels to either side of zero that weights of 2 to 4 bits have.
FEW = 8
#: The largest byte of a weight, symmetric.
MOST = 127
#: How far a weight may be from its multiple, as a share of the channel's largest: folding scales in float32.
_NEAR = 1e-5
#: Weights of a channel that are looked at before all are.
_FIRST = 32


@dataclass(frozen=True, eq=False)
class Levels:
    """steps: [O, K], the multiples; units: [O], the number of each channel, positive; counts: [O], the largest step."""

    steps: Int64
    units: Float64
    counts: Int64

    def bytes_by(self, factors: Int64) -> tuple[Int64, Float64]:
        """Return the bytes and the scales whose unit is a whole number of steps. factors: [O], that number."""
        return self.steps * factors[:, None], np.asarray(np.float32(self.units / factors), np.float64)

    @property
    def widest(self) -> Int64:
        """By how many steps of a byte each unit fills it: [O]."""
        return MOST // self.counts

    @property
    def widest_binary(self) -> Int64:
        """The powers of 2 among these, by which the scale stays a power of 2 where the unit is one."""
        return np.asarray(2 ** np.floor(np.log2(self.widest)), np.int64)


def levels_of(rows: Float64, most: int = FEW) -> Levels | None:
    """Return the levels of a layer's weights, None where a channel has more than `most` to a side.

    rows: [O, K]. Channels of a single weight each say nothing of how they were trained: None.
    """
    largest = np.abs(rows).max(axis=1, initial=0.0)
    used = largest > 0
    if not np.isfinite(largest).all() or np.count_nonzero(rows) < 2 * max(1, int(used.sum())):
        return None
    counts = np.ones(len(rows), np.int64)
    shares = rows / np.where(used, largest, 1)[:, None]
    left = np.flatnonzero(used)
    for count in range(1, most + 1):
        left = _rest(shares, left, count)
        if not len(left):
            break
        counts[left] = count + 1
    if len(left):
        return None
    steps = np.round(shares * counts[:, None])
    squares = np.sum(steps * steps, axis=1)
    units = np.sum(rows * steps, axis=1) / np.where(used, squares, 1)
    return Levels(steps.astype(np.int64), np.where(used, units, MOST * 1e-6), counts)


def _rest(shares: Float64, at: Int64, count: int) -> Int64:
    """Return which of the channels `at` are no multiples of their largest weight divided by `count`."""
    near = np.array([_are_multiples(shares[i, :_FIRST], count) for i in at], bool)
    likely = at[near]
    sure = np.array([_are_multiples(shares[i], count) for i in likely], bool)
    return np.setdiff1d(at, likely[sure], assume_unique=True)


def _are_multiples(shares: Float64, count: int) -> bool:
    scaled = shares * count
    return bool((np.abs(scaled - np.round(scaled)) <= _NEAR * count).all())
