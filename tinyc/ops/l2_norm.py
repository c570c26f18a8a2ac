"""L2_NORMALIZATION: each vector divided by its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.inverse_sqrt import normalized
from tinyc.ops.guard import need

#: Longest vector whose squares add up in 32 bits.
MAX_DEPTH = 2**15


@dataclass(frozen=True)
class L2Norm(Op):
    """inputs: x [..., depth] int8; output: the same shape, int8, scale 1/128, zero point 0."""

    x = Operand(0)

    kind: ClassVar[str] = "l2_norm"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(bool(x.shape) and x.elements > 0, self, f"input has shape {list(x.shape)}")
        need(x.shape[-1] <= MAX_DEPTH, self, f"vectors of {x.shape[-1]}; at most {MAX_DEPTH} are supported")
        return (x.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        q = outs[0].q
        need(q.scale == 1 / 128, self, f"output scale is {q.scale:g}; 1/128 is needed")
        need(q.zero_point == 0, self, f"output zero point is {q.zero_point}; 0 is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        diff = values.x.astype(np.int64) - types.x.q.zero_point
        unsigned = types.x.is_unsigned
        rows = [normalized(row, unsigned=unsigned) for row in diff.reshape(-1, diff.shape[-1])]
        return (np.stack(rows).reshape(diff.shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
