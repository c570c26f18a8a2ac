"""A byte of a sum as one line, proven for all sums: (product + offset) >> shift, where the product is

- (sum << left) * slope / 2**32, rounded down, or
- sum * slope, a short line, where the sums of a channel span so little that all of it fits 32 bits.

`sum` is that of inputs by ternary weights. The reference's bytes rise with it in at most 255 steps, however often it
rounds; a line equals them everywhere if and only if it has its steps at the same sums, which is checked step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Left shift of sums that fit 16 bits, which is two multiplications of 16 bits less for cores that know no longer ones.
LEFT = 16
#: How far from the rounded slopes others are tried: far, as halves, which are rounded away from zero, may be on a line.
REACH = (0, *(sign << k for k in range(20) for sign in (1, -1)))
#: The same of short lines, whose slopes have fewer bits.
NEAR = (0, *(sign * k for k in range(1, 25) for sign in (1, -1)))
#: Above slopes; what offsets stay below in magnitude.
_SLOPES, _OFFSETS = 1 << 31, 1 << 30
#: What values of short lines stay below in magnitude, before they are shifted.
_LEVELS = 1 << 31


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


@dataclass(frozen=True, eq=False)
class ShortLine:
    """The short lines of one layer's channels, modulo 2**32: values of all sums fit 32 bits."""

    #: [channels], in [0, 2**31).
    slopes: Int64
    #: [channels]; their lowest byte is the channel's shift, in [0, 24], which cores shift by as it is.
    offsets: Int64


@dataclass(frozen=True, eq=False)
class _Sums:
    """What the sums of each channel may be, and where the reference's bytes step."""

    #: [channels], the least and the greatest sum.
    low: Int64
    high: Int64
    #: [bytes], all but the least that the layer gives.
    bytes_: Int64
    #: [channels, bytes], the least sum that gives at least a byte, one more than `high` where none does.
    steps: Int64
    #: [channels], what a sum of 1 adds to a byte, and the byte of the sum 0, neither rounded nor clamped.
    rise: npt.NDArray[np.floating]
    level: npt.NDArray[np.floating]


def sum_line(c: Channels, magnitudes: Int64, f: Finish, *, twice: bool = False) -> SumLine | Refusal:
    """magnitudes: [channels] of the weights; twice: whether f is of a requantization that rounds twice."""
    sums = _sums(c, magnitudes, f, twice=twice)
    most = int(max(-sums.low.min(), sums.high.max()))
    left = LEFT if most < 1 << 15 else 31 - most.bit_length()
    for shift in range(30, -1, -1):
        slopes = sums.rise * 2.0 ** (shift + 32 - left)
        most_level = (np.abs(sums.level).max() + 256) * 2.0**shift
        if slopes.max() >= _SLOPES - max(REACH) or most_level >= _OFFSETS:
            continue
        shifts = np.full(len(slopes), shift)
        found = _fit(np.rint(slopes).astype(np.int64), sums, shifts, REACH, left=left, down=32)
        return found if isinstance(found, Refusal) else SumLine(*found, left, shift)
    return Refusal("a channel rises too steeply")


def short_line(
    c: Channels, magnitudes: Int64, f: Finish, base: Int64, *, twice: bool = False
) -> ShortLine | Refusal:
    """base: [channels], by how much the kernel's sums are more than those of inputs by weights."""
    sums = _sums(c, magnitudes, f, twice=twice)
    ends = np.stack((sums.low, sums.high)) * sums.rise + sums.level
    most = np.abs(ends).max(axis=0) + 1
    shifts = np.minimum(30 - np.frexp(most)[1], 24).astype(np.int64)
    if (shifts < 0).any():
        return Refusal("a channel rises too steeply")
    slopes = np.rint(sums.rise * 2.0**shifts).astype(np.int64)
    found = _fit(slopes, sums, shifts, NEAR, base=base)
    if isinstance(found, Refusal):
        return found
    slopes, offsets = found
    levels = np.stack((sums.low, sums.high)) * slopes + offsets + slopes * base
    if (np.abs(levels) >= _LEVELS).any():
        return Refusal("a line exceeds 32 bits")
    return ShortLine(slopes, offsets)


def _sums(c: Channels, magnitudes: Int64, f: Finish, *, twice: bool) -> _Sums:
    signs = np.sign(c.weights)
    ups, downs = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    low, high = -128 * ups - 127 * downs, 127 * ups + 128 * downs
    bytes_ = np.arange(f.act_min + 1, f.act_max + 1)
    least = np.repeat(low[:, None], len(bytes_), axis=1)
    most = np.repeat(high[:, None] + 1, len(bytes_), axis=1)
    while (least < most).any():
        middle = (least + most) >> 1
        reached = (f.bytes_of(c.start[:, None] + magnitudes[:, None] * middle, twice=twice) >= bytes_) & (
            least < most
        )
        most = np.where(reached, middle, most)
        least = np.where(reached | (least >= most), least, middle + 1)
    scale = f.multipliers / 2.0 ** ((31 if twice else 32) + f.shifts)
    rise = np.where(ups + downs > 0, magnitudes * scale, 0)
    return _Sums(low, high, bytes_, least, rise, c.start * scale + f.zero / 2)


def _fit(
    slopes: Int64,
    sums: _Sums,
    shifts: Int64,
    reach: tuple[int, ...],
    *,
    left: int = 0,
    down: int = 0,
    base: Int64 | None = None,
) -> tuple[Int64, Int64] | Refusal:
    """Return slopes and offsets of ((sum << left) * slope >> down) + offset.

    base: see short_line; offsets are then for sums that are so much more, and have a shift in their lowest byte.
    """
    low, high, levels = sums.low[:, None], sums.high[:, None], sums.bytes_ << shifts[:, None]
    inside, above = sums.steps <= high, sums.steps > low
    at, before = np.minimum(sums.steps, high) << left, np.maximum(sums.steps - 1, low) << left
    found = np.full(len(slopes), -1)
    offsets = np.zeros_like(slopes)
    for distance in reach:
        tried = np.maximum(slopes + distance, 0)
        rises, was = at * tried[:, None] >> down, before * tried[:, None] >> down
        least = np.where(inside, levels - rises, -_OFFSETS).max(axis=1, initial=-_OFFSETS)
        most = np.where(above, levels - was, _OFFSETS).min(axis=1, initial=_OFFSETS) - 1
        offset = (least + most) // 2
        if base is not None:
            middle = (least + most + 256) // 2 - tried * base
            offset = middle - ((middle - shifts) & 255)
            least, most = least - tried * base, most - tried * base
        fits = (least <= offset) & (offset <= most) & (found < 0)
        found = np.where(fits, tried, found)
        offsets = np.where(fits, offset, offsets)
        if (found >= 0).all():
            return found, offsets
    return Refusal("no line gives the bytes of all sums")
