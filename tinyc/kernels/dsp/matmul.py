"""Packing for the blocks of runtime/include/tinyc/dsp/matmul.h."""

from __future__ import annotations

import numpy as np

from tinyc.kernels.base import Constant
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.words import Int64, halfword_words, word_constant

#: Bytes of scratch that a kernel takes for its columns, where the depth allows it.
SCRATCH = 1024


def round_up(n: int, to: int) -> int:
    return -(-n // to) * to


def pairs(count: int) -> Int64:
    """[n, 2] channels that are computed together; an odd number is made even by computing channel 1 twice."""
    if count % 2 == 0:
        return np.arange(count).reshape(-1, 2)
    return np.concatenate(([[0, 1]], np.arange(1, count).reshape(-1, 2)))


def halfwords(c: Channels, which: Int64) -> Int64:
    """[n, depth] a + 256 * b of pairs of channels, the depth filled up with zeros to a multiple of 4."""
    a, b = c.weights[which[:, 0]], c.weights[which[:, 1]]
    return np.pad(a + 256 * b, ((0, 0), (0, -a.shape[1] % 4)))


def starts(c: Channels, which: Int64) -> Int64:
    a, b = c.start[which[:, 0]], c.start[which[:, 1]]
    return np.stack((a, a + 256 * b), axis=1)


def finishes(f: Finish, which: Int64) -> Int64:
    a, b = which[:, 0], which[:, 1]
    last = halfword_words((f.shifts[a] - 1) | ((f.shifts[b] - 1) << 8), np.full(len(which), f.zero))
    return np.stack((f.multipliers[a], f.multipliers[b], last), axis=1)


def stream(c: Channels, f: Finish) -> Constant:
    """`weights`: starts, weights and finishes of each pair in turn."""
    which = pairs(c.weights.shape[0])
    h = halfwords(c, which).reshape(len(which), -1, 4)
    body = np.stack((halfword_words(h[:, :, 0], h[:, :, 2]), halfword_words(h[:, :, 1], h[:, :, 3])), axis=2)
    parts = (starts(c, which), body.reshape(len(which), -1), finishes(f, which))
    return word_constant("weights", np.concatenate(parts, axis=1))


def shift_word(shifts: Int64) -> Int64:
    """[n, 4] shifts, less 1, as the bytes of n words."""
    s = shifts - 1
    return s[:, :1] | (s[:, 1:2] << 8) | (s[:, 2:3] << 16) | (s[:, 3:] << 24)
