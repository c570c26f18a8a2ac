"""DEQUANTIZE from int8 to float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Region, TensorType
from tinyc.ops.guard import int8


@dataclass(frozen=True)
class Dequantize(Op):
    """inputs: x int8 of any shape; output: float32."""

    x = Operand(0)

    kind: ClassVar[str] = "dequantize"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (int8(self, types.x).shape,)

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, t = values.x, types.x
        return (dequantize(x, t),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region


def dequantize(x: Array, t: TensorType) -> Array:
    """scale * (x - zero point), exact in double, rounded once to float32."""
    with np.errstate(all="ignore"):
        return (t.q.scale * (x.astype(np.float64) - t.q.zero_point)).astype(np.float32)
