"""Weights of -k, 0 and k, with a k of its own for each output channel: by least squares.

Of the weights alone, those of the largest magnitudes are kept: how many, and k, has a closed form. With inputs seen,
the error is that of the layer's outputs, a quadratic form of `power`, the mean products of two inputs: weights begin
as by themselves and change one after the other where that helps, k after every turn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

#: Bytes of a ternary weight are this, 0 and less this: as fine a scale, and so a bias, as int8 weights have.
MAGNITUDE = 127
#: How often all weights are looked at again.
_TURNS = 6


def nearest_trits(rows: Float64, importance: Float64 | None = None) -> tuple[Float64, Float64]:
    """Return k, [rows], and -1, 0 or 1 of each weight, of the least (weighted) squared error.

    rows: [rows, weights]; importance: of each weight, alike. Of the n largest magnitudes k is the mean, and the
    error falls by n k^2: the best n is taken. A row of zeros has k = 0.
    """
    size = np.abs(rows)
    order = np.argsort(-size, axis=1, kind="stable")
    share = np.ones_like(size) if importance is None else importance
    counts = np.cumsum(np.take_along_axis(share, order, axis=1), axis=1)
    sums = np.cumsum(np.take_along_axis(share * size, order, axis=1), axis=1)
    best = np.argmax(sums * sums / np.maximum(counts, 1e-300), axis=1)[:, None]
    k = np.take_along_axis(sums, best, axis=1) / np.maximum(np.take_along_axis(counts, best, axis=1), 1e-300)
    places = np.argsort(order, axis=1, kind="stable")
    return k[:, 0], np.sign(rows) * (places <= best) * (k > 0)


def fitted_trits(wanted: Float64, power: Float64) -> tuple[Float64, Float64]:
    """Return k, [G, O], and -1, 0 or 1 of each weight, [G, O, K], by which the outputs are nearest to the wanted ones.

    wanted: [G, O, K], float weights; power: [G, K, K], of the inputs, positive definite.
    """
    groups, outs, size = wanted.shape
    diagonal = np.diagonal(power, axis1=1, axis2=2)
    importance = np.repeat(diagonal, outs, axis=0)
    k, trits = nearest_trits(wanted.reshape(-1, size), importance)
    k, trits = k.reshape(groups, outs), trits.reshape(wanted.shape)
    aim = wanted @ power
    for _ in range(_TURNS):
        before = trits.copy()
        _look_again(trits, k, aim, power, diagonal)
        k = _refitted(trits, aim, power)
        if np.array_equal(before, trits):
            break
    return np.abs(k), trits * np.where(k < 0, -1, 1)[..., None]


def _look_again(trits: Float64, k: Float64, aim: Float64, power: Float64, diagonal: Float64) -> None:
    """Set each weight in turn, those of the most power first, to the best of -1, 0 and 1, all others as they are."""
    left = aim - k[..., None] * (trits @ power)  # half of the error's slope, downwards
    every = np.arange(len(trits))
    scale = np.where(k > 0, k, 1.0)
    for column in np.argsort(-diagonal, axis=1).T:
        own = diagonal[every, column][:, None]
        now = trits[every, :, column]
        best = np.clip(np.round(now + left[every, :, column] / (own * scale)), -1, 1)
        best = np.where(k > 0, best, 0.0)
        moved = k * (best - now)
        if moved.any():
            left -= moved[..., None] * power[every, column][:, None, :]
            trits[every, :, column] = best


def _refitted(trits: Float64, aim: Float64, power: Float64) -> Float64:
    """Return the best k of each row of trits."""
    squares = np.einsum("gok,gok->go", trits @ power, trits)
    return np.where(squares > 0, np.einsum("gok,gok->go", trits, aim) / np.maximum(squares, 1e-300), 0.0)
