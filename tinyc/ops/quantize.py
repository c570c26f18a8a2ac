"""QUANTIZE from float32 to int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.affine import quantize
from tinyc.ops.guard import int8, need
from tinyc.ops.unary import Unary


@dataclass(frozen=True)
class Quantize(Unary):
    """inputs: x float32 of any shape; output: round(x / scale) + zero point, saturated, int8."""

    kind: ClassVar[str] = "quantize"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        need(x.dtype == "float32", self, f"input is {x.dtype}; float32 is needed")
        int8(self, out, "output 0")
        need(out.q.scale >= 2.0**-23, self, f"output scale is {out.q.scale:g}; 2**-23 or more is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (quantize(x, outs[0]),)
