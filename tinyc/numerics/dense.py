"""FULLY_CONNECTED: what becomes of its accumulators."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import Int64, clamp_int8, round_half_away_array, wrap_int32
from tinyc.numerics.requant import real_scales, requant


def rounds_once(reference: Reference) -> bool:
    """Whether the product with the scale is rounded once, in double (LiteRT), or twice, in fixed point (TFLM)."""
    return reference == "litert"


def largest_accumulators(weights: Array, zero_point: int, bias: Array | None) -> npt.NDArray[np.float64]:
    """Return the greatest magnitude that each accumulator can have; 2**31 for any above."""
    most = np.abs(weights.astype(np.float64) - zero_point).sum(axis=1) * 255
    if bias is not None:
        most += np.abs(bias.astype(np.float64)).reshape(-1)
    return np.asarray(np.minimum(most, 2.0**31), np.float64)


def rescaled(acc: Int64, x: TensorType, w: TensorType, out: TensorType, reference: Reference) -> Int64:
    """Return accumulators in the output's scale, still without zero point. acc: [n, O] int32 values."""
    scales = real_scales(x, w, out)
    if rounds_once(reference):
        return round_half_away_array(acc * np.array(scales))
    return requant(scales).apply(acc)


def to_bytes(
    acc: Int64,
    x: TensorType,
    w: TensorType,
    out: TensorType,
    activation: Activation,
    reference: Reference,
) -> Array:
    """Return output bytes after the activation. acc: [n, O] sums, the bias in them; they wrap as in C."""
    scaled = rescaled(wrap_int32(acc), x, w, out, reference)
    return clamp_int8(scaled + out.q.zero_point, *clamp(activation, out))
