"""Ternary weights of two inputs and two outputs together: runtime/include/tinyc/dsp/fours.h and fours_blocks.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.kernels.packing.trits import FIVE
from tinyc.kernels.packing.words import Int64

#: TC_FOURS_DSP: values of a four.
VALUES = 81
#: Of a four: of the inputs k and k + 2 of the first channel, then of the second.
_PLACES = np.array([[1, 3], [9, 27]])


@dataclass(frozen=True)
class Split:
    """What becomes of the taps of a pair of channels."""

    #: Whole words, fours that make none, and taps that make no four.
    words: int
    fours: int
    lone: int


def split(depth: int) -> Split:
    """depth: taps of a channel."""
    fours = depth // 4 * 2 + depth % 4 // 3
    return Split(fours // FIVE, fours % FIVE, depth - 2 * fours)


def stream(signs: Int64, group: int) -> npt.NDArray[np.uint32]:
    """signs: [channels, depth], an even number of channels; group: pairs whose rests lie together."""
    outputs, depth = signs.shape
    to = split(depth)
    digits = np.pad(signs + 1, ((0, 0), (0, -depth % 4)), constant_values=1)
    # [pairs, inputs / 4, (k, k + 1), channels of a pair, (k, k + 2)]
    placed = digits.reshape(outputs // 2, 2, -1, 2, 2).transpose(0, 2, 4, 1, 3)
    placed = placed.reshape(outputs // 2, -1, 2, 2)
    numbers = (placed * _PLACES).sum(axis=(2, 3))
    whole, every = FIVE * to.words, FIVE * to.words + to.fours
    parts = [as_words(numbers[:, :whole].reshape(-1, FIVE))]
    for first in range(0, outputs // 2, group):
        these = slice(first, first + group)
        lone = placed[these, every : every + to.lone, :, 0].reshape(-1, 2)
        lone = np.pad(lone, ((0, len(lone) % 2), (0, 0)), constant_values=1)
        twos = (lone.reshape(-1, 2, 2).transpose(0, 2, 1) * _PLACES).sum(axis=(1, 2))
        parts.append(_filled_up(np.concatenate((numbers[these, whole:every].reshape(-1), twos))))
    return np.concatenate(parts)


def as_words(fives: Int64) -> npt.NDArray[np.uint32]:
    """[..., 5] numbers of fours as fractions of 2**32, the first the most significant."""
    codes = (fives @ VALUES ** np.arange(FIVE - 1, -1, -1)).astype(np.uint64) << np.uint64(32)
    whole = np.uint64(VALUES**FIVE)
    return np.asarray((codes + whole - np.uint64(1)) // whole, np.uint32)


def _filled_up(numbers: Int64) -> npt.NDArray[np.uint32]:
    """[n] numbers of fours as words, the last filled up."""
    return as_words(np.pad(numbers, (0, -len(numbers) % FIVE), constant_values=VALUES // 2).reshape(-1, FIVE))
