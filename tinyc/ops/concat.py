"""CONCATENATION along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operands, Reference, Region, TensorType
from tinyc.ops.guard import moves_bytes, need, one_quant, tflm_needs


@dataclass(frozen=True)
class Concat(Op):
    """inputs: one or more int8 tensors of the output's scale and zero point, any constant; output: all of them."""

    #: Along which they are joined, in [0, rank).
    axis: int

    kind: ClassVar[str] = "concat"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        shapes = [t.shape for t in types.all]
        need(bool(shapes), self, "no inputs")
        need(0 <= self.axis < len(shapes[0]), self, f"axis {self.axis} of {len(shapes[0])} dimensions")
        for shape in shapes:
            same = len(shape) == len(shapes[0]) and all(
                a == b or i == self.axis for i, (a, b) in enumerate(zip(shape, shapes[0], strict=True))
            )
            need(same, self, f"shapes {list(shapes[0])} and {list(shape)} do not join along axis {self.axis}")
        total = sum(shape[self.axis] for shape in shapes)
        return ((*shapes[0][: self.axis], total, *shapes[0][self.axis + 1 :]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        tflm_needs(len(self.inputs) <= 10, self, reference, f"{len(self.inputs)} inputs; at most 10")
        if moves_bytes(self, types, outs):
            one_quant(self, types, outs[0])

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return len(self.inputs) == 1

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.concatenate(values.all, axis=self.axis),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        t = types.at(index)
        h, w, _ = t.hwc
        if len(out.shape) not in (3, 4) or out.shape[0] != 1 or self.axis == 0:
            return Region(0, h, 0, w)
        before = sum(other.shape[self.axis] for other in types.all[:index])
        row = before if self.axis == 1 else 0
        col = before if self.axis == 2 and len(out.shape) == 4 else 0
        return Region(
            min(max(region.row0 - row, 0), h),
            min(max(region.row1 - row, 0), h),
            min(max(region.col0 - col, 0), w),
            min(max(region.col1 - col, 0), w),
        )
