"""The channel shuffle of ShuffleNet: what converters write as RESHAPE, TRANSPOSE, RESHAPE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import image, need


@dataclass(frozen=True)
class ChannelShuffle(Op):
    """inputs: x [1, H, W, G * C] int8; output: the same shape, [1, H, W, G, C] turned into [1, H, W, C, G]."""

    x = Operand(0)

    #: G.
    groups: int

    kind: ClassVar[str] = "channel_shuffle"
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = image(self, types.x)
        channels = x.shape[3]
        need(
            self.groups > 0 and channels % self.groups == 0,
            self,
            f"{channels} channels are no {self.groups} groups",
        )
        return (x.shape,)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        _, h, w, c = x.shape
        turned = x.reshape(h, w, self.groups, c // self.groups).swapaxes(2, 3)
        return (np.ascontiguousarray(turned).reshape(x.shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
