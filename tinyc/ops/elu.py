"""ELU: x, or e ** x - 1 where x is negative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import litert_needs


@dataclass(frozen=True)
class Elu(Function):
    """inputs: x int8 or float32; output: the same, x, or e ** x - 1 where x is negative."""

    kind: ClassVar[str] = "elu"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        litert_needs(False, self, reference, "the reference kernels have no ELU")
        super().check(types, constants, outs, reference)

    def real(self, x: Float32) -> Float32:
        return np.where(x < 0, np.expm1(x.astype(np.float64)).astype(np.float32), x).astype(np.float32)
