"""REDUCE_MAX over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.ops.guard import same_quant
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class ReduceMax(Reduction):
    """Inputs and output as in Reduction; the output has x's scale and zero point."""

    kind: ClassVar[str] = "reduce_max"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        same_quant(self, types.x, outs[0])

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        return True

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (np.asarray(x.max(axis=self.axes)).reshape(outs[0].shape),)
