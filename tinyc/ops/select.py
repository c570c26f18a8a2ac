"""SELECT and SELECT_V2: of each pair of elements the first where a mask is true, else the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import int8, need

#: Dimensions that both references walk.
MAX_RANK = 5


@dataclass(frozen=True)
class Select(Op):
    """inputs: mask bool, a and b both int8 or both float32; output: of the broadcast shape, a's bytes or b's."""

    mask = Operand(0)
    a = Operand(1)
    b = Operand(2)

    kind: ClassVar[str] = "select"
    is_int8: ClassVar[bool] = False
    is_elementwise: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        shapes = [t.shape for t in types.all]
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            shape = None
        need(shape is not None, self, f"shapes {', '.join(str(list(s)) for s in shapes)} do not broadcast")
        assert shape is not None
        return (tuple(shape),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        out = outs[0]
        need(types.mask.dtype == "bool", self, f"input 0 is {types.mask.dtype}; bool is needed")
        need(
            len(out.shape) <= MAX_RANK, self, f"{len(out.shape)} dimensions; at most {MAX_RANK} are supported"
        )
        if {types.a.dtype, types.b.dtype, out.dtype} == {"float32"}:
            return
        for i, t in enumerate((types.a, types.b)):
            int8(self, t, f"input {i + 1}")
        int8(self, out, "output 0")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (np.where(values.mask, values.a, values.b),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        t = types.at(index)
        if t.hwc == out.hwc and len(t.shape) == len(out.shape):
            return region
        return Region(0, t.hwc[0], 0, t.hwc[1])
