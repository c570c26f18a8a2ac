"""Resizing of images: the pixels that an output pixel is made of, and their mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from tinyc.ir import Array
from tinyc.numerics.fixed_point import Int64, round_half_away, rounding_divide_by_pot

#: The weight of one input row or column that is taken alone: 1 in Q10.
ONE = 1 << 10


@dataclass(frozen=True)
class Tap:
    """An output index as (ONE - weight) * x[first] + weight * x[last]; weight: in [0, ONE), 0 where they are one."""

    first: int
    last: int
    weight: int


def taps(in_size: int, out_size: int, *, align_corners: bool, half_pixel: bool) -> tuple[Tap, ...]:
    """Return for each output index along one dimension of RESIZE_BILINEAR what it is made of."""
    if align_corners and out_size > 1:
        step = (ONE * (in_size - 1) + (out_size - 1) // 2) // (out_size - 1)
    else:
        step = (ONE * in_size + out_size // 2) // out_size
    offset = step // 2 - ONE // 2 if half_pixel else 0
    found = []
    for i in range(out_size):
        at = max(i * step + offset, 0)
        first, weight = divmod(at, ONE)
        inside = weight > 0 and first < in_size - 1
        found.append(Tap(first, first + 1, weight) if inside else Tap(first, first, 0))
    return tuple(found)


def interpolated(x: Array, rows: Sequence[Tap], cols: Sequence[Tap]) -> Array:
    """Return the image that the taps of its rows and columns make. x: [1, H, W, C] int8."""
    mixed = _mixed(_mixed(x.astype(np.int64), rows, axis=1), cols, axis=2)
    return rounding_divide_by_pot(mixed, 20).astype(np.int8)


def nearest(index: int, in_size: int, out_size: int, align_corners: bool, half_pixel: bool) -> int:
    """Return the input index that an output index copies, in float32 arithmetic as the references."""
    if align_corners and out_size > 1:
        scale = np.float32(in_size - 1) / np.float32(out_size - 1)
    else:
        scale = np.float32(in_size) / np.float32(out_size)
    at = float((np.float32(index) + np.float32(0.5 if half_pixel else 0.0)) * scale)
    found = min(round_half_away(at) if align_corners else floor(at), in_size - 1)
    return max(found, 0) if half_pixel else found


def _mixed(x: Int64, taps: Sequence[Tap], axis: int) -> Int64:
    """Each tap's sum of two slices along `axis`, times ONE."""
    shape = [1] * x.ndim
    shape[axis] = -1
    weight = np.array([t.weight for t in taps], np.int64).reshape(shape)
    first, last = x.take([t.first for t in taps], axis), x.take([t.last for t in taps], axis)
    return (ONE - weight) * first + weight * last
