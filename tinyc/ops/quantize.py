"""QUANTIZE from float32 to int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Region, TensorType
from tinyc.numerics.fixed_point import round_half_away_array
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Quantize(Op):
    """inputs: x float32 of any shape; output: int8."""

    x = Operand(0)

    kind: ClassVar[str] = "quantize"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(x.dtype == "float32", self, f"input is {x.dtype}; float32 is needed")
        return (x.shape,)

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x = values.x
        return (quantize(x, outs[0]),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region


def quantize(x: Array, out: TensorType) -> Array:
    """round(x / scale) + zero point in float32, halves away from zero; NaN becomes the zero point."""
    with np.errstate(all="ignore"):
        quotient = x.astype(np.float32) / np.float32(out.q.scale)
    bounded = np.clip(np.nan_to_num(quotient.astype(np.float64), nan=0.0, posinf=1e6, neginf=-1e6), -1e6, 1e6)
    whole = round_half_away_array(bounded) + out.q.zero_point
    return np.clip(whole, -128, 127).astype(np.int8)
