"""MEAN: a sum of bytes, its division by their number, and the change of scale in one multiplication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Array, Reference, TensorType
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


def sum_params(x: TensorType, out: TensorType, count: int, reference: Reference) -> MeanParams:
    """Return the constants of SUM: the same without the division, and of flipped bytes where `flips` says so."""
    zero_point = x.q.zero_point - (UNSIGNED if flips(x, reference) else 0)
    return MeanParams(count, -zero_point * count, *quantize_multiplier(x.q.scale / out.q.scale))


def flips(x: TensorType, reference: Reference) -> bool:
    """Whether SUM takes bytes as unsigned ones, but not their zero points: LiteRT does so with int8."""
    return reference == "litert" and not x.is_unsigned


def sum_bytes(x: Array, axes: tuple[int, ...], p: MeanParams, out: TensorType, reference: Reference) -> Array:
    """Return the sums as bytes. out: its type, unsigned where the input's is."""
    flip = UNSIGNED if flips(out, reference) else 0
    total = np.asarray((x.view(np.uint8) ^ flip).view(np.int8).astype(np.int64).sum(axis=axes))
    scaled = multiply_by_quantized_multiplier(total + p.bias, p.multiplier, p.shift)
    made = clamp_int8(scaled + out.q.zero_point - flip, -128, 127)
    return (made.view(np.uint8) ^ flip).view(np.int8)


#: What a byte gains where it is taken as unsigned and brought back into the range of int8: its sign bit flipped.
UNSIGNED = 128


def mean_bytes(total: Int64, p: MeanParams, out: TensorType) -> Array:
    """Return the means as bytes. total: sums of bytes, zero point and all."""
    scaled = multiply_by_quantized_multiplier(total + p.bias, p.multiplier, p.shift)
    return clamp_int8(scaled + out.q.zero_point, -128, 127)
