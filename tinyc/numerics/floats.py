"""Layers in float32, for many samples at once: what float networks compute, up to the order of sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
#: (before, after) along rows and along columns.
Pads = tuple[tuple[int, int], tuple[int, int]]
#: Along rows and along columns.
Pair = tuple[int, int]

#: Most elements that the patches of one matrix product take.
_PATCHES = 1 << 24


def patches(x: Float32, kernel: Pair, stride: Pair, dilation: Pair, pads: Pads, fill: float = 0.0) -> Float32:
    """Return what each window sees: [N, OH, OW, KH, KW, C], a view. x: [N, H, W, C]; fill: around the image."""
    padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill) if any(map(any, pads)) else x
    n, height, width, channels = padded.shape
    (kh, kw), (sh, sw), (dh, dw) = kernel, stride, dilation
    out_h = (height - (kh - 1) * dh - 1) // sh + 1
    out_w = (width - (kw - 1) * dw - 1) // sw + 1
    s_n, s_h, s_w, s_c = padded.strides
    return np.lib.stride_tricks.as_strided(
        padded,
        (n, out_h, out_w, kh, kw, channels),
        (s_n, s_h * sh, s_w * sw, s_h * dh, s_w * dw, s_c),
        writeable=False,
    )


def conv2d(
    x: Float32, weights: Float32, bias: Float32 | None, stride: Pair, dilation: Pair, pads: Pads
) -> Float32:
    """x: [N, H, W, C]; weights: [O, KH, KW, I], where C is a multiple of I: that many groups; bias: [O]."""
    outs, kh, kw, depth = weights.shape
    seen = patches(x, (kh, kw), stride, dilation, pads)
    groups = seen.shape[-1] // depth
    matrix = weights.reshape(groups, outs // groups, kh * kw * depth)
    parts = []
    for part in _chunks(seen):
        n, out_h, out_w = part.shape[:3]
        made = [
            part[..., g * depth : (g + 1) * depth].reshape(n * out_h * out_w, -1) @ matrix[g].T
            for g in range(groups)
        ]
        parts.append(np.concatenate(made, axis=1).reshape(n, out_h, out_w, outs))
    return _plus(np.concatenate(parts), bias)


def depthwise_conv2d(
    x: Float32, weights: Float32, bias: Float32 | None, stride: Pair, dilation: Pair, pads: Pads
) -> Float32:
    """x: [N, H, W, C]; weights: [1, KH, KW, C * M]: M filters for each channel; bias: [C * M]."""
    _, kh, kw, outs = weights.shape
    seen = patches(x, (kh, kw), stride, dilation, pads)
    n, out_h, out_w = seen.shape[:3]
    multiplier = outs // x.shape[3]
    made = np.zeros((n, out_h, out_w, outs), np.float32)
    for i in range(kh):
        for j in range(kw):
            pixel = seen[:, :, :, i, j]
            made += (np.repeat(pixel, multiplier, axis=3) if multiplier > 1 else pixel) * weights[0, i, j]
    return _plus(made, bias)


def transpose_conv(
    x: Float32, weights: Float32, bias: Float32 | None, stride: Pair, corner: Pair, size: Pair
) -> Float32:
    """Return [N, *size, O]. x: [N, H, W, C]; weights: [O, KH, KW, C]; corner: padding before the first pixel."""
    outs, kh, kw, _ = weights.shape
    n, height, width, _ = x.shape
    (sh, sw), (top, left) = stride, corner
    full = np.zeros(
        (n, max((height - 1) * sh + kh, top + size[0]), max((width - 1) * sw + kw, left + size[1]), outs),
        np.float32,
    )
    for i in range(kh):
        for j in range(kw):
            full[:, i : i + height * sh : sh, j : j + width * sw : sw][:, :height, :width] += (
                x @ weights[:, i, j].T
            )
    return _plus(full[:, top : top + size[0], left : left + size[1]], bias)


def pooled(
    x: Float32, kernel: Pair, stride: Pair, pads: Pads, reduce: Callable[..., Float32], fill: float
) -> Float32:
    """Return `reduce` of each window, over what `fill` puts around the image as well. x: [N, H, W, C]."""
    return np.asarray(reduce(patches(x, kernel, stride, (1, 1), pads, fill), axis=(3, 4)), np.float32)


def average_pool2d(x: Float32, kernel: Pair, stride: Pair, pads: Pads) -> Float32:
    """The mean of what each window sees of the image. x: [N, H, W, C]."""
    total = pooled(x, kernel, stride, pads, np.sum, 0.0)
    count = pooled(np.ones((1, *x.shape[1:3], 1), np.float32), kernel, stride, pads, np.sum, 0.0)
    return np.asarray(total / count, np.float32)


def softmax(x: Float32, beta: float) -> Float32:
    """Over the last dimension."""
    powers = np.exp((x - x.max(axis=-1, keepdims=True)) * np.float32(beta))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def log_softmax(x: Float32) -> Float32:
    """Over the last dimension."""
    below = x - x.max(axis=-1, keepdims=True)
    return np.asarray(below - np.log(np.exp(below).sum(axis=-1, keepdims=True)), np.float32)


def sigmoid(x: Float32) -> Float32:
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def hard_swish(x: Float32) -> Float32:
    return np.asarray(x * np.clip(x + 3, 0, 6) / 6, np.float32)


def l2_normalized(x: Float32) -> Float32:
    """Each vector along the last dimension with length 1; one of (nearly) 0 stays as it is."""
    squares = np.maximum((x * x).sum(axis=-1, keepdims=True), np.float32(1e-6) ** 2)
    return np.asarray(x / np.sqrt(squares), np.float32)


def resized_bilinear(x: Float32, size: Pair, *, align_corners: bool, half_pixel: bool) -> Float32:
    """x: [N, H, W, C]."""
    for axis, length in zip((1, 2), size, strict=True):
        have = x.shape[axis]
        scale = (have - 1) / (length - 1) if align_corners and length > 1 else have / length
        at = np.arange(length) * scale
        at = np.maximum((np.arange(length) + 0.5) * scale - 0.5, 0) if half_pixel else at
        first = np.clip(np.floor(at).astype(np.int64), 0, have - 1)
        weight = (at - first).astype(np.float32).reshape([-1 if a == axis else 1 for a in range(4)])
        low, high = x.take(first, axis), x.take(np.minimum(first + 1, have - 1), axis)
        x = low + (high - low) * weight
    return x


def _plus(x: Float32, bias: Float32 | None) -> Float32:
    return x if bias is None else x + bias


def _chunks(seen: Float32) -> Iterator[Float32]:
    """Samples whose patches together are not too many."""
    count = max(1, _PATCHES // max(1, seen[0].size))
    for first in range(0, len(seen), count):
        yield seen[first : first + count]
