"""REDUCE_PROD over any axes, of float32."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.ops.guard import need
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class ReduceProd(Reduction):
    """inputs: x float32; output: the product along the axes, of shape as in Reduction."""

    kind: ClassVar[str] = "reduce_prod"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        kind = types.x.dtype
        need(kind == "float32", self, f"REDUCE_PROD of {kind} is not supported; only of float32")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        found = np.prod(values.x.astype(np.float32), axis=self.axes, keepdims=self.keep_dims)
        return (np.asarray(found, np.float32),)
