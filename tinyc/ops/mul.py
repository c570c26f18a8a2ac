"""MUL of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tinyc.arith import Int64, quantize_multiplier
from tinyc.ir import TensorType
from tinyc.ops.binary import Binary, BinaryParams


@dataclass(frozen=True)
class Mul(Binary):
    """inputs: a, b int8; output: a * b, int8.

    scaling: float type that the multiplier is computed in: "float32" (LiteRT) or "float64" (TFLM).
    """

    scaling: Literal["float32", "float64"]

    kind: ClassVar[str] = "mul"

    def params(self, types: Sequence[TensorType | None], out: TensorType) -> BinaryParams:
        a, b = types[0], types[1]
        assert a is not None and b is not None and a.quant and b.quant and out.quant
        dtype = np.float32 if self.scaling == "float32" else np.float64
        real = dtype(a.quant.scale) * dtype(b.quant.scale) / dtype(out.quant.scale)
        return BinaryParams(0, 0, 0, 0, 0, *quantize_multiplier(float(real)))

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        del params
        return a * b
