"""NEG of float32 numbers, as converters write it between a DEQUANTIZE and a QUANTIZE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Region, TensorType
from tinyc.ops.guard import need, present


@dataclass(frozen=True)
class Neg(Op):
    """inputs: x float32 of any shape; output: -x, float32."""

    kind: ClassVar[str] = "neg"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        x = present(self, types, 0)
        need(x.dtype == "float32", self, f"input is {x.dtype}; float32 is needed")
        return (x.shape,)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x = values[0]
        assert x is not None
        return (np.negative(x.astype(np.float32)),)

    def input_region(
        self, index: int, region: Region, types: Sequence[TensorType | None], out: TensorType
    ) -> Region:
        del index, types, out
        return region
