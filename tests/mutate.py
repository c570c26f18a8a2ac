"""Damaged copies of a file, the same ones for the same seed: flipped bits, cut ends, and bytes moved or overwritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mutation:
    """name: what was done, for messages; data: the damaged bytes."""

    name: str
    data: bytes


def flips(data: bytes, count: int, seed: int) -> Iterator[Mutation]:
    """`count` copies, each with 1 to 4 bits flipped.

    Half of the flips fall into the first or last 4096 bytes, where a flatbuffer's tables tend to be, between them the
    weights.
    """
    rng = np.random.default_rng(seed)
    for index in range(count):
        damaged = bytearray(data)
        places = []
        for _ in range(int(rng.integers(1, 5)) if rng.random() < 0.3 else 1):
            at, bit = _place(rng, len(data)), int(rng.integers(8))
            damaged[at] ^= 1 << bit
            places.append(f"{at}.{bit}")
        yield Mutation(f"flip {index} at {' '.join(places)}", bytes(damaged))


def cuts(data: bytes, count: int, seed: int) -> Iterator[Mutation]:
    """`count` shortened copies: the empty file, the first few bytes, and random lengths."""
    rng = np.random.default_rng(seed)
    lengths = [0, 1, 4, 8, len(data) - 1, *(int(rng.integers(len(data))) for _ in range(count))]
    for length in lengths[:count]:
        yield Mutation(f"cut to {length}", data[:length])


def overwrites(data: bytes, count: int, seed: int) -> Iterator[Mutation]:
    """`count` copies with one aligned 32-bit word replaced by a number that sizes and offsets trip over."""
    rng = np.random.default_rng(seed)
    words = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x10000, len(data), 0x7FC00000, 0x7F800000)
    for index in range(count):
        at = _place(rng, len(data)) & ~3
        word = words[int(rng.integers(len(words)))]
        damaged = data[:at] + (word & 0xFFFFFFFF).to_bytes(4, "little") + data[at + 4 :]
        yield Mutation(f"word {index} at {at} = {word:#x}", damaged[: len(data)])


def _place(rng: np.random.Generator, size: int) -> int:
    if rng.random() < 0.5:
        at = int(rng.integers(min(size, 4096)))
        return at if rng.random() < 0.5 else size - 1 - at
    return int(rng.integers(size))
