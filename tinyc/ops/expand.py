"""BROADCAST_TO and FILL: a tensor repeated along dimensions of 1 and in front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import moves_bytes, need


@dataclass(frozen=True)
class Expand(Op):
    """inputs: x int8; output: x repeated to `shape` as numpy broadcasts."""

    x = Operand(0)

    #: Of the output.
    shape: tuple[int, ...]

    kind: ClassVar[str] = "expand"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        try:
            fits = np.broadcast_shapes(types.x.shape, self.shape) == self.shape
        except ValueError:
            fits = False
        need(fits, self, f"shape {list(types.x.shape)} does not broadcast to {list(self.shape)}")
        return (self.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        moves_bytes(self, types, outs)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.ascontiguousarray(np.broadcast_to(values.x, self.shape)),)
