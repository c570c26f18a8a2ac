"""BATCH_MATMUL: products of matrices, one for each index of the dimensions before the last two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, TensorType
from tinyc.numerics.fixed_point import clamp_int8
from tinyc.numerics.requant import Requant, requant
from tinyc.ops.guard import need, scale_fits

#: Longest vector whose products add up in 32 bits.
MAX_DEPTH = 2**15


@dataclass(frozen=True)
class BatchMatMul(Op):
    """inputs: a [..., rows, depth] and b [..., depth, columns] int8; output: [..., rows, columns] int8.

    The dimensions before the last two are the same, or 1 where a matrix is used again and again.
    """

    a = Operand(0)
    b = Operand(1)

    #: Whether a lies as [..., depth, rows], and b as [..., columns, depth].
    adj_x: bool
    adj_y: bool

    kind: ClassVar[str] = "batch_matmul"
    is_signed_only: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        a, b = types.a, types.b
        for t, what in ((a, "first"), (b, "second")):
            need(
                2 <= len(t.shape) <= 5 and t.elements > 0,
                self,
                f"{what} input has shape {list(t.shape)}; 2 to 5 dimensions are needed",
            )
        rows, depth = a.shape[-2:][:: -1 if self.adj_x else 1]
        height, columns = b.shape[-2:][:: -1 if self.adj_y else 1]
        need(
            depth == height, self, f"matrices [{rows}, {depth}] and [{height}, {columns}] do not go together"
        )
        need(depth <= MAX_DEPTH, self, f"vectors of {depth}; at most {MAX_DEPTH} are supported")
        try:
            before = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        except ValueError:
            need(False, self, f"shapes {list(a.shape)} and {list(b.shape)} do not broadcast")
        return ((*before, rows, columns),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        scale_fits(self, _scale(types, outs[0]))

    def requant(self, types: Operands[TensorType], out: TensorType) -> Requant:
        """Return the multiplier and shift of the sums."""
        return requant((_scale(types, out),))

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        a, b = (x.astype(np.float64) - t.q.zero_point for x, t in ((values.a, types.a), (values.b, types.b)))
        left = a.swapaxes(-1, -2) if self.adj_x else a
        right = b.swapaxes(-1, -2) if self.adj_y else b
        scaled = self.requant(types, outs[0]).apply((left @ right).astype(np.int64))
        return (clamp_int8(scaled + outs[0].q.zero_point, -128, 127),)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        return outs[0].elements * types.a.shape[-2 if self.adj_x else -1]


def _scale(types: Operands[TensorType], out: TensorType) -> float:
    """The factor from the sums to the output's bytes; the references multiply both scales in float32."""
    product = np.float32(types.a.q.scale) * np.float32(types.b.q.scale)
    return float(product) / out.q.scale
