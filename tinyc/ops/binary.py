"""Base of ADD, SUB and MUL: two int8 operands, broadcast as numpy does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Activation, Array, Op, Operand, Operands, Reference, TensorType
from tinyc.numerics.binary import BinaryParams, above_zero_point, added, sum_params, to_bytes
from tinyc.numerics.fixed_point import Int64
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import activation_fits, need, tflm_needs


@dataclass(frozen=True)
class Binary(Broadcast):
    """inputs: a, b; output: what the op makes of them, after the activation."""

    a = Operand(0)
    b = Operand(1)

    activation: Activation = Activation.NONE

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        a, b = types.a.shape, types.b.shape
        rank = max(len(a), len(b)) if a != b else 0
        tflm_needs(rank <= 4, self, reference, "broadcasting of more than 4 dimensions")
        need(rank <= 6, self, "broadcasting of more than 6 dimensions")
        activation_fits(self, self.activation, outs[0])

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


@dataclass(frozen=True)
class Additive(Binary):
    """inputs: a, b int8; output: a + sign * b, int8."""

    sign: ClassVar[int]

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
        return added(a, b, params, self.sign)


def sum_fits(op: Op, types: Operands[TensorType], out: TensorType) -> None:
    """Check the scales of ADD and SUB.

    An output multiplier of 1 or more aborts ADD in both references and SUB in TFLM; LiteRT's SUB shifts by a negative
    number there.
    """
    p = sum_params(types, out)
    need(p.a_multiplier > 0 or p.b_multiplier > 0, op, "input scales are 0")
    need(p.out_shift <= 0, op, "input scales are too large for the output's: their ratio is above 2**19")
