"""How far the answers of a quantized network are from those of the float one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Distance:
    """errors: largest of each sample, [N].

    sqnr_db: signal to quantization noise; infinite, as None, where nothing differs.
    """

    mean_abs_error: float
    max_abs_error: float
    sqnr_db: float | None
    cosine: float
    errors: Array

    @property
    def worst(self) -> Array:
        """Samples by the size of their error, the largest first."""
        return np.argsort(-self.errors, kind="stable")


def distance_of(wanted: Array, found: Array) -> Distance:
    """Compare answers, [N, ...]."""
    a = wanted.reshape(len(wanted), -1).astype(np.float64)
    b = found.reshape(len(found), -1).astype(np.float64)
    off = np.abs(a - b)
    return Distance(
        float(off.mean()),
        float(off.max()),
        sqnr_db(float(np.mean(a * a)), float(np.mean(off * off))),
        cosine(float(np.sum(a * b)), float(np.sum(a * a)), float(np.sum(b * b))),
        off.max(axis=1),
    )


def sqnr_db(signal: float, noise: float) -> float | None:
    """Return powers as decibels; None where there is no noise."""
    if noise <= 0:
        return None
    return float(10 * np.log10(max(signal, 1e-30) / noise))


def cosine(product: float, first: float, second: float) -> float:
    """Return the cosine of two vectors, by their inner product and squared lengths; 1 of two that are zero."""
    if first <= 0 or second <= 0:
        return 1.0 if first == second else 0.0
    return float(product / (first * second) ** 0.5)
