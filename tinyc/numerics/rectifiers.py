"""RELU and its kin, LEAKY_RELU, PRELU, ABS, and QUANTIZE of a byte: a factor below zero and one above."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Operands, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import (
    BYTES,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.numerics.requant import scale_type

Table = npt.NDArray[np.int8]


def relu_rescales(activation: Activation, reference: Reference) -> bool:
    """Whether a RELU brings its input to the output's scale; TFLM's RELU6 clamps and copies the input's bytes."""
    return reference == "litert" or activation is not Activation.RELU6


def relu_table(x: TensorType, out: TensorType, activation: Activation, reference: Reference) -> Table:
    if not relu_rescales(activation, reference):
        return clamp_int8(BYTES, *clamp(activation, x))
    multiplier = quantize_multiplier(_quotient(x, out, reference))
    scaled = multiply_by_quantized_multiplier(BYTES - x.q.zero_point, *multiplier)
    return clamp_int8(scaled + out.q.zero_point, *clamp(activation, out))


def abs_table(x: TensorType, out: TensorType, reference: Reference) -> Table:
    value = np.abs(BYTES - x.q.zero_point)
    if x.q.scale != out.q.scale:
        multiplier = quantize_multiplier(_quotient(x, out, reference))
        value = multiply_by_quantized_multiplier(value, *multiplier)
    return clamp_int8(value + out.q.zero_point, -128, 127)


def requantize_table(x: TensorType, out: TensorType) -> Table:
    """Return QUANTIZE of int8 or uint8 to either, its scales divided in double by both references."""
    values = BYTES if x.dtype == "int8" else BYTES & 0xFF
    low, high = (-128, 127) if out.dtype == "int8" else (0, 255)
    multiplier = quantize_multiplier(x.q.scale / out.q.scale)
    scaled = multiply_by_quantized_multiplier(values - x.q.zero_point, *multiplier)
    return np.clip(scaled + out.q.zero_point, low, high).astype(np.uint8).view(np.int8)


def leaky_relu_scales(
    x: TensorType, out: TensorType, alpha: float, reference: Reference
) -> tuple[float, float]:
    """Return the factors of x - zero point above and below zero."""
    number = scale_type(reference)
    scale, last = number(x.q.scale), number(out.q.scale)
    with np.errstate(all="ignore"):
        return float(scale / last), float(scale * number(alpha) / last)


def leaky_relu_table(x: TensorType, out: TensorType, alpha: float, reference: Reference) -> Table:
    above, below = leaky_relu_scales(x, out, alpha, reference)
    diff = BYTES - x.q.zero_point
    positive = multiply_by_quantized_multiplier(diff, *quantize_multiplier(above))
    negative = multiply_by_quantized_multiplier(diff, *quantize_multiplier(abs(below)))
    scaled = np.where(diff >= 0, positive, -negative if below < 0 else negative)
    return clamp_int8(scaled + out.q.zero_point, -128, 127)


def prelu_scales(types: Operands[TensorType], out: TensorType, reference: Reference) -> tuple[float, float]:
    """Return the factors of x minus its zero point, and below zero of its product with alpha minus alpha's."""
    number = scale_type(reference)
    scale, last = number(types.x.q.scale), number(out.q.scale)
    with np.errstate(all="ignore"):
        return float(scale / last), float(scale * number(types.alpha.q.scale) / last)


def prelu(
    x: Array, alpha: Array, types: Operands[TensorType], out: TensorType, reference: Reference
) -> Array:
    above, below = prelu_scales(types, out, reference)
    diff = x.astype(np.int64) - types.x.q.zero_point
    product = diff * (alpha.astype(np.int64) - types.alpha.q.zero_point)
    scaled = np.where(
        diff >= 0,
        multiply_by_quantized_multiplier(diff, *quantize_multiplier(above)),
        multiply_by_quantized_multiplier(product, *quantize_multiplier(below)),
    )
    return clamp_int8(scaled + out.q.zero_point, -128, 127)


def _quotient(x: TensorType, out: TensorType, reference: Reference) -> float:
    number = scale_type(reference)
    return float(number(x.q.scale) / number(out.q.scale))
