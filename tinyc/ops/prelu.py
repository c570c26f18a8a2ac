"""PRELU: x, or alpha * x where x is negative, alpha a tensor that broadcasts to x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operand, Operands, TensorType
from tinyc.numerics.fixed_point import clamp_int8, multiply_by_quantized_multiplier, quantize_multiplier
from tinyc.numerics.requant import Scaling, float_type
from tinyc.ops.broadcast import Broadcast


@dataclass(frozen=True)
class Prelu(Broadcast):
    """inputs: x int8, alpha int8; output: int8 of x's shape.

    scaling: "float32" (LiteRT) or "float64" (TFLM).
    """

    x = Operand(0)
    alpha = Operand(1)

    scaling: Scaling

    kind: ClassVar[str] = "prelu"

    def real_multipliers(self, types: Operands[TensorType], out: TensorType) -> tuple[float, float]:
        """Factors of x minus its zero point, and below zero of its product with alpha minus alpha's zero point."""
        x, alpha = types.x, types.alpha
        number = float_type(self.scaling)
        scale, last = number(x.q.scale), number(out.q.scale)
        with np.errstate(all="ignore"):
            return float(scale / last), float(scale * number(alpha.q.scale) / last)

    def multipliers(
        self, types: Operands[TensorType], out: TensorType
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """(multiplier, shift) above and below zero."""
        above, below = self.real_multipliers(types, out)
        return quantize_multiplier(above), quantize_multiplier(below)

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, alpha, tx, ta, out = values.x, values.alpha, types.x, types.alpha, outs[0]
        above, below = self.multipliers(types, out)
        diff = x.astype(np.int64) - tx.q.zero_point
        product = diff * (alpha.astype(np.int64) - ta.q.zero_point)
        scaled = np.where(
            diff >= 0,
            multiply_by_quantized_multiplier(diff, *above),
            multiply_by_quantized_multiplier(product, *below),
        )
        return (clamp_int8(scaled + out.q.zero_point, -128, 127),)
