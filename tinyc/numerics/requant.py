"""How an op's accumulators become output bytes: multipliers from scales."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import (
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    wrap_int32,
)

Int64 = npt.NDArray[np.int64]


def scale_type(reference: Reference) -> type[np.floating]:
    """Return the float type in which a reference divides and multiplies the scales of some ops.

    It decides the last bits of their multipliers.
    """
    return np.float32 if reference == "litert" else np.float64


def real_scales(x: TensorType, w: TensorType, out: TensorType) -> tuple[float, ...]:
    """Return s_x * s_w / s_out in double: one per scale of the weights."""
    return tuple(x.q.scale * s / out.q.scale for s in w.q.scales)


def conv_scales(x: TensorType, w: TensorType, out: TensorType) -> tuple[float, ...]:
    """Return the same for convolutions, in which s_x * s_w is a float32 where the tensors are uint8."""
    if not x.is_unsigned:
        return real_scales(x, w, out)
    with np.errstate(over="ignore"):
        products = [float(np.float32(x.q.scale) * np.float32(s)) for s in w.q.scales]
    return tuple(product / out.q.scale for product in products)


def bias_scale_fits(x: TensorType, w: TensorType, bias: TensorType, out: TensorType) -> bool:
    """Whether a bias' scale is near enough to s_x * s_w for the references, where they look at it."""
    return abs(x.q.scale * w.q.scale - (bias.q.scale if bias.quant else 0.0)) / out.q.scale <= 0.02


def centred(weights: Array, t: TensorType) -> Array:
    """Return weights minus their zero point: unchanged int8 where it is 0. t: their type, of one scale where not."""
    zero_point = 0 if t.q.per_channel else t.q.zero_point
    return weights.astype(np.int16) - np.int16(zero_point) if zero_point else weights


@dataclass(frozen=True)
class Requant:
    """Per output channel: multiplier (Q31, >= 0) and shift (positive to the left)."""

    multipliers: tuple[int, ...]
    shifts: tuple[int, ...]

    def apply(self, acc: Int64) -> Int64:
        """acc: [..., channels] int32 values, wrapped like C's; the result is still without zero point."""
        return multiply_by_quantized_multiplier(
            wrap_int32(acc), np.array(self.multipliers, np.int64), np.array(self.shifts, np.int64)
        )

    def to_bytes(
        self, acc: Int64, bias: Array | None, out: TensorType, activation: Activation
    ) -> npt.NDArray[np.int8]:
        """Return output bytes after the activation. acc: [..., channels] sums; bias: int32 [channels], not in them."""
        total = acc if bias is None else acc + bias.astype(np.int64)
        return clamp_int8(self.apply(total) + out.q.zero_point, *clamp(activation, out))


def requant(scales: Iterable[float]) -> Requant:
    """Return the multiplier and shift of each real scale."""
    pairs = [quantize_multiplier(s) for s in scales]
    return Requant(tuple(m for m, _ in pairs), tuple(s for _, s in pairs))


def conv_requant(x: TensorType, w: TensorType, out: TensorType, channels: int) -> Requant:
    """Return multipliers s_x * s_w[c] / s_out of all output channels."""
    scales = conv_scales(x, w, out)
    return requant(scales if w.q.per_channel else scales * channels)
