"""Weights of few levels: which steps they stand on, and how far apart the steps are.

"BitNet b1.58 Reloaded" (Nielsen and Schneider-Kamp, 2024, https://arxiv.org/abs/2407.09527), as the authors' package
`bitlinear` computes it: with levels l to h, s = max(|l|, |h|) / max(measure(|W|), 1e-5), and a weight becomes
clip(round(W s), l, h) / s. The measure is the median of all weights of a layer or their mean ("BitNet b1.58", Ma et
al., 2024, https://arxiv.org/abs/2402.17764). Here 1 / s is called the step. The median of an even number of weights is
the lower one of the two in the middle, as PyTorch has it.

Keras and PyTorch layers compute the same in float32; this is what they are tested against.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError

Float32 = npt.NDArray[np.float32]
Int8 = npt.NDArray[np.int8]
#: What is measured of the absolute weights.
Measure = Literal["median", "mean", "max"]
#: Names of the levels that a layer's weights may have.
Levels = Literal["ternary", "int2", "int8"]
#: The least measure: of weights that are all 0.
EPSILON = 1e-5
#: A step of few levels is so many steps of int8: a power of two divides a scale without rounding it.
_WIDTHS = {1: 64, 2: 32, 127: 1}


@dataclass(frozen=True)
class Steps:
    """Levels low to high times a step, which is measured of the weights, together or per output channel."""

    low: int
    high: int
    measure: Measure
    per_channel: bool

    @property
    def most(self) -> int:
        """The largest level, without its sign."""
        return max(-self.low, self.high)

    @property
    def width(self) -> int:
        """How many steps of int8 a level is in the exported model, so that a bias is no coarser than it need be."""
        return _WIDTHS[self.most]

    def step(self, weights: Float32, axis: int) -> Float32:
        """Return the distance of two levels: [channels], or [1] of all. axis: which dimension counts the channels."""
        size = np.abs(weights.astype(np.float32))
        rows = (
            np.moveaxis(size, axis, 0).reshape(size.shape[axis], -1)
            if self.per_channel
            else size.reshape(1, -1)
        )
        measured: Any = rows.max(axis=1)
        if self.measure == "mean":
            measured = rows.mean(axis=1)
        elif self.measure == "median":
            measured = np.sort(rows, axis=1)[:, (rows.shape[1] - 1) // 2]
        return np.asarray(np.maximum(measured, np.float32(EPSILON)) / np.float32(self.most), np.float32)

    def levels(self, weights: Float32, axis: int) -> Int8:
        """Return the level of each weight, in the shape of the weights."""
        steps = along(self.step(weights, axis), axis, weights.ndim)
        return np.clip(np.round(weights.astype(np.float32) / steps), self.low, self.high).astype(np.int8)

    def rounded(self, weights: Float32, axis: int) -> Float32:
        """Return the weights that a layer computes with: levels times steps."""
        steps = along(self.step(weights, axis), axis, weights.ndim)
        return np.asarray(self.levels(weights, axis) * steps, np.float32)


def steps_of(levels: str, scale: str = "median", *, per_channel: bool = False) -> Steps:
    """Return the steps of a layer's weights. Raises UsageError for a word that is none of the known ones.

    levels: "ternary" (-1, 0, 1), "int2" (-2 to 1) or "int8" (-127 to 127, always by the largest weight of each
    channel); scale: "median" or "mean".
    """
    if levels not in get_args(Levels):
        raise UsageError(f"levels '{levels}': {', '.join(get_args(Levels))} are known")
    if scale not in ("median", "mean"):
        raise UsageError(f"scale '{scale}': median, mean are known")
    if levels == "int8":
        return Steps(-127, 127, "max", per_channel=True)
    measure: Measure = "mean" if scale == "mean" else "median"
    low = -1 if levels == "ternary" else -2
    return Steps(low, 1, measure, per_channel=per_channel)


def along(values: Float32, axis: int, rank: int) -> Float32:
    """Return [channels] or [1] in a shape that numpy repeats over weights of a rank."""
    shape = [1] * rank
    shape[axis] = -1
    return values.reshape(shape)


def mixed(weights: Float32, rounded: Float32, share: float) -> Float32:
    """Return what a layer computes with on the way from float weights to those of few levels. share: 0 to 1."""
    return np.asarray(np.float32(share) * rounded + np.float32(1 - share) * weights, np.float32)


def ramp(step: int, begin: int, end: int) -> float:
    """Return the share of the rounded weights after `step` steps of training: 0 until begin, 1 from end on."""
    if end <= begin:
        return float(step >= end)
    return min(max((step - begin) / (end - begin), 0.0), 1.0)
