"""A byte of a sum as one line, proven for all sums: (product + offset) >> shift.

The product is

- (sum << left) * slope / 2**32, rounded down, or
- sum * slope, a short line, where the sums of a channel span so little that all of it fits 32 bits.

`sum` is that of inputs by ternary weights. The reference's bytes rise with it in at most 255 steps, however often it
rounds; a line equals them everywhere if and only if it has its steps at the same sums, which is checked step by step.

Where LiteRT rounds twice, halves are rounded away from zero, so that the steps below the zero point are a unit of the
first rounding behind those above it. A short line of **two sides** makes up for that:

    level = sum * -slope + offset; byte = zero point - 1 - ((level - (level >> SIDES)) >> shift)

where `level >> SIDES` is that of a number without a sign: 2**(32 - SIDES) more where the level is below 0, which is
where bytes are the zero point and above. Elsewhere it makes the slope a little smaller.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

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
#: By how many bits levels of lines of two sides are shifted to be subtracted from themselves.
SIDES = 20
#: What their levels stay below in magnitude.
_SIDED = _LEVELS - (2 << 32 - SIDES)
#: Their shifts that are tried, beside the one that makes 2**(32 - SIDES) a unit of the first rounding.
_MORE = (0, 1, -1, 2, -2)
#: Greatest shift of short lines.
_SHIFT = 24
#: Why there is none.
NO_LINE = "no line gives the bytes of all sums"
#: Beyond all of them.
_WIDE = 1 << 62


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

    #: [channels], in [0, 2**31); of two sides in (-2**31, 0).
    slopes: Int64
    #: [channels]; their lowest byte is the channel's shift, in [0, 24], which cores shift by as it is.
    offsets: Int64
    #: Of two sides what a byte is less than by (level - (level >> SIDES)) >> shift; None where there is one.
    below: int | None = None


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

    def above(self, base: Int64) -> _Sums:
        """Return the same of sums that are so much more; rise and level stay. base: [channels]."""
        return replace(self, low=self.low + base, high=self.high + base, steps=self.steps + base[:, None])


def sum_line(
    c: Channels,
    magnitudes: Int64,
    f: Finish,
    *,
    base: Int64 | None = None,
    left: int | None = None,
    shifts: tuple[int, ...] | None = None,
    twice: bool = False,
) -> SumLine | Refusal:
    """magnitudes: [channels] of the weights; twice: whether f is of a requantization that rounds twice.

    base: [channels], by how much the kernel's sums are more than those of inputs by weights, which are 0 and more then;
    left: of sums, which then fit 32 bits without a sign; shifts: of lines that are tried, None for the greatest.
    """
    sums = _sums(c, magnitudes, f, twice=twice)
    levels = np.abs(sums.level)
    if base is not None:
        sums = sums.above(base)
        ends = np.stack((0 * base, sums.low, sums.high))
        levels = np.abs((ends - base) * sums.rise + sums.level)
    most = int(max(-sums.low.min(), sums.high.max()))
    left = left or (LEFT if most < 1 << 15 else 31 - most.bit_length())
    why = Refusal("a channel rises too steeply")
    for shift in shifts or range(30, -1, -1):
        slopes = sums.rise * 2.0 ** (shift + 32 - left)
        if slopes.max() >= _SLOPES - max(REACH) or (levels.max() + 256) * 2.0**shift >= _OFFSETS:
            continue
        rounded = np.rint(slopes).astype(np.int64)
        found, offsets = _fit(rounded, sums, sums.bytes_[None] << shift, REACH, left=left, down=32)
        if (found >= 0).all():
            return SumLine(found, offsets, left, shift)
        why = Refusal(NO_LINE)
        if shifts is None:
            break
    return why


def short_line(
    c: Channels, magnitudes: Int64, f: Finish, base: Int64, *, twice: bool = False
) -> ShortLine | Refusal:
    """base: [channels], by how much the kernel's sums are more than those of inputs by weights."""
    sums = _sums(c, magnitudes, f, twice=twice).above(base)
    found = _one_side(sums, base)
    return _two_sides(sums, f) if isinstance(found, Refusal) and twice else found


def _one_side(sums: _Sums, base: Int64) -> ShortLine | Refusal:
    ends = (np.stack((sums.low, sums.high)) - base) * sums.rise + sums.level
    shifts = 30 - np.frexp(np.abs(ends).max(axis=0) + 1)[1].astype(np.int64)
    shifts = np.minimum(shifts, _SHIFT)
    if (shifts < 0).any():
        return Refusal("a channel rises too steeply")
    slopes = np.rint(sums.rise * 2.0**shifts).astype(np.int64)
    slopes, offsets = _fit(slopes, sums, sums.bytes_ << shifts[:, None], NEAR, lowest=shifts)
    if (slopes < 0).any():
        return Refusal(NO_LINE)
    if (np.abs(np.stack((sums.low, sums.high)) * slopes + offsets) >= _LEVELS).any():
        return Refusal("a line exceeds 32 bits")
    return ShortLine(slopes, offsets)


