"""Packing for the blocks of runtime/include/tinyc/mve/matmul.h."""

from __future__ import annotations

import numpy as np

from tinyc.kernels.base import Constant
from tinyc.kernels.mve.requant import VectorFinish
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.words import Int64, byte_words, word_constant

#: Output channels of a block.
BLOCK = 4
#: Bytes of a vector.
VECTOR = 16


def blocks(values: Int64) -> Int64:
    """[channels, ...] -> [blocks, 4, ...], the last filled up with zeros."""
    short = -values.shape[0] % BLOCK
    padded = np.pad(values, ((0, short), *((0, 0),) * (values.ndim - 1)))
    return padded.reshape(-1, BLOCK, *values.shape[1:])


def finish_words(c: Channels, f: VectorFinish) -> Int64:
    """[blocks, 16] words: bias, multiplier, offset, left of four channels each."""
    return np.concatenate([blocks(v) for v in (c.start, f.multipliers, f.offsets, 24 - f.shifts)], axis=1)


def stream(c: Channels, f: VectorFinish) -> Constant:
    """`weights`: products and constants of each block in turn."""
    w = blocks(np.pad(c.weights, ((0, 0), (0, -c.weights.shape[1] % VECTOR))))
    w = w.reshape(len(w), BLOCK, -1, VECTOR).transpose(0, 2, 1, 3).reshape(len(w), -1)
    return word_constant("weights", np.concatenate((byte_words(w), finish_words(c, f)), axis=1))


def product_fields(c: Channels, f: VectorFinish) -> dict[str, int]:
    """The C struct tc_matmul_mve."""
    return {
        "depth": c.weights.shape[1],
        "out_c": c.weights.shape[0],
        "is_signed": int(f.is_signed),
        **dict(clamp_fields(f)),
    }


def clamp_fields(f: VectorFinish) -> tuple[tuple[str, int], ...]:
    low, high = f.clamp or (-128, 127)
    return ("clamp", int(f.clamp is not None)), ("act_min", low), ("act_max", high)
