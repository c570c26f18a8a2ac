"""What FULLY_CONNECTED is whether its weights are constant or computed: vectors times a matrix [O, I]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Operands, Reference, TensorType
from tinyc.numerics.dense import rounds_once, to_bytes
from tinyc.numerics.requant import Requant, bias_scale_fits, centred, real_scales, requant
from tinyc.ops.guard import activation_fits, need, other_bias_scale, scale_fits
from tinyc.ops.weighted import Weighted


@dataclass(frozen=True)
class Dense(Weighted):
    """inputs: x int8 of n * I elements, weights [O, I] int8, bias [O] int32 or ""; output: n * O int8."""

    activation: Activation = Activation.NONE
    #: Whether the output has x's shape with the last dimension O, else [n, O].
    keep_dims: bool = False

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x, w = types.x, types.weights
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
            need(bias.elements == outputs, self, f"{bias.elements} biases for {outputs} outputs")
        if self.keep_dims:
            need(
                bool(x.shape) and x.shape[-1] == depth,
                self,
                f"input has shape {list(x.shape)}; its last dimension must be {depth}",
            )
            return ((*x.shape[:-1], outputs),)
        return ((x.elements // depth, outputs),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, w, out, bias = types.x, types.weights, outs[0], types.get("bias")
        self.check_weights(w, constants)
        if bias is not None:
            need(constants.get("bias") is not None, self, "bias must be a constant")
            need(bias.dtype == "int32", self, f"bias is {bias.dtype}; only int32 is supported")
        if bias is not None and not w.q.per_channel:
            need(bias_scale_fits(x, w, bias, out), self, other_bias_scale(x, w, bias))
        activation_fits(self, self.activation, outs[0])
        scales = real_scales(x, w, out)
        for real in scales:
            scale_fits(self, real)
        if rounds_once(reference) and max(scales) >= 0.5:
            reach = self.reach(w, constants)
            need(
                bool((reach * np.array(scales) < 2.0**31 - 256).all()),
                self,
                f"effective scale {max(scales):g} can exceed 32 bits",
            )

    def check_weights(self, w: TensorType, constants: Operands[Array]) -> None:
        """Check type and quantization of the weights."""
        raise NotImplementedError

    def reach(self, w: TensorType, constants: Operands[Array]) -> npt.NDArray[np.float64]:
        """Return the greatest magnitude that each accumulator can have, or one for all."""
        raise NotImplementedError

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
        left = x.reshape(-1, w.shape[1]).astype(np.float64) - tx.q.zero_point
        acc = (left @ centred(w, tw).astype(np.float64).T).astype(np.int64)
        if bias is not None:
            acc += bias.astype(np.int64).reshape(-1)
        result = to_bytes(acc, tx, tw, out, self.activation, reference)
        return (result.reshape(out.shape),)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        w = types.weights
        return outs[0].elements * w.shape[1]
