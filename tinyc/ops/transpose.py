"""TRANSPOSE: dimensions in another order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import moves_bytes, need


@dataclass(frozen=True)
class Transpose(Op):
    """inputs: x int8; output: dimension i is dimension perm[i] of x."""

    x = Operand(0)

    perm: tuple[int, ...]

    kind: ClassVar[str] = "transpose"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            sorted(self.perm) == list(range(len(x.shape))),
            self,
            f"{list(self.perm)} is no permutation of {len(x.shape)} dimensions",
        )
        return (tuple(x.shape[i] for i in self.perm),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        moves_bytes(self, types, outs)

    def keeps_channels(self, rank: int) -> bool:
        return rank > 0 and self.perm[-1] == rank - 1

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return self.perm == tuple(range(len(self.perm)))

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (np.ascontiguousarray(x.transpose(self.perm)),)
