"""MEAN: a sum of bytes, its division by their number, and the change of scale in one multiplication."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.ir import Array, TensorType
from tinyc.numerics.fixed_point import (
    Int64,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)


@dataclass(frozen=True)
class MeanParams:
    """The integer constants of a MEAN."""

    #: Elements under one output.
    count: int
    #: Added to the sum of bytes: -zero point * count.
    bias: int
    #: Q31, not normalised: holds the scales and the division by count.
    multiplier: int
    #: Positive to the left.
    shift: int


def mean_params(x: TensorType, out: TensorType, count: int) -> MeanParams:
    """Return the constants, which both references share for every choice of axes.

    The quotient multiplier / count is taken with as many bits as fit, so it need not be normalised.
    """
    multiplier, shift = quantize_multiplier(x.q.scale / out.q.scale)
    extra = min(count.bit_length() - 1, 32, 31 + shift)
    return MeanParams(count, -x.q.zero_point * count, (multiplier << extra) // count, shift - extra)


def mean_bytes(total: Int64, p: MeanParams, out: TensorType) -> Array:
    """Return the means as bytes. total: sums of bytes, zero point and all."""
    scaled = multiply_by_quantized_multiplier(total + p.bias, p.multiplier, p.shift)
    return clamp_int8(scaled + out.q.zero_point, -128, 127)
