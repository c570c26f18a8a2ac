"""An activation as a clamp: of output bytes, and of float32."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Activation, TensorType
from tinyc.numerics.affine import byte_of


def clamp(activation: Activation, out: TensorType) -> tuple[int, int]:
    """Return the least and the greatest byte that an activation leaves in a tensor of type `out`."""
    low, high = activation.low, activation.high
    return (
        -128 if low is None else max(-128, byte_of(low, out)),
        127 if high is None else min(127, byte_of(high, out)),
    )


def float_limits(activation: Activation) -> tuple[float, float]:
    """Return what results of float32 are clamped to; without a bound, that of finite numbers."""
    largest = float(np.finfo(np.float32).max)
    low, high = activation.low, activation.high
    return (-largest if low is None else low, largest if high is None else high)
