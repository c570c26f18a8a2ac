"""Base of every op on two int8 operands, repeated against each other as numpy broadcasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Op, Operands, Region, TensorType
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Broadcast(Op):
    """inputs: a, b int8, either may be constant; output: int8 of the broadcast shape."""

    is_elementwise: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        a, b = types.all
        try:
            shape = np.broadcast_shapes(a.shape, b.shape)
        except ValueError:
            shape = None
        need(shape is not None, self, f"shapes {list(a.shape)} and {list(b.shape)} do not broadcast")
        assert shape is not None
        return (tuple(shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        t = types.at(index)
        h, w, _ = t.hwc
        if len(t.shape) != len(out.shape) and t.elements != 1:
            return Region(0, h, 0, w)
        oh, ow, _ = out.hwc
        rows = (region.row0, region.row1) if h == oh else (0, h)
        cols = (region.col0, region.col1) if w == ow else (0, w)
        return Region(*rows, *cols)
