"""Packing for the blocks of runtime/include/tinyc/scalar/matmul.h."""

from __future__ import annotations

import numpy as np

from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.words import Int64, byte_words

#: Accumulators stay below this in magnitude: four times one fits 32 bits.
LIMIT = 1 << 29


def product_fields(c: Channels, f: Finish, pitch: int) -> dict[str, int]:
    """Fields of tc_matmul_scalar. pitch: bytes from pixel to pixel of the output."""
    return {
        "depth": c.weights.shape[1],
        "out_c": c.weights.shape[0],
        "pitch": pitch,
        "zero": f.zero,
        "act_min": f.act_min,
        "act_max": f.act_max,
    }


def stream(c: Channels, shifts: Int64, f: Finish) -> Int64:
    """Fours of channels, then what is left over one by one. shifts: as the kernel wants them."""
    count = len(c.start)
    whole = count & ~3
    parts = [fours(c, shifts, f, np.arange(whole).reshape(-1, 4)).reshape(-1)]
    padded = np.pad(c.weights, ((0, 0), (0, -c.weights.shape[1] % 4)))
    for i in range(whole, count):
        parts += [c.start[i : i + 1], byte_words(padded[i]), f.multipliers[i : i + 1], shifts[i : i + 1]]
    return np.concatenate(parts)


def fours(c: Channels, shifts: Int64, f: Finish, which: Int64) -> Int64:
    """[n, words]; which: [n, 4] channels."""
    body = byte_words(c.weights[which].transpose(0, 2, 1).reshape(len(which), 4 * c.weights.shape[1]))
    return np.concatenate((c.start[which], body, f.multipliers[which], byte_words(shifts[which])), axis=1)
