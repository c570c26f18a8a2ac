"""TILE: the input again and again along each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.ops.guard import need, tflm_needs


@dataclass(frozen=True)
class Tile(Op):
    """inputs: x int8; output: x `multiples[i]` times along dimension i."""

    x = Operand(0)

    #: Each above 0.
    multiples: tuple[int, ...]

    kind: ClassVar[str] = "tile"
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            len(self.multiples) == len(x.shape) and min(self.multiples, default=1) > 0,
            self,
            f"multiples {list(self.multiples)} of {len(x.shape)} dimensions",
        )
        return (tuple(n * m for n, m in zip(x.shape, self.multiples, strict=True)),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        tflm_needs(False, self, reference, "TILE does not exist")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        return (np.tile(x, self.multiples),)
