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
    """Return multipliers s_x * s_w[c] / s_out of all output channels, computed in double as TFLite does."""
    scales = real_scales(x, w, out)
    return requant(scales if w.q.per_channel else scales * channels)
