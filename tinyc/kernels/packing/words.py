"""Constants that kernels read as 32-bit words, little-endian."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.kernels.base import Constant

Int64 = npt.NDArray[np.int64]


def word_constant(name: str, values: Int64) -> Constant:
    """Return 32-bit words, given modulo 2**32."""
    return Constant(name, "int32_t", (values.reshape(-1) & 0xFFFFFFFF).astype(np.uint32).view(np.int32))


def byte_words(values: Int64) -> Int64:
    """Return bytes, a multiple of 4 of them along the last axis, as words."""
    return np.ascontiguousarray(values.astype(np.int8)).view("<i4").astype(np.int64)


def halfword_words(low: Int64, high: Int64) -> Int64:
    """Return two halfwords each as one word."""
    return (low & 0xFFFF) | ((high & 0xFFFF) << 16)
