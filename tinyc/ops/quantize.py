"""QUANTIZE from float32 to int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.affine import quantize
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
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (quantize(x, outs[0]),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
