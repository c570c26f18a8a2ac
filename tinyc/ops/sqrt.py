"""SQRT: the square root of x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Sqrt(Function):
    """inputs: x int8 or float32; output: the same, the square root of x."""

    kind: ClassVar[str] = "sqrt"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        kind = types.x.dtype
        need(kind == "float32", self, f"SQRT of {kind} does not exist; only of float32")
        super().check(types, constants, outs, reference)

    def real(self, x: Float32) -> Float32:
        return np.sqrt(x)
