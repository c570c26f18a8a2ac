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
from tinyc.numerics.requant import Requant

Int64 = npt.NDArray[np.int64]

#: Accumulators stay below this in magnitude, so that 256 times one fits 32 bits.
LIMIT = 1 << 23

#: The multiplier of channels that are the same byte for every input.
_CONSTANT = 1 << 30


@dataclass(frozen=True, eq=False)
class Channels:
    """The dot products of one layer, a row per output channel, input zero point folded in.

    weights: [channels, depth]; start: [channels], what the sum of byte * weight starts from;
    low, high: [channels], the least and the greatest accumulator that any input gives.
    """

    weights: Int64
    start: Int64
    low: Int64
    high: Int64


@dataclass(frozen=True, eq=False)
class Finish:
    """Per channel multiplier, in [2**30, 2**31), and shift, in [1, 23]; zero: twice the output's zero point, plus 1;

    is_signed: whether the "- (acc < 0)" matters anywhere; act_min, act_max: what the bytes must be clamped to after
    the saturation, all of int8 where they need not.
    """

    multipliers: Int64
    shifts: Int64
    zero: int
    is_signed: bool
    act_min: int
    act_max: int

    @property
    def clamp(self) -> tuple[tuple[str, int], ...]:
        """Fields of a C struct."""
        return (("act_min", self.act_min), ("act_max", self.act_max))


def channels(
    weights: npt.NDArray[np.generic], bias: npt.NDArray[np.generic] | None, zero_point: int
) -> Channels:
    """weights: [channels, ...] int8; zero_point: of the input."""
    w = weights.reshape(weights.shape[0], -1).astype(np.int64)
    b = np.zeros(w.shape[0], np.int64) if bias is None else bias.reshape(-1).astype(np.int64)
    at_least, at_most = w * (-128 - zero_point), w * (127 - zero_point)
    return Channels(
        w,
        b - zero_point * w.sum(axis=1),
        b + np.minimum(at_least, at_most).sum(axis=1),
        b + np.maximum(at_least, at_most).sum(axis=1),
    )


def finish(
    c: Channels, requant: Requant, out: TensorType, act_min: int, act_max: int, limit: int = LIMIT
) -> tuple[Channels, Finish] | str:
    """Constants for every channel, or why a channel cannot be done so.

    limit: accumulators stay below it in magnitude.
    A channel whose output is the same byte for every input keeps no weights, and a bias that gives this byte.
    """
    assert out.quant is not None
    zero_point = out.quant.zero_point
    if max(requant.shifts) > 0:
        return "a channel's scale is 1 or more"
    if max(-c.low.min(), c.high.max()) >= 1 << 31:
        return "an accumulator overflows"
    shifts = -np.array(requant.shifts, np.int64)
    ends = requant.apply(np.stack((c.low, c.high))) + zero_point
    kept = _live(c, ends, act_min, act_max, limit, 4, zero_point)
    if isinstance(kept, str):
        return kept
    live, trimmed = kept
    if (live & ((shifts < 1) | (shifts > 23))).any():
        return "a channel's shift is not in [1, 23]"
    is_signed = zero_point != -128 and bool((live & (trimmed.low < 0)).any())
    return trimmed, Finish(
        np.where(live, np.array(requant.multipliers, np.int64), _CONSTANT), np.where(live, shifts, 1),
        2 * zero_point + 1, is_signed, *_clamp(live, ends, act_min, act_max),
    )  # fmt: skip


def finish_once(
    c: Channels, once: Requant, out: TensorType, act_min: int, act_max: int, limit: int = LIMIT
) -> tuple[Channels, Finish] | str:
    """The same for a single rounding: floor((acc * multiplier + 2**(shift - 1)) / 2**shift), shift in [1, 62].

    The constants returned are those of (floor(acc * multiplier / 2**32) + offset) >> shift.
    """
    assert out.quant is not None
    zero_point = out.quant.zero_point
    multipliers, shifts = (np.array(x, np.int64) for x in (once.multipliers, once.shifts))
    if max(-c.low.min(), c.high.max()) >= 1 << 31:
        return "an accumulator overflows"
    ends = ((np.stack((c.low, c.high)) * multipliers + (1 << (shifts - 1))) >> shifts) + zero_point
    kept = _live(c, ends, act_min, act_max, limit, 8, zero_point)
    if isinstance(kept, str):
        return kept
    live, trimmed = kept
    if (live & ((shifts < 33) | (shifts > 55))).any():
        return "a channel's shift is not in [33, 55]"
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
) -> tuple[npt.NDArray[np.bool_], Channels] | str:
    """Which channels vary, and the channels without what makes no difference.

    ends: [2, channels], the output at the least and greatest accumulator, not clamped;
    step: how much of an accumulator makes a byte where the multiplier is _CONSTANT and the shift 1.
    """
    byte, last = np.clip(ends, act_min, act_max)
    live = byte != last
    if (live & (np.maximum(-c.low, c.high) >= limit)).any():
        return f"an accumulator exceeds {limit.bit_length() - 1} bits"
    start = np.where(live, c.start, step * (byte - zero_point))
    trimmed = Channels(
        np.where(live[:, None], c.weights, 0),
        start,
        np.where(live, c.low, start),
        np.where(live, c.high, start),
    )
    return live, trimmed
