"""FULLY_CONNECTED: vectors times a matrix; weights [O, I]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, TensorType
from tinyc.numerics.fixed_point import clamp_int8, quantize_multiplier, round_half_away_array, wrap_int32
from tinyc.numerics.requant import Requant
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class FullyConnected(Op):
    """inputs: x int8 of n * I elements, weights [O, I] int8, bias [O] int32 or "".

    act_min, act_max: clamp of the output byte by the fused activation;
    rounding: "double" rounds twice in fixed point (TFLM), "float64" once, in double (LiteRT's reference);
    keep_dims: output is x's shape with the last dimension O, else [n, O].
    """

    x = Operand(0)
    weights = Operand(1)
    bias = Operand(2)

    act_min: int
    act_max: int
    rounding: Literal["double", "float64"]
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

    def real_scales(self, types: Operands[TensorType], out: TensorType) -> tuple[float, ...]:
        """s_x * s_w / s_out, one per output channel or a single one."""
        x, w = types.x, types.weights
        return tuple(x.q.scale * s / out.q.scale for s in w.q.scales)

    def requant(self, types: Operands[TensorType], out: TensorType) -> Requant:
        """Multipliers of the "double" rounding, one per output channel or a single one."""
        pairs = [quantize_multiplier(s) for s in self.real_scales(types, out)]
        return Requant(tuple(m for m, _ in pairs), tuple(s for _, s in pairs))

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, w, bias = values.x, values.weights, values.get("bias")
        tx, tw, out = types.x, types.weights, outs[0]
        weight_zp = 0 if tw.q.per_channel else tw.q.zero_point
        left = x.reshape(-1, w.shape[1]).astype(np.float64) - tx.q.zero_point
        acc = (left @ (w.astype(np.float64) - weight_zp).T).astype(np.int64)
        if bias is not None:
            acc += bias.astype(np.int64).reshape(-1)
        acc = wrap_int32(acc)
        if self.rounding == "double":
            scaled = self.requant(types, out).apply(acc)
        else:
            scaled = round_half_away_array(acc * np.array(self.real_scales(types, out)))
        result = clamp_int8(scaled + out.q.zero_point, self.act_min, self.act_max)
        return (result.reshape(out.shape),)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        w = types.weights
        return outs[0].elements * w.shape[1]
