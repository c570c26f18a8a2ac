"""Constants that a file has as bytes: which steps their real numbers stand on, found again by the numbers themselves.

What reads and tidies a file may turn, cut and copy constants. The same numbers in another order are still the same
constant, so that no one on the way has to know of scales.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array

#: How far a number may be from its step, in steps.
_NEAR = 1e-2
Steps = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Numbers of one constant. scales: one, or one per channel; key: the numbers, in whatever order."""

    key: bytes
    scales: npt.NDArray[np.float64]
    #: One per scale, of int8: of uint8, 128 less than in the file.
    zero_points: npt.NDArray[np.int64]

    def steps(self, data: Array, axis: int) -> Steps | None:
        """Return `data` in steps, None where it does not stand on them. axis: which dimension counts the scales."""
        scales: Any = self.scales
        if len(scales) > 1:
            if not data.ndim or data.shape[axis] != len(scales):
                return None
            shape = [1] * data.ndim
            shape[axis] = -1
            scales = scales.reshape(shape)
        real = data.astype(np.float64) / scales
        steps = np.round(real)
        near = np.isfinite(real).all() and bool((np.abs(real - steps) < _NEAR).all())
        return steps.astype(np.int64) if near else None


def key_of(data: Array) -> bytes:
    """Return what arrays of the same numbers in another order have in common."""
    return np.sort(np.abs(data.astype(np.float32)).reshape(-1)).tobytes()


def grid_of(data: Array, scales: Array, zero_points: Array) -> Grid:
    """data: the real numbers."""
    each: npt.NDArray[np.float64] = scales.astype(np.float64).reshape(-1)
    zeros = np.broadcast_to(zero_points.astype(np.int64).reshape(-1), each.shape)
    return Grid(key_of(data), each, zeros)


def find_grid(grids: Iterable[Grid], data: Array, axis: int) -> tuple[Grid, Steps] | None:
    """Return the grid of a constant, and its steps."""
    key = key_of(data)
    for grid in grids:
        if grid.key == key:
            steps = grid.steps(data, axis)
            if steps is not None:
                return grid, steps
    return None
