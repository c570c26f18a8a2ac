"""Packing of ternary weights: every weight comes back, and takes at most 1.65 bits."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tinyc.kernels.packing.trits import (
    FEW,
    FIVE,
    FRACTION,
    MOST_BITS,
    Trits,
    kernel_rows,
    sum_codes,
    trit_pairs,
    trit_words,
    trits,
)
from tinyc.kernels.variant import Refusal


def unpacked(packed: Trits, depth: int) -> np.ndarray:
    """[channels, depth], by long division."""

    def digits(codes: np.ndarray) -> np.ndarray:
        found = codes[..., None].astype(np.int64) // 3 ** np.arange(FIVE) % 3
        return np.where(found == 2, -1, found).reshape(*codes.shape[:-1], -1)

    in_codes = digits(packed.codes)[:, : depth - packed.rest]
    return np.concatenate((in_codes, rests(packed)), axis=1) * packed.magnitudes[:, None]


def rests(packed: Trits) -> np.ndarray:
    """[channels, rest], by multiples of fractions."""
    channels, data, parts = len(packed.magnitudes), list(packed.rests), []
    for taps in {0: (), 4: (2, 2)}.get(packed.rest, (packed.rest,)):
        found: list[list[int]] = []
        for first in range(0, channels, FIVE):
            here = min(channels - first, FIVE)
            size = -(-here * taps // FIVE)
            fraction = Fraction(int.from_bytes(bytes(data[:size]), "big"), 256**size)
            del data[:size]
            for _ in range(here):
                code, fraction = divmod(fraction * 3**taps, 1)
                found.append([(0, 1, -1)[code // 3**place % 3] for place in range(taps)])
        parts.append(np.array(found))
    assert not data
    return np.concatenate((np.empty((channels, 0), np.int64), *parts), axis=1)


@pytest.mark.parametrize("channels", [20, 31, 33])
@pytest.mark.parametrize("depth", [5, 6, 8, 9, 16, 19, 24, 27, 48, 64, 121, 128, 144, 576, 1000])
def test_weights_come_back(depth: int, channels: int) -> None:
    rng = np.random.default_rng(depth)
    weights = rng.integers(-1, 2, (channels, depth)) * rng.integers(1, 128, (channels, 1))
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


@pytest.mark.parametrize("words", [1, 2, 3, 4, 5, 6, 9, 45, 144])
def test_words_of_four_weights_come_back(words: int) -> None:
    """By the multiplications of runtime/include/tinyc/dsp/unpack.h."""
    fours = np.random.default_rng(words).integers(-1, 2, (words, 4))
    fours[: words // 2] = -1  # the largest digit
    packed, first = trit_words(fours)
    data, at, found = packed.tobytes(), 0, []
    for count in (first, *(FIVE,) * ((words - first) // FIVE)):
        # what lies behind a short fraction is its noise
        fraction = int.from_bytes(data[at : at + 4], "big")
        at += min(count, 4)
        for _ in range(count):
            fraction *= 81
            found.append(fraction >> 32)
            fraction &= 0xFFFFFFFF
    digits = np.array(found)[:, None] // 3 ** np.arange(4) % 3
    assert np.array_equal(np.where(digits == 2, -1, digits), fours)
    assert len(packed) <= max(4, words * 4 * MOST_BITS / 8 + 1)


@pytest.mark.parametrize(("taps", "others"), [(0, 3), (5, 0), (10, 7), (25, 36)])
def test_pairs_of_weights_come_back(taps: int, others: int) -> None:
    """By the multiplications of runtime/include/tinyc/scalar/masks.h."""
    rng = np.random.default_rng(taps)
    fours, rest = rng.integers(-1, 2, (taps, 4)), rng.integers(-1, 2, others)
    fours[: taps // 2] = -1
    packed = trit_pairs(fours, rest)
    digits = []
    fractions = packed.halfwords.reshape(-1, 2).astype(np.int64)
    for left in fractions:
        for _ in range(FIVE):
            digits += [9 * left >> 16]
            left[:] = 9 * left & 0xFFFF
    pairs = np.array(digits, np.int64).reshape(-1, 2, 1) // (1, 3) % 3
    assert np.array_equal(np.where(pairs == 2, -1, pairs).reshape(-1, 4), fours)
    trits_left = packed.rests[:, None].astype(np.int64) // 3 ** np.arange(FIVE) % 3
    assert np.array_equal(np.where(trits_left == 2, -1, trits_left).reshape(-1)[:others], rest)


@pytest.mark.parametrize("taps", [1, 3, 5])
@pytest.mark.parametrize("rows", [1, 2, *range(30, 40), 45, 108, 192, 333])
def test_rows_of_a_kernel_come_back(rows: int, taps: int) -> None:
    """By the multiplications of runtime/include/tinyc/scalar/eights.h."""
    signs = np.random.default_rng(rows).integers(-1, 2, (rows, taps))
    signs[: rows // 2] = -1  # the largest digit
    packed = kernel_rows(signs, 3)
    if isinstance(packed, Refusal):
        assert rows * taps >= FEW
        pytest.skip(packed.reason)
    data, found = packed.data.tobytes(), []
    sizes = [(packed.first_bytes, packed.first_rows)] + [(FRACTION, packed.rows)] * (rows // packed.rows)
    at = 0
    for size, count in sizes:
        fraction = int.from_bytes(data[at : at + size].ljust(FRACTION, b"\0"), "big")
        at += size
        for width in [min(3, taps - first) for first in range(0, taps, 3)] * count:
            fraction *= 3**width
            code, fraction = divmod(fraction, 1 << 8 * FRACTION)
            found += [code // 3**place % 3 for place in range(width)]
    assert at == len(data)
    digits = np.array(found).reshape(rows, taps)
    assert np.array_equal(np.where(digits == 2, -1, digits), signs)
    assert signs.size < FEW or 8 * len(data) <= MOST_BITS * signs.size


def test_rows_that_fill_no_fraction_are_refused() -> None:
    signs = np.ones((40, 7), int)
    assert isinstance(kernel_rows(signs, 3), Refusal)
    assert isinstance(kernel_rows(signs[:, :4], 3), Refusal)
