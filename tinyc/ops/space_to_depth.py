"""SPACE_TO_DEPTH: pixels become channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Region, TensorType
from tinyc.ops.guard import image, need


@dataclass(frozen=True)
class SpaceToDepth(Op):
    """inputs: x [1, B * H, B * W, C] int8; output: [1, H, W, B * B * C]; the channels of a pixel are B rows of B."""

    block: int

    kind: ClassVar[str] = "space_to_depth"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        _, h, w, c = image(self, types, 0).shape
        b = self.block
        need(b > 0 and h % b == 0 and w % b == 0, self, f"{h}x{w} pixels do not make up blocks of {b}x{b}")
        return ((1, h // b, w // b, c * b * b),)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, b = values[0], self.block
        assert x is not None
        _, h, w, c = x.shape
        blocks = x.reshape(h // b, b, w // b, b, c).transpose(0, 2, 1, 3, 4)
        return (np.ascontiguousarray(blocks).reshape(outs[0].shape),)

    def input_region(
        self, index: int, region: Region, types: Sequence[TensorType | None], out: TensorType
    ) -> Region:
        del index, types, out
        return Region(*(self.block * n for n in (region.row0, region.row1, region.col0, region.col1)))
