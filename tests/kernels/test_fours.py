"""Packing of ternary weights for two inputs and two outputs at a time: every weight comes back."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.kernels.packing.fours import VALUES, split, stream
from tinyc.kernels.packing.trits import MOST_BITS


def fours_of(words: list[int]) -> list[tuple[int, ...]]:
    """Return the digits of each four, less 1: of inputs 0 and 1 of the first channel, then of the second."""
    found = []
    for word in words:
        fraction = word
        for _ in range(5):
            number, fraction = divmod(fraction * VALUES, 1 << 32)
            found.append(tuple(number // 3**place % 3 - 1 for place in range(4)))
    return found


def unpacked(words: list[int], channels: int, depth: int, group: int) -> np.ndarray:
    """[channels, depth], in the order in which runtime/include/tinyc/dsp/fours_blocks.h takes them."""
    to, pairs = split(depth), channels // 2
    signs = np.zeros((channels, depth + 3), np.int64)
    taps = [(4 * q + odd, 4 * q + odd + 2) for q in range(depth // 4 + 1) for odd in (0, 1)]
    fours = iter(fours_of(words[: pairs * to.words]))
    for pair in range(pairs):
        for k in range(5 * to.words):
            a0, a1, b0, b1 = next(fours)
            signs[2 * pair, taps[k]], signs[2 * pair + 1, taps[k]] = (a0, a1), (b0, b1)
    words = words[pairs * to.words :]
    for first in range(0, pairs, group):
        these = range(first, min(first + group, pairs))
        count = -(-(len(these) * to.fours + (len(these) * to.lone + 1) // 2) // 5)
        fours, words = iter(fours_of(words[:count])), words[count:]
        for pair in these:
            for k in range(5 * to.words, 5 * to.words + to.fours):
                a0, a1, b0, b1 = next(fours)
                signs[2 * pair, taps[k]], signs[2 * pair + 1, taps[k]] = (a0, a1), (b0, b1)
        lone = [half for a0, a1, b0, b1 in fours for half in ((a0, b0), (a1, b1))]
        for at, pair in enumerate(these):
            for k in range(to.lone):
                tap = taps[5 * to.words + to.fours + k][0]
                signs[2 * pair, tap], signs[2 * pair + 1, tap] = lone[at * to.lone + k]
    assert not words
    return signs[:, :depth]


@pytest.mark.parametrize(
    "depth", [5, 6, 7, 8, 9, 10, 11, 12, 16, 18, 20, 25, 27, 32, 49, 64, 144, 150, 575, 576]
)
@pytest.mark.parametrize(("channels", "group"), [(2, 1), (16, 8), (46, 10), (60, 10)])
def test_weights_come_back(depth: int, channels: int, group: int) -> None:
    signs = np.random.default_rng(depth).integers(-1, 2, (channels, depth))
    words = stream(signs, group)
    assert np.array_equal(unpacked(words.tolist(), channels, depth, group), signs)
    assert 8 * words.nbytes <= MOST_BITS * signs.size + 64
