"""DEQUANTIZE from int8 to float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.affine import dequantize
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class Dequantize(Op):
    """inputs: x int8 of any shape; output: float32."""

    x = Operand(0)

    kind: ClassVar[str] = "dequantize"
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
        int8(self, types.x, "input 0")
        need(outs[0].dtype == "float32", self, f"output is {outs[0].dtype}; float32 is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, t = values.x, types.x
        return (dequantize(x, t),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
