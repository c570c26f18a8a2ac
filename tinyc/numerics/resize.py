"""Resizing of images: the pixels that an output pixel is made of, and their mixture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

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


@dataclass(frozen=True)
class RealTap:
    """An output index as (1 - weight) * x[first] + weight * x[last]; weight: a float32 value, beside the image any."""

    first: int
    last: int
    weight: float


def real_taps(in_size: int, out_size: int, *, align_corners: bool, half_pixel: bool) -> tuple[RealTap, ...]:
    """Return the same for uint8, which the references resize in float32."""
    f32 = np.float32
    less = 1 if align_corners and out_size > 1 else 0
    scale = f32(in_size - less) / f32(out_size - less)
    found = []
    for i in range(out_size):
        at = (f32(i) + f32(0.5)) * scale - f32(0.5) if half_pixel else f32(i) * scale
        first = max(floor(at), 0)
        found.append(RealTap(first, min(ceil(at), in_size - 1), float(at - f32(first))))
    return tuple(found)


def exact_taps(taps: Sequence[RealTap]) -> tuple[Tap, ...] | None:
    """Return taps in integers where float32 is exact with these along both dimensions: multiples of 1/128."""
    if any(t.weight * 128 != int(t.weight * 128) for t in taps):
        return None
    return tuple(
        Tap(t.first, t.last, int(t.weight * ONE))
        if t.weight and t.last > t.first
        else Tap(t.first, t.first, 0)
        for t in taps
    )


def really_interpolated(x: Array, rows: Sequence[RealTap], cols: Sequence[RealTap]) -> Array:
    """Return the image that the taps make of uint8, in float32 in the order of the reference. x: [1, H, W, C] int8."""
    values = x.astype(np.float32) + np.float32(128)
    low, right = (np.array([t.weight for t in taps], np.float32) for taps in (rows, cols))
    low, right = low[None, :, None, None], right[None, None, :, None]
    above, below = (values.take(at, 1) for at in ([t.first for t in rows], [t.last for t in rows]))
    one, before, after = np.float32(1), [t.first for t in cols], [t.last for t in cols]
    total = above.take(before, 2) * (one - low) * (one - right)
    total += below.take(before, 2) * low * (one - right)
    total += above.take(after, 2) * (one - low) * right
    total += below.take(after, 2) * low * right
    whole: Int64 = (total + np.float32(0.5)).astype(np.int64)
    return (whole - 128).astype(np.int8)


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
