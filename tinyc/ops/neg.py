"""NEG of float32 numbers, as converters write it between a DEQUANTIZE and a QUANTIZE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Neg(Op):
    """inputs: x float32 of any shape; output: -x, float32."""

    x = Operand(0)

    kind: ClassVar[str] = "neg"
    is_int8: ClassVar[bool] = False
    is_elementwise: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        for what, t in (("input", types.x), ("output", outs[0])):
            need(t.dtype == "float32", self, f"{what} is {t.dtype}; float32 is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (np.negative(x.astype(np.float32)),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
