"""Ternary weights: -k, 0 and k, a k for each channel ("The Era of 1-bit LLMs", BitNet b1.58)."""

from __future__ import annotations

import numpy as np

from tinyc.numerics.fixed_point import Int64


def ternary_magnitudes(weights: Int64) -> Int64 | None:
    """Return the k of each channel, 1 where all are 0: [channels]; None where a channel has other weights.

    weights: [channels, depth] integers.
    """
    magnitudes = np.maximum(np.abs(weights).max(axis=1), 1)
    is_ternary = np.array_equal(np.sign(weights) * magnitudes[:, None], weights)
    return np.asarray(magnitudes, np.int64) if is_ternary else None