def _two_sides(sums: _Sums, f: Finish) -> ShortLine | Refusal:
    zero_point = f.zero >> 1
    found = np.full(len(sums.rise), -1)
    offsets = np.zeros_like(found)
    for more in _MORE:
        shifts = np.clip(f.shifts + 32 - SIDES + more, 0, _SHIFT)
        slopes = np.rint(sums.rise * 2.0**shifts / (1 - 2.0**-SIDES)).astype(np.int64)
        levels = _least_levels(zero_point - sums.bytes_ << shifts[:, None])
        # of sum * slope + ~offset, which is the complement of the level; RISC-V's may be one more
        tried, at = _fit(
            slopes, sums, levels, NEAR, lowest=255 - shifts, limit=_SIDED, least_slope=1, spare=1
        )
        new = (found < 0) & (tried >= 0)
        found, offsets = np.where(new, tried, found), np.where(new, ~at, offsets)
        if (found >= 0).all():
            return ShortLine(-found, offsets, zero_point - 1)
    return Refusal(NO_LINE)


def _least_levels(ends: Int64) -> Int64:
    """Return the least complements of levels for which level - (level >> SIDES) is below `ends`."""

    def first(end: Int64) -> Int64:  # the least level of a side that reaches it
        return end + (end - 1) // ((1 << SIDES) - 1)

    return -np.where(ends > 0, first(ends), np.minimum(first(ends + (1 << 32 - SIDES)), 0))


def _sums(c: Channels, magnitudes: Int64, f: Finish, *, twice: bool) -> _Sums:
    signs = np.sign(c.weights)
    ups, downs = (signs > 0).sum(axis=1), (signs < 0).sum(axis=1)
    low, high = -128 * ups - 127 * downs, 127 * ups + 128 * downs
    bytes_ = np.arange(f.act_min + 1, f.act_max + 1)
    arrays = (low, high, bytes_, c.start, magnitudes, f.multipliers, f.shifts)
    key = b"".join(array.tobytes() for array in arrays)
    steps = _steps(_Search((key, len(low), f.zero, twice), low, high, bytes_, c.start, magnitudes, f))
    scale = f.multipliers / 2.0 ** ((31 if twice else 32) + f.shifts)
    rise = np.where(ups + downs > 0, magnitudes * scale, 0)
    return _Sums(low, high, bytes_, steps, rise, c.start * scale + f.zero / 2)


@dataclass(frozen=True)
class _Search:
    """Where to look for steps; equal where all that they follow from is."""

    #: All of the others as bytes, the channels, twice the zero point plus 1, and whether it rounds twice.
    key: tuple[bytes, int, int, bool]
    low: Int64 = field(compare=False)
    high: Int64 = field(compare=False)
    bytes_: Int64 = field(compare=False)
    start: Int64 = field(compare=False)
    magnitudes: Int64 = field(compare=False)
    finish: Finish = field(compare=False)


@lru_cache(maxsize=8)
def _steps(s: _Search) -> Int64:
    """Return _Sums.steps; kept, as every kernel that a layer may take asks for the same."""
    start, magnitudes, twice = s.start[:, None], s.magnitudes[:, None], s.key[3]
    least = np.repeat(s.low[:, None], len(s.bytes_), axis=1)
    most = np.repeat(s.high[:, None] + 1, len(s.bytes_), axis=1)
    while (least < most).any():
        middle = (least + most) >> 1
        reached = (s.finish.bytes_of(start + magnitudes * middle, twice=twice) >= s.bytes_) & (least < most)
        most = np.where(reached, middle, most)
        least = np.where(reached | (least >= most), least, middle + 1)
    least.flags.writeable = False
    return least


def _fit(
    slopes: Int64,
    sums: _Sums,
    levels: Int64,
    reach: tuple[int, ...],
    *,
    left: int = 0,
    down: int = 0,
    lowest: Int64 | None = None,
    limit: int = _OFFSETS,
    least_slope: int = 0,
    spare: int = 0,
) -> tuple[Int64, Int64]:
    """Return slopes, -1 where none is found, and offsets of ((sum << left) * slope >> down) + offset.

    levels: [channels, bytes], the least value of the line that gives at least a byte; lowest: the lowest bytes of the
    offsets; limit: of offsets in magnitude, with `lowest` of the line; spare: how much more a value may be.
    """
    low, high = sums.low[:, None], sums.high[:, None]
    inside, above = sums.steps <= high, sums.steps > low
    at, before = np.minimum(sums.steps, high) << left, np.maximum(sums.steps - 1, low) << left
    found = np.full(len(slopes), -1)
    offsets = np.zeros_like(slopes)
    for distance in reach:
        tried = np.maximum(slopes + distance, least_slope)
        rises, was = at * tried[:, None] >> down, before * tried[:, None] >> down
        floor, ceiling = np.full_like(slopes, -limit), np.full_like(slopes, limit)
        if lowest is not None:
            floor -= (sums.low << left) * tried >> down
            ceiling -= (sums.high << left) * tried >> down
        least = np.maximum(np.where(inside, levels - rises, -_WIDE).max(axis=1, initial=-_WIDE), floor)
        most = np.where(above, levels - was - spare, _WIDE).min(axis=1, initial=_WIDE)
        most = np.minimum(most, ceiling) - 1
        offset = (least + most) // 2
        if lowest is not None:
            offset = (least + most + 256) // 2
            offset -= (offset - lowest) & 255
        fits = (least <= offset) & (offset <= most) & (found < 0)
        found = np.where(fits, tried, found)
        offsets = np.where(fits, offset, offsets)
        if (found >= 0).all():
            break
    return found, offsets
