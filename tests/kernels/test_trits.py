"""Packing of ternary weights: every weight comes back, and takes at most 1.65 bits."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.kernels.packing.trits import FIVE, MOST_BITS, Trits, sum_codes, trits
from tinyc.kernels.variant import Refusal


def unpacked(packed: Trits, depth: int) -> np.ndarray:
    """[channels, depth], by long division."""

    def digits(codes: np.ndarray) -> np.ndarray:
        found = codes[..., None].astype(np.int64) // 3 ** np.arange(FIVE) % 3
        return np.where(found == 2, -1, found).reshape(*codes.shape[:-1], -1)

    channels = len(packed.magnitudes)
    rests = digits(packed.rests)[: channels * packed.rest].reshape(channels, packed.rest)
    in_codes = digits(packed.codes)[:, : depth - packed.rest]
    return np.concatenate((in_codes, rests), axis=1) * packed.magnitudes[:, None]


@pytest.mark.parametrize("depth", [5, 6, 8, 16, 24, 27, 48, 64, 121, 128, 144, 576, 1000])
def test_weights_come_back(depth: int) -> None:
    rng = np.random.default_rng(depth)
    weights = rng.integers(-1, 2, (20, depth)) * rng.integers(1, 128, (20, 1))
    packed = trits(weights)
    assert isinstance(packed, Trits)
    assert np.array_equal(unpacked(packed, depth), weights)
    bits = 8 * (packed.codes.size + packed.rests.size) / weights.size
    assert bits <= MOST_BITS


def test_other_weights_are_refused() -> None:
    assert isinstance(trits(np.array([[1, -1, 2, 0, 0]])), Refusal)
    assert isinstance(trits(np.array([[3, -3, 0, 0, 3], [0, 1, 0, 0, 0]])), Trits)


def test_channels_of_few_weights_are_no_finding() -> None:
    """A single weight has one magnitude, always: the first layer of a network of one input is not ternary by that."""
    assert isinstance(trits(np.array([[7], [-3], [90]])), Refusal)
    assert isinstance(trits(np.array([[7, 7, -7, 0]])), Refusal)


def test_codes_number_the_halfwords_of_a_table_of_sums() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.integers(-128, 128, FIVE)
    rows = [0]
    for x in inputs:
        rows += [x, *(row + sign * x for row in rows[1:] for sign in (1, -1))]
    table = [sign * row for row in rows for sign in (1, -1)]
    digits = rng.integers(0, 3, (243, FIVE))
    packed = np.asarray(digits @ 3 ** np.arange(FIVE), np.uint8)
    sums = np.where(digits == 2, -1, digits) @ inputs
    assert [table[code] for code in sum_codes(packed)] == sums.tolist()
