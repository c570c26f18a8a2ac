"""DEPTH_TO_SPACE: channels become pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import images, need


@dataclass(frozen=True)
class DepthToSpace(Op):
    """inputs: x [1, H, W, B * B * C] int8; output: [1, B * H, B * W, C].

    The channels of a pixel are B rows of B pixels.
    """

    x = Operand(0)

    block: int

    kind: ClassVar[str] = "depth_to_space"
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        n, h, w, c = images(self, types.x).shape
        b = self.block
        need(b > 0 and c % (b * b) == 0, self, f"{c} channels do not make up blocks of {b}x{b} pixels")
        return ((n, h * b, w * b, c // (b * b)),)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, b = values.x, self.block
        _, h, w, c = x.shape
        pixels = x.reshape(h, w, b, b, c // (b * b)).transpose(0, 2, 1, 3, 4)
        return (np.ascontiguousarray(pixels).reshape(outs[0].shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        b = self.block
        return Region(region.row0 // b, -(-region.row1 // b), region.col0 // b, -(-region.col1 // b))
