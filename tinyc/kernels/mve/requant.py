"""Requantization in six vector instructions, exact: which channels can use it, and with which constants.

A byte is (v + offset - (v < 0)) >> shift, saturated to int8 and then clamped, v = round(acc * multiplier / 2**31).
That is TFLite's requantization, which rounds twice, for shift >= 1 and
offset = (zero point << shift) + (1 << (shift - 1)). Where it rounds once, v is rounded down and nothing is subtracted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import TensorType
from tinyc.kernels.packing.dots import Channels, too_wide
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal
from tinyc.numerics.requant import Requant

_LIMIT = 1 << 31


@dataclass(frozen=True, eq=False)
class VectorFinish:
    """The requantization of one layer, which Helium does in six vector instructions."""

    #: [channels] each.
    multipliers: Int64
    offsets: Int64
    shifts: Int64
    #: Whether the "- (v < 0)" matters anywhere.
    is_signed: bool
    #: (act_min, act_max) where the output is less than int8.
    clamp: tuple[int, int] | None


def finish(
    c: Channels, requant: Requant, out: TensorType, act_min: int, act_max: int, *, once: bool = False
) -> tuple[Channels, VectorFinish] | Refusal:
    """Constants for every channel, or why a channel cannot be done so. requant: shifts are <= 0 where it can.

    A channel whose output is the same byte for every input keeps neither weights nor bias.
    """
    zero_point = out.q.zero_point
    multipliers, shifts = (np.array(x, np.int64) for x in (requant.multipliers, requant.shifts))
    if max(-c.low.min(), c.high.max()) >= _LIMIT:
        return Refusal("an accumulator overflows")
    lowest, highest = (
        np.clip(_bytes(c, acc, requant, once=once) + zero_point, act_min, act_max) for acc in (c.low, c.high)
    )
    live = lowest != highest
    if (live & ((shifts > -1) | (shifts < -23))).any():
        return Refusal("a channel's shift is not in [1, 23]")
    shift = np.where(live, -shifts, 1)
    offsets = np.where(live, (zero_point << shift) + (1 << (shift - 1)), 2 * lowest + 1)
    trimmed = Channels(
        np.where(live[:, None], c.weights, 0),
        np.where(live, c.start, 0),
        np.where(live, c.low, 0),
        np.where(live, c.high, 0),
    )
    if reason := too_wide(trimmed):
        return reason
    if (np.maximum(-trimmed.low, trimmed.high) + np.abs(offsets) + 1 >= _LIMIT).any():
        return Refusal("an accumulator and its offset overflow")
    is_signed = not once and max(zero_point, act_min) > -128 and bool((trimmed.low < 0).any())
    is_signed = is_signed and not (act_min >= zero_point)
    clamp = None if (act_min, act_max) == (-128, 127) else (act_min, act_max)
    return trimmed, VectorFinish(np.where(live, multipliers, 0), offsets, shift, is_signed, clamp)


def _bytes(c: Channels, acc: Int64, requant: Requant, *, once: bool) -> Int64:
    """Output bytes of one accumulator per channel, without zero point or clamp."""
    if not once:
        twice: Int64 = requant.apply(acc[None])[0]
        return twice
    shift = 31 - np.array(requant.shifts, np.int64)
    rounded: Int64 = (acc * np.array(requant.multipliers, np.int64) + (1 << (shift - 1))) >> shift
    return rounded
