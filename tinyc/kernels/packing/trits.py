"""Ternary weights, five to a byte: runtime/include/tinyc/ternary.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal

#: Of a code: the weights in a byte.
FIVE = 5
#: Bits of flash per weight, above which what makes no whole code is packed by itself.
MOST_BITS = 1.65


@dataclass(frozen=True, eq=False)
class Trits:
    """The weights of a layer as -1, 0 and 1 times a number per output channel."""

    #: [channels], 1 or more.
    magnitudes: Int64
    #: [channels, codes]
    codes: npt.NDArray[np.uint8]
    #: Taps of a channel that are in no code, and those of all channels.
    rest: int
    rests: npt.NDArray[np.uint8]

    @property
    def magnitude(self) -> int:
        """Return the magnitude of all channels, 0 where they differ."""
        return int(self.magnitudes[0]) if (self.magnitudes == self.magnitudes[0]).all() else 0


def trits(weights: Int64) -> Trits | Refusal:
    """weights: [channels, depth] integers."""
    magnitudes = np.maximum(np.abs(weights).max(axis=1), 1)
    signs = np.sign(weights)
    if not np.array_equal(signs * magnitudes[:, None], weights):
        return Refusal("weights are not ternary")
    depth = weights.shape[1]
    if depth < FIVE:
        # one magnitude a channel is no finding then
        return Refusal(f"{depth} weights in a channel, less than a code has")
    digits = signs % 3
    whole = -(-depth // FIVE)
    rest = depth % FIVE if whole > 1 and 8 * whole > MOST_BITS * depth else 0
    in_codes = digits[:, : depth - rest]
    padded = np.pad(in_codes, ((0, 0), (0, -in_codes.shape[1] % FIVE)))
    others = digits[:, depth - rest :].reshape(-1)
    return Trits(magnitudes, _packed(padded), rest, _packed(np.pad(others, (0, -len(others) % FIVE))))


def _packed(digits: Int64) -> npt.NDArray[np.uint8]:
    """Return digits of 0 to 2, fives of them along the last axis, as bytes."""
    fives = digits.reshape(*digits.shape[:-1], digits.shape[-1] // FIVE, FIVE)
    return np.asarray((fives * 3 ** np.arange(FIVE)).sum(axis=-1), np.uint8)


def sum_codes(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return codes of five weights as numbers of halfwords of a table of runtime/include/tinyc/scalar/sums.h."""
    rows = [(0,) * FIVE]
    for place in range(FIVE):
        one = np.eye(FIVE, dtype=int)[place]
        grown = [
            tuple(row + sign * one) for row in np.array(rows[1:], int).reshape(-1, FIVE) for sign in (1, -1)
        ]
        rows += [tuple(one), *grown]
    halves = np.array(rows)
    numbers = np.zeros(3**FIVE, np.uint8)
    for sign, place in ((1, 0), (-1, 1)):
        numbers[(sign * halves % 3) @ 3 ** np.arange(FIVE)] = 2 * np.arange(len(halves)) + place
    numbers[0] = 0
    return numbers[codes]


def balanced(signs: Int64) -> npt.NDArray[np.int8]:
    """Return -1, 0 and 1, fives of them along the last axis, as one byte each: d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4."""
    return np.asarray(signs @ 3 ** np.arange(FIVE), np.int8)
