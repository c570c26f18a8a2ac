"""Requantization in five instructions, exact: which channels can use it, and with which constants.

A byte is (round(acc * multiplier / 2**31) + offset - (acc < 0)) >> shift, saturated to int8. That is TFLite's
requantization, which rounds twice, for shift >= 1 and offset = (zero point << shift) + (1 << (shift - 1)).
What a channel's accumulator can reach follows from its weights, its bias and the 256 values of a byte.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.ops.requant import Requant

Int64 = npt.NDArray[np.int64]

#: Accumulators stay below this in magnitude, so that 256 times one fits 32 bits.
LIMIT = 1 << 23


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
    """Per channel multiplier, offset and shift; is_signed: whether the "- (acc < 0)" matters anywhere."""

    multipliers: Int64
    offsets: Int64
    shifts: Int64
    is_signed: bool


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
    A channel whose output is the same byte for every input keeps neither weights nor bias.
    """
    assert out.quant is not None
    zero_point = out.quant.zero_point
    multipliers, shifts = (np.array(x, np.int64) for x in (requant.multipliers, requant.shifts))
    if shifts.max() > 0:
        return "a channel's scale is 1 or more"
    if max(-c.low.min(), c.high.max()) >= 1 << 31:
        return "an accumulator overflows"
    lowest = requant.apply(c.low[None])[0] + zero_point
    highest = requant.apply(c.high[None])[0] + zero_point
    constant = np.clip(lowest, act_min, act_max) == np.clip(highest, act_min, act_max)
    live = ~constant
    byte = np.clip(lowest, act_min, act_max)
    if (live & (((act_min > -128) & (lowest < act_min)) | ((act_max < 127) & (highest > act_max)))).any():
        return f"the activation clamps to [{act_min}, {act_max}]"
    if (live & (np.maximum(-c.low, c.high) >= LIMIT)).any():
        return "an accumulator exceeds 23 bits"
    if (live & ((shifts > -1) | (shifts < -23))).any():
        return "a channel's shift is not in [1, 23]"
    shift = np.where(live, -shifts, 1)
    offsets = np.where(live, (zero_point << shift) + (1 << (shift - 1)), 2 * byte + 1)
    trimmed = Channels(
        np.where(live[:, None], c.weights, 0),
        np.where(live, c.start, 0),
        np.where(live, c.low, 0),
        np.where(live, c.high, 0),
    )
    is_signed = zero_point != -128 and bool((trimmed.low < 0).any())
    return trimmed, Finish(np.where(live, multipliers, 0), offsets, shift, is_signed)
