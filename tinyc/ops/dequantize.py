"""DEQUANTIZE from int8 to float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Region, TensorType
from tinyc.ops.guard import int8


@dataclass(frozen=True)
class Dequantize(Op):
    """inputs: x int8 of any shape; output: float32."""

    kind: ClassVar[str] = "dequantize"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        return (int8(self, types, 0).shape,)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, t = values[0], types[0]
        assert x is not None and t is not None
        return (dequantize(x, t),)

    def input_region(
        self, index: int, region: Region, types: Sequence[TensorType | None], out: TensorType
    ) -> Region:
        del index, types, out
        return region


def dequantize(x: Array, t: TensorType) -> Array:
    """scale * (x - zero point), exact in double, rounded once to float32."""
    with np.errstate(all="ignore"):
        return (t.q.scale * (x.astype(np.float64) - t.q.zero_point)).astype(np.float32)
