"""L2_NORMALIZATION: each vector divided by its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.inverse_sqrt import normalized
from tinyc.ops.guard import need
from tinyc.ops.vectors import Vectors


@dataclass(frozen=True)
class L2Norm(Vectors):
    """inputs: x [..., depth] int8; output: the same shape, int8, scale 1/128, zero point 0."""

    kind: ClassVar[str] = "l2_norm"
    most: ClassVar[int] = 2**15  # whose squares add up in 32 bits

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
