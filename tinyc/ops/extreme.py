"""Base of MAXIMUM and MINIMUM: two int8 operands, compared byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyc.ir import Array, Operand, Operands, Reference, TensorType
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import same_quant


@dataclass(frozen=True)
class Extreme(Broadcast):
    """inputs: a, b int8; output: one of each pair, all in one scale, so that bytes compare as their values do."""

    a = Operand(0)
    b = Operand(1)

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        return True

    def choose(self, a: Array, b: Array) -> Array:
        """Return the larger or the smaller of each pair, broadcast."""
        raise NotImplementedError

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        for i, t in enumerate(types.all):
            same_quant(self, t, outs[0], f"that of input {i},")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        a, b = values.a, values.b
        return (np.asarray(self.choose(a, b), np.int8),)
