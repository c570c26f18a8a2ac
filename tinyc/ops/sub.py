"""SUB of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tinyc.arith import Int64
from tinyc.ir import TensorType
from tinyc.ops.binary import Binary, BinaryParams, scaled_operand, sum_params


@dataclass(frozen=True)
class Sub(Binary):
    """inputs: a, b int8; output: a - b, int8.

    scaling: float type that the multipliers are computed in: "float64" (LiteRT) or "float32" (TFLM).
    """

    scaling: Literal["float32", "float64"]

    kind: ClassVar[str] = "sub"

    def params(self, types: Sequence[TensorType | None], out: TensorType) -> BinaryParams:
        a, b = types[0], types[1]
        assert a is not None and b is not None and a.quant and b.quant and out.quant
        dtype = np.float32 if self.scaling == "float32" else np.float64
        return sum_params(a.quant.scale, b.quant.scale, out.quant.scale, dtype)

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        p = params
        return scaled_operand(a, p, p.a_multiplier, p.a_shift) - scaled_operand(
            b, p, p.b_multiplier, p.b_shift
        )
