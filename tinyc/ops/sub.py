"""SUB of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.binary import BinaryParams, added, sum_params
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.binary import Binary, sum_fits


@dataclass(frozen=True)
class Sub(Binary):
    """inputs: a, b int8; output: a - b, int8."""

    kind: ClassVar[str] = "sub"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        super().check(types, constants, outs, reference)
        sum_fits(self, types, outs[0])

    def params(self, types: Operands[TensorType], out: TensorType, reference: Reference) -> BinaryParams:
        return sum_params(types, out)

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        return added(a, b, params, -1)
