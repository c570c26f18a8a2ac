"""Requantization in five instructions, exact: which channels can use it, and with which constants.

A byte is (round(acc * multiplier / 2**31) + offset - (acc < 0)) >> shift, saturated to int8. That is TFLite's
requantization, which rounds twice, for shift >= 1 and offset = zero << (shift - 1), zero = 2 * zero point + 1.
Rounding down twice is rounding down once, so ((... - (acc < 0)) >> (shift - 1)) + zero) >> 1 is the same byte.
What a channel's accumulator can reach follows from its weights, its bias and the 256 values of a byte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.kernels.packing.dots import Channels, too_wide
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal
from tinyc.numerics.requant import Requant

#: Accumulators stay below this in magnitude, so that 256 times one fits 32 bits.
LIMIT = 1 << 23

#: The multiplier of channels that are the same byte for every input.
_CONSTANT = 1 << 30


@dataclass(frozen=True, eq=False)
class Finish:
    """The requantization of one layer, which the cores without Helium do in five instructions."""

    #: [channels], in [2**30, 2**31).
    multipliers: Int64
    #: [channels], in [1, 23].
    shifts: Int64
    #: Twice the output's zero point, plus 1.
    zero: int
    #: Whether the "- (acc < 0)" matters anywhere.
    is_signed: bool
    #: What the bytes must be clamped to after the saturation, all of int8 where they need not.
    act_min: int
    act_max: int

    @property
    def clamp(self) -> tuple[tuple[str, int], ...]:
        """Fields of a C struct."""
        return (("act_min", self.act_min), ("act_max", self.act_max))

    def bytes_of(self, acc: Int64, *, twice: bool) -> Int64:
        """Return what comes before the clamp. acc: [channels, N]; twice: whether it rounds twice."""
        multipliers, shifts = self.multipliers[:, None], self.shifts[:, None]
        if twice:
            return (((acc * multipliers >> 30) + np.where(acc < 0, -1, 1) >> shifts) + self.zero) >> 1
        return (((acc * multipliers >> 32) >> shifts - 1) + self.zero) >> 1


def finish(
    c: Channels, requant: Requant, out: TensorType, act_min: int, act_max: int, limit: int = LIMIT
) -> tuple[Channels, Finish] | Refusal:
    """Constants for every channel, or why a channel cannot be done so.

    limit: accumulators stay below it in magnitude.
    A channel whose output is the same byte for every input keeps no weights, and a bias that gives this byte.
    """
    zero_point = out.q.zero_point
    if max(requant.shifts) > 0:
        return Refusal("a channel's scale is 1 or more")
    if max(-c.low.min(), c.high.max()) >= 1 << 31:
        return Refusal("an accumulator overflows")
    shifts = -np.array(requant.shifts, np.int64)
    ends = requant.apply(np.stack((c.low, c.high))) + zero_point
    kept = _live(c, ends, act_min, act_max, limit, 4, zero_point)
    if isinstance(kept, Refusal):
        return kept
    live, trimmed = kept
    if reason := too_wide(trimmed):
        return reason
    if (live & ((shifts < 1) | (shifts > 23))).any():
        return Refusal("a channel's shift is not in [1, 23]")
    is_signed = zero_point != -128 and bool((live & (trimmed.low < 0)).any())
    return trimmed, Finish(
        np.where(live, np.array(requant.multipliers, np.int64), _CONSTANT), np.where(live, shifts, 1),
        2 * zero_point + 1, is_signed, *_clamp(live, ends, act_min, act_max),
    )  # fmt: skip


def finish_once(
    c: Channels, once: Requant, out: TensorType, act_min: int, act_max: int, limit: int = LIMIT
) -> tuple[Channels, Finish] | Refusal:
    """The same for a single rounding: floor((acc * multiplier + 2**(shift - 1)) / 2**shift), shift in [1, 62].

    The constants returned are those of (floor(acc * multiplier / 2**32) + offset) >> shift.
    """
    zero_point = out.q.zero_point
    multipliers, shifts = (np.array(x, np.int64) for x in (once.multipliers, once.shifts))
    if max(-c.low.min(), c.high.max()) >= 1 << 31:
        return Refusal("an accumulator overflows")
    ends = ((np.stack((c.low, c.high)) * multipliers + (1 << (shifts - 1))) >> shifts) + zero_point
    kept = _live(c, ends, act_min, act_max, limit, 8, zero_point)
    if isinstance(kept, Refusal):
        return kept
    live, trimmed = kept
    if reason := too_wide(trimmed):
        return reason
    if (live & ((shifts < 33) | (shifts > 55))).any():
        return Refusal("a channel's shift is not in [33, 55]")
    return trimmed, Finish(
        np.where(live, multipliers, _CONSTANT), np.where(live, shifts - 32, 1),
        2 * zero_point + 1, False, *_clamp(live, ends, act_min, act_max),
    )  # fmt: skip


def _clamp(live: npt.NDArray[np.bool_], ends: Int64, act_min: int, act_max: int) -> tuple[int, int]:
    """The clamp as far as a channel reaches beyond it."""
    below, above = (live & (ends[0] < act_min)).any(), (live & (ends[1] > act_max)).any()
    return (act_min if below else -128), (act_max if above else 127)


def _live(
    c: Channels, ends: Int64, act_min: int, act_max: int, limit: int, step: int, zero_point: int
) -> tuple[npt.NDArray[np.bool_], Channels] | Refusal:
    """Which channels vary, and the channels without what makes no difference.

    ends: [2, channels], the output at the least and greatest accumulator, not clamped;
    step: how much of an accumulator makes a byte where the multiplier is _CONSTANT and the shift 1.
    """
    byte, last = np.clip(ends, act_min, act_max)
    live = byte != last
    if (live & (np.maximum(-c.low, c.high) >= limit)).any():
        return Refusal(f"an accumulator exceeds {limit.bit_length() - 1} bits")
    start = np.where(live, c.start, step * (byte - zero_point))
    trimmed = Channels(
        np.where(live[:, None], c.weights, 0),
        start,
        np.where(live, c.low, start),
        np.where(live, c.high, start),
    )
    return live, trimmed
