"""NEG of float32 numbers, as converters write it between a DEQUANTIZE and a QUANTIZE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.ops.guard import need
from tinyc.ops.unary import Unary


@dataclass(frozen=True)
class Neg(Unary):
    """inputs: x float32 of any shape; output: -x, float32."""

    kind: ClassVar[str] = "neg"
    is_int8: ClassVar[bool] = False

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
