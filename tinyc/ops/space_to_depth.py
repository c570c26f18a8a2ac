"""SPACE_TO_DEPTH: pixels become channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import images, need


@dataclass(frozen=True)
class SpaceToDepth(Op):
    """inputs: x [1, B * H, B * W, C] int8; output: [1, H, W, B * B * C]; the channels of a pixel are B rows of B."""

    x = Operand(0)

    block: int

    kind: ClassVar[str] = "space_to_depth"
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        n, h, w, c = images(self, types.x).shape
        b = self.block
        need(b > 0 and h % b == 0 and w % b == 0, self, f"{h}x{w} pixels do not make up blocks of {b}x{b}")
        return ((n, h // b, w // b, c * b * b),)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, b = values.x, self.block
        _, h, w, c = x.shape
        blocks = x.reshape(h // b, b, w // b, b, c).transpose(0, 2, 1, 3, 4)
        return (np.ascontiguousarray(blocks).reshape(outs[0].shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return Region(*(self.block * n for n in (region.row0, region.row1, region.col0, region.col1)))
