"""Scale and zero point of an activation, from what was observed of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Quant
from tinyc.quantize.observe import Observed

Float32 = npt.NDArray[np.float32]

#: Shares of the observed range that are tried.
_SHARES = np.linspace(1.0, 0.25, 51)


def quant_of(low: float, high: float) -> Quant:
    """Return the scale and zero point by which int8 spans [low, high] and 0, which has a byte of its own."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32((high - low) / 255))
    if not scale > 0:
        return Quant((1.0,), (0,))
    zero_point = int(np.clip(np.round(-128 - low / scale), -128, 127))
    return Quant((scale,), (zero_point,))


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


def rounded(x: Float32, quant: Quant) -> Float32:
    """Return the real numbers of the bytes that x becomes."""
    scale, zero_point = np.float32(quant.scale), np.float32(quant.zero_point)
    bytes_ = np.clip(np.round(x / scale) + zero_point, -128, 127)
    return np.asarray((bytes_ - zero_point) * scale, np.float32)
