"""Packing for the blocks of runtime/include/tinyc/matmul_mve.h."""

from __future__ import annotations

import numpy as np

from tinyc.kernels.base import Constant
from tinyc.kernels.dsp.requant import Channels, Int64
from tinyc.kernels.mve.requant import Finish

#: Output channels of a block.
BLOCK = 4
#: Bytes of a vector.
VECTOR = 16


def word_constant(name: str, values: Int64) -> Constant:
    """32-bit words, given modulo 2**32."""
    return Constant(name, "int32_t", (values.reshape(-1) & 0xFFFFFFFF).astype(np.uint32).view(np.int32))


def blocks(values: Int64) -> Int64:
    """[channels, ...] -> [blocks, 4, ...], the last filled up with zeros."""
    short = -values.shape[0] % BLOCK
    padded = np.pad(values, ((0, short), *((0, 0),) * (values.ndim - 1)))
    return padded.reshape(-1, BLOCK, *values.shape[1:])


def finish_words(c: Channels, f: Finish) -> Int64:
    """[blocks, 16] words: bias, multiplier, offset, left of four channels each."""
    return np.concatenate([blocks(v) for v in (c.start, f.multipliers, f.offsets, 24 - f.shifts)], axis=1)


def byte_words(values: Int64) -> Int64:
    """[n, 4 * m] bytes as [n, m] words, little-endian."""
    return values.astype(np.int8).view("<i4").astype(np.int64)


def stream(c: Channels, f: Finish) -> Constant:
    """`weights`: products and constants of each block in turn."""
    w = blocks(np.pad(c.weights, ((0, 0), (0, -c.weights.shape[1] % VECTOR))))
    w = w.reshape(len(w), BLOCK, -1, VECTOR).transpose(0, 2, 1, 3).reshape(len(w), -1)
    return word_constant("weights", np.concatenate((byte_words(w), finish_words(c, f)), axis=1))


def product(c: Channels, f: Finish) -> dict[str, int]:
    """The C struct tc_matmul_mve."""
    return {
        "depth": c.weights.shape[1],
        "out_c": c.weights.shape[0],
        "is_signed": int(f.is_signed),
        **dict(clamp_fields(f)),
    }


def clamp_fields(f: Finish) -> tuple[tuple[str, int], ...]:
    low, high = f.clamp or (-128, 127)
    return ("clamp", int(f.clamp is not None)), ("act_min", low), ("act_max", high)
