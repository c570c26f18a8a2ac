"""PRELU: x, or alpha * x where x is negative, alpha a tensor that broadcasts to x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import prelu
from tinyc.ops.broadcast import Broadcast


@dataclass(frozen=True)
class Prelu(Broadcast):
    """inputs: x int8, alpha int8; output: int8 of x's shape."""

    x = Operand(0)
    alpha = Operand(1)

    kind: ClassVar[str] = "prelu"

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (prelu(values.x, values.alpha, types, outs[0], reference),)
