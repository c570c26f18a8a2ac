"""DEQUANTIZE from int8 to float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.affine import dequantize
from tinyc.ops.guard import int8, need
from tinyc.ops.unary import Unary


@dataclass(frozen=True)
class Dequantize(Unary):
    """inputs: x int8 of any shape; output: scale * (x - zero point), float32."""

    kind: ClassVar[str] = "dequantize"
    is_int8: ClassVar[bool] = False

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
