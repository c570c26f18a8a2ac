"""The same bytes in another place, as an output of the model that is a constant needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType


@dataclass(frozen=True)
class Copy(Op):
    """inputs: x of any type; output: x's bytes, of the same type."""

    x = Operand(0)

    kind: ClassVar[str] = "copy"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape,)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (values.x,)
