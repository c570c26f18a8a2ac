"""Scale and zero point of an activation, from what was observed of it."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from tinyc.ir import Quant
from tinyc.quantize.observe import Observed

Float32 = npt.NDArray[np.float32]
#: How the range of an activation is chosen from what was observed.
Observer = Literal["min-max", "percentile", "mse", "entropy"]
OBSERVERS: tuple[Observer, ...] = get_args(Observer)

#: Shares of the observed range that are tried.
_SHARES = np.linspace(1.0, 0.25, 51)
#: Percent of the values that "percentile" leaves out at each end.
_LEFT_OUT = 0.01
#: Bins by which "entropy" compares distributions: a multiple of the 256 steps.
_BINS = 4096


def quant_of(low: float, high: float) -> Quant:
    """Return the scale and zero point by which int8 spans [low, high] and 0, which has a byte of its own."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32((high - low) / 255))
    if not scale > 0:
        return Quant((1.0,), (0,))
    zero_point = int(np.clip(np.round(-128 - low / scale), -128, 127))
    return Quant((scale,), (zero_point,))


def chosen_range(seen: Observed, observer: Observer) -> Quant:
    """Return the quantization that an observer chooses."""
    match observer:
        case "min-max":
            return spanning(seen)
        case "percentile":
            low, high = np.percentile(seen.values, (_LEFT_OUT, 100 - _LEFT_OUT))
            return quant_of(float(low), float(high))
        case "entropy":
            return least_divergence(seen)
        case "mse":
            return least_error(seen)


def spanning(seen: Observed) -> Quant:
    """Return the quantization that clips nothing that was observed."""
    return quant_of(seen.low, seen.high)


def least_error(seen: Observed) -> Quant:
    """Return the quantization of the least mean squared error: rounding and clipping together.

    The ends of the range shrink together first, then each by itself.
    """
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)

    def error(a: float, b: float) -> float:
        quant = quant_of(low * a, high * b)
        difference = rounded(seen.values, quant) - seen.values
        return float(np.mean(difference * difference))

    both = min(_SHARES, key=lambda s: error(s, s))
    a, b = both, both
    if low < 0 < high:
        b = min(_SHARES, key=lambda s: error(a, s))
        a = min(_SHARES, key=lambda s: error(s, b))
    return quant_of(low * a, high * b)


def least_divergence(seen: Observed) -> Quant:
    """Return the quantization whose bytes keep most of the values' distribution (Kullback-Leibler).

    The values are counted in fine bins. Those of one step of a quantization share what fell into it, and what is
    clipped falls into the last step.
    """
    low, high = min(seen.low, 0.0), max(seen.high, 0.0)
    if not high > low:
        return quant_of(low, high)
    counts, edges = np.histogram(seen.values, _BINS, (low, high))
    middles = ((edges[:-1] + edges[1:]) / 2).astype(np.float32)
    wanted = counts / counts.sum()
    filled = counts > 0

    def divergence(share: float) -> float:
        quant = quant_of(low * share, high * share)
        steps = np.clip(np.round(middles / quant.scale) + quant.zero_point, -128, 127).astype(int) + 128
        held = np.bincount(steps, wanted, 256)
        inside = np.abs(rounded(middles, quant) - middles) <= 0.51 * quant.scale
        bins = np.bincount(steps, filled & inside, 256)
        shared = np.where(filled & inside, held[steps] / np.maximum(bins[steps], 1), 1e-9)
        return float(np.sum(wanted[filled] * np.log(wanted[filled] / shared[filled])))

    return quant_of(*(end * min(_SHARES, key=divergence) for end in (low, high)))


def rounded(x: Float32, quant: Quant) -> Float32:
    """Return the real numbers of the bytes that x becomes."""
    scale, zero_point = np.float32(quant.scale), np.float32(quant.zero_point)
    bytes_ = np.clip(np.round(x / scale) + zero_point, -128, 127)
    return np.asarray((bytes_ - zero_point) * scale, np.float32)
