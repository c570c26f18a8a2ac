"""PAD, PADV2: a border of one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.affine import byte_of
from tinyc.ops.guard import need


@dataclass(frozen=True)
class Pad(Op):
    """inputs: x int8; output: x inside a border of `value`."""

    x = Operand(0)

    #: (before, after) elements along each dimension.
    pads: tuple[tuple[int, int], ...]
    #: A real number.
    value: float = 0.0

    kind: ClassVar[str] = "pad"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(
            len(self.pads) == len(x.shape),
            self,
            f"{len(self.pads)} pairs of paddings for {len(x.shape)} dimensions",
        )
        need(all(a >= 0 and b >= 0 for a, b in self.pads), self, f"negative padding in {self.pads}")
        return (tuple(a + n + b for n, (a, b) in zip(x.shape, self.pads, strict=True)),)

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        return True

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return True  # there is nothing around an input of the output's shape

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        fill = self.value if outs[0].dtype == "float32" else byte_of(self.value, outs[0])
        result = np.full(outs[0].shape, fill, x.dtype)
        inside = tuple(slice(a, a + n) for n, (a, _) in zip(x.shape, self.pads, strict=True))
        result[inside] = x
        return (result,)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        t = types.at(index)
        h, w, _ = t.hwc
        if len(t.shape) not in (3, 4) or t.shape[0] != 1 or out.shape[0] != 1:
            return Region(0, h, 0, w)
        top = self.pads[1][0]
        rows = min(max(region.row0 - top, 0), h), min(max(region.row1 - top, 0), h)
        if len(t.shape) == 3:
            return Region(*rows, 0, w)
        left = self.pads[2][0]
        return Region(*rows, min(max(region.col0 - left, 0), w), min(max(region.col1 - left, 0), w))
