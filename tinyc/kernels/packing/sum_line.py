"""A byte of a sum as one line, proven for all sums: ((sum << left) * slope / 2**32, rounded down, + offset) >> shift.

`sum` is that of inputs by ternary weights. The reference's bytes rise with it in at most 255 steps; a line equals them
everywhere if and only if it has its steps at the same sums, which is checked step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.trits import Trits
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Left shift of sums that fit 16 bits, which is two multiplications of 16 bits less for cores that know no longer ones.
LEFT = 16
#: How far from the rounded slopes others are tried: far, as halves, which are rounded away from zero, may be on a line.
REACH = (0, *(sign << k for k in range(20) for sign in (1, -1)))
#: Above slopes; what offsets stay below in magnitude.
_SLOPES, _OFFSETS = 1 << 31, 1 << 30


@dataclass(frozen=True, eq=False)
class SumLine:
    """The lines of one layer's channels."""

    #: [channels], in [0, 2**31).
    slopes: Int64
    #: [channels], below 2**30 in magnitude.
    offsets: Int64
    #: Of all channels.
    left: int
    shift: int


def sum_line(c: Channels, packed: Trits, f: Finish) -> SumLine | Refusal:
    """f: of a requantization that rounds once."""
    signs = np.sign(c.weights)
    ups, downs = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    low, high = -128 * ups - 127 * downs, 127 * ups + 128 * downs
    most = int(max(-low.min(), high.max()))
    left = LEFT if most < 1 << 15 else 31 - most.bit_length()
    bytes_ = np.arange(f.act_min + 1, f.act_max + 1)
    steps = _steps(c, packed, f, low, high, bytes_)
    rise = np.where(ups + downs > 0, packed.magnitudes * f.multipliers / 2.0 ** (32 + f.shifts), 0)
    level = np.abs(c.start * f.multipliers / 2.0 ** (32 + f.shifts) + f.zero / 2)
    for shift in range(30, -1, -1):
        slopes = rise * 2.0 ** (shift + 32 - left)
        if slopes.max() >= _SLOPES - max(REACH) or (level.max() + 256) * 2.0**shift >= _OFFSETS:
            continue
        found = _fit(np.rint(slopes).astype(np.int64), steps, bytes_ << shift, low, high, left)
        return found if isinstance(found, Refusal) else SumLine(*found, left, shift)
    return Refusal("a channel rises too steeply")


def _steps(c: Channels, packed: Trits, f: Finish, low: Int64, high: Int64, bytes_: Int64) -> Int64:
    """Return the least sum that gives at least a byte, one more than `high` where none does: [channels, bytes]."""
    least = np.repeat(low[:, None], len(bytes_), axis=1)
    most = np.repeat(high[:, None] + 1, len(bytes_), axis=1)
    while (least < most).any():
        middle = (least + most) >> 1
        acc = c.start[:, None] + packed.magnitudes[:, None] * middle
        out = (((acc * f.multipliers[:, None] >> 32) >> f.shifts[:, None] - 1) + f.zero) >> 1
        reached = (out >= bytes_) & (least < most)
        most = np.where(reached, middle, most)
        least = np.where(reached | (least >= most), least, middle + 1)
    return least


def _fit(
    slopes: Int64, steps: Int64, levels: Int64, low: Int64, high: Int64, left: int
) -> tuple[Int64, Int64] | Refusal:
    """Return slopes and offsets. levels: of the bytes, shifted as the line's values are."""
    inside, above = steps <= high[:, None], steps > low[:, None]
    at, before = np.minimum(steps, high[:, None]) << left, np.maximum(steps - 1, low[:, None]) << left
    found = np.full(len(slopes), -1)
    offsets = np.zeros_like(slopes)
    for distance in REACH:
        tried = np.maximum(slopes + distance, 0)
        least = np.where(inside, levels - (at * tried[:, None] >> 32), -_OFFSETS).max(
            axis=1, initial=-_OFFSETS
        )
        most = (
            np.where(above, levels - (before * tried[:, None] >> 32), _OFFSETS).min(axis=1, initial=_OFFSETS)
            - 1
        )
        fits = (least <= most) & (found < 0)
        found = np.where(fits, tried, found)
        offsets = np.where(fits, (least + most) // 2, offsets)
        if (found >= 0).all():
            return found, offsets
    return Refusal("no line gives the bytes of all sums")
