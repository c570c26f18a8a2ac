"""PACK: tensors of one shape joined along a new axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operands, Reference, TensorType
from tinyc.ops.guard import moves_bytes, need, one_quant


@dataclass(frozen=True)
class Pack(Op):
    """inputs: one or more int8 tensors of one shape, of the output's scale and zero point, any of them constant."""

    #: Of the output, in [0, rank of an input].
    axis: int

    kind: ClassVar[str] = "pack"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        shapes = [t.shape for t in types.all]
        need(bool(shapes), self, "no inputs")
        need(
            len(set(shapes)) == 1,
            self,
            f"shapes {', '.join(str(list(s)) for s in dict.fromkeys(shapes))} differ",
        )
        need(0 <= self.axis <= len(shapes[0]), self, f"axis {self.axis} of {len(shapes[0]) + 1} dimensions")
        return ((*shapes[0][: self.axis], len(shapes), *shapes[0][self.axis :]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        if moves_bytes(self, types, outs):
            one_quant(self, types, outs[0])

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.stack(values.all, axis=self.axis),)
