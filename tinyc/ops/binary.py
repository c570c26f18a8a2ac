"""Base of ADD, SUB and MUL: two int8 operands, broadcast as numpy does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyc.ir import Activation, Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.binary import BinaryParams, above_zero_point, to_bytes
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.broadcast import Broadcast


@dataclass(frozen=True)
class Binary(Broadcast):
    """inputs: a, b; output: what the op makes of them, after the activation."""

    a = Operand(0)
    b = Operand(1)

    activation: Activation = Activation.NONE

    def params(self, types: Operands[TensorType], out: TensorType, reference: Reference) -> BinaryParams:
        """Return the integer constants that the reference derives from the scales."""
        raise NotImplementedError

    def combine(self, a: Int64, b: Int64, params: BinaryParams) -> Int64:
        """Return the result, not yet scaled to the output. a, b: bytes minus their zero points."""
        raise NotImplementedError

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        p = self.params(types, outs[0], reference)
        raw = self.combine(above_zero_point(values.a, types.a), above_zero_point(values.b, types.b), p)
        return (to_bytes(raw, p, outs[0], self.activation),)
