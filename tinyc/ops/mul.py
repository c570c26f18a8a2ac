"""MUL of two int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Operands, Reference, TensorType
from tinyc.numerics.binary import BinaryParams, product_params
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.binary import Binary


@dataclass(frozen=True)
class Mul(Binary):
    """inputs: a, b int8; output: a * b, int8."""

    kind: ClassVar[str] = "mul"

    def params(self, types: Operands[TensorType], out: TensorType, reference: Reference) -> BinaryParams:
        return product_params(types, out, reference)

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        return a * b
