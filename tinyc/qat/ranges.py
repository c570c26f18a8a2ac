"""Static ranges of activations: what was seen while training becomes the scale that the firmware has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Quant

Float32 = npt.NDArray[np.float32]
#: Share of what was known before in a moving range.
MOMENTUM = 0.99
#: The least scale of QUANTIZE in the references.
LEAST_SCALE = 2.0**-23


def quant_of_range(low: float, high: float) -> Quant:
    """Return scale and zero point of int8 over [low, high] and 0, in float32 as the layers compute them."""
    low32, high32 = np.float32(min(low, 0.0)), np.float32(max(high, 0.0))
    scale = max((high32 - low32) / np.float32(255), np.float32(LEAST_SCALE))
    zero_point = np.clip(np.round(np.float32(-128) - low32 / scale), -128, 127)
    return Quant((float(scale),), (int(zero_point),))


def rounded(x: Float32, quant: Quant) -> Float32:
    """Return the real numbers of the bytes that x becomes: clip(round(x / scale) + zero point, -128, 127)."""
    scale, zero_point = np.float32(quant.scale), np.float32(quant.zero_point)
    steps = np.clip(np.round(x.astype(np.float32) / scale) + zero_point, -128, 127)
    return np.asarray((steps - zero_point) * scale, np.float32)


def moved(
    known: tuple[float, float], seen: tuple[float, float], count: float, momentum: float = MOMENTUM
) -> tuple[float, float]:
    """Return the range after one more batch.

    known, seen: (least, greatest) so far and of the batch; count: batches so far. The first ones are averaged, later
    ones move the range by 1 - momentum.
    """
    keep = min(momentum, count / (count + 1))
    low = keep * known[0] + (1 - keep) * min(seen[0], 0.0)
    high = keep * known[1] + (1 - keep) * max(seen[1], 0.0)
    return low, high
