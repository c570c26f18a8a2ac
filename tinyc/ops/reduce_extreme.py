"""Base of REDUCE_MAX and REDUCE_MIN: bytes compared along any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.ops.guard import same_quant
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class ReduceExtreme(Reduction):
    """Inputs and output as in Reduction; the output has x's scale and zero point, so that bytes compare as values."""

    def choose(self, x: Array) -> Array:
        """Return the largest or the smallest of the elements along the axes."""
        raise NotImplementedError

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
        return (self.choose(values.x).reshape(outs[0].shape),)
