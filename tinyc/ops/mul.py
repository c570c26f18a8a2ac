"""MUL of two int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Operands, TensorType
from tinyc.numerics.fixed_point import Int64, quantize_multiplier
from tinyc.numerics.requant import Scaling, float_type
from tinyc.ops.binary import Binary, BinaryParams


@dataclass(frozen=True)
class Mul(Binary):
    """inputs: a, b int8; output: a * b, int8.

    scaling: "float32" (LiteRT) or "float64" (TFLM).
    """

    scaling: Scaling

    kind: ClassVar[str] = "mul"

    def params(self, types: Operands[TensorType], out: TensorType) -> BinaryParams:
        return BinaryParams(0, 0, 0, 0, 0, *quantize_multiplier(self.real_multiplier(types, out)))

    def real_multiplier(self, types: Operands[TensorType], out: TensorType) -> float:
        """s_a * s_b / s_out in the reference's float type; infinite where that overflows."""
        a, b = types.a, types.b
        number = float_type(self.scaling)
        with np.errstate(over="ignore"):
            return float(number(a.q.scale) * number(b.q.scale) / number(out.q.scale))

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        del params
        return a * b
