"""MUL of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.binary import BinaryParams, product_params, product_scale
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.binary import Binary
from tinyc.ops.guard import PRODUCT_SHIFT, scale_fits


@dataclass(frozen=True)
class Mul(Binary):
    """inputs: a, b int8; output: a * b, int8."""

    kind: ClassVar[str] = "mul"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        super().check(types, constants, outs, reference)
        scale_fits(self, product_scale(types, outs[0], reference), most=PRODUCT_SHIFT)

    def params(self, types: Operands[TensorType], out: TensorType, reference: Reference) -> BinaryParams:
        return product_params(types, out, reference)

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        return a * b
