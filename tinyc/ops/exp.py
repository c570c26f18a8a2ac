"""EXP: e to the power of x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import tflm_needs


@dataclass(frozen=True)
class Exp(Function):
    """inputs: x int8 or float32; output: the same, e ** x."""

    kind: ClassVar[str] = "exp"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        is_float = types.x.dtype == "float32"
        tflm_needs(is_float, self, reference, "EXP of int8 does not exist")
        super().check(types, constants, outs, reference)

    def real(self, x: Float32) -> Float32:
        return np.exp(x.astype(np.float64)).astype(np.float32)
