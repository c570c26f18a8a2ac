"""FULLY_CONNECTED: vectors times a matrix; weights [O, I]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Activation, Array, Op, Operand, Operands, Reference, TensorType
from tinyc.numerics.dense import to_bytes
from tinyc.numerics.requant import Requant, real_scales, requant
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class FullyConnected(Op):
    """inputs: x int8 of n * I elements, weights [O, I] int8, bias [O] int32 or "".

    keep_dims: output is x's shape with the last dimension O, else [n, O].
    """

    x = Operand(0)
    weights = Operand(1)
    bias = Operand(2)

    activation: Activation = Activation.NONE
    keep_dims: bool = False

    kind: ClassVar[str] = "fully_connected"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x, w = int8(self, types.x), types.weights
        need(w.dtype == "int8", self, f"weights are {w.dtype}; only int8 is supported")
        need(
            len(w.shape) == 2 and w.elements > 0,
            self,
            f"weights have shape {list(w.shape)}; [O, I] is needed",
        )
        outputs, depth = w.shape
        need(
            x.elements > 0 and x.elements % depth == 0,
            self,
            f"input has {x.elements} elements, no multiple of the weights' {depth}",
        )
        bias = types.get("bias")
        if bias is not None:
            need(
                bias.dtype == "int32" and bias.elements == outputs,
                self,
                f"bias is {bias.dtype}{list(bias.shape)}; int32[{outputs}] is needed",
            )
        if self.keep_dims:
            need(
                bool(x.shape) and x.shape[-1] == depth,
                self,
                f"input has shape {list(x.shape)}; its last dimension must be {depth}",
            )
            return ((*x.shape[:-1], outputs),)
        return ((x.elements // depth, outputs),)

    def requant(self, types: Operands[TensorType], out: TensorType) -> Requant:
        """Return the multipliers of the rounding in fixed point, one per output channel or a single one."""
        return requant(real_scales(types.x, types.weights, out))

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, w, bias = values.x, values.weights, values.get("bias")
        tx, tw, out = types.x, types.weights, outs[0]
        weight_zp = 0 if tw.q.per_channel else tw.q.zero_point
        left = x.reshape(-1, w.shape[1]).astype(np.float64) - tx.q.zero_point
        acc = (left @ (w.astype(np.float64) - weight_zp).T).astype(np.int64)
        if bias is not None:
            acc += bias.astype(np.int64).reshape(-1)
        result = to_bytes(acc, tx, tw, out, self.activation, reference)
        return (result.reshape(out.shape),)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        w = types.weights
        return outs[0].elements * w.shape[1]
