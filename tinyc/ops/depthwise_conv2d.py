"""DEPTHWISE_CONV_2D: `multiplier` filters per input channel; weights [1, KH, KW, C * multiplier]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Activation, Array, Operands, Reference, TensorType
from tinyc.numerics.requant import Requant, centred, conv_requant
from tinyc.ops.conv2d import bias_of, filter_of, patches
from tinyc.ops.guard import convolution_fits, images, litert_needs, need
from tinyc.ops.weighted import Weighted
from tinyc.ops.windowed import Windowed


@dataclass(frozen=True)
class DepthwiseConv2D(Weighted, Windowed):
    """inputs: x [1, H, W, C] int8, weights [1, KH, KW, N] int8, bias [N] int32 or ""; N = C * multiplier.

    Output channel c * multiplier + m is filter m of input channel c.
    """

    multiplier: int
    activation: Activation = Activation.NONE

    kind: ClassVar[str] = "depthwise_conv2d"
    neutral_real: ClassVar[float | None] = 0.0

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        w = filter_of(self, types, self.window)
        channels = x.shape[3]
        need(
            w.shape[0] == 1 and w.shape[3] == channels * self.multiplier,
            self,
            f"weights have shape {list(w.shape)}; [1, KH, KW, {channels} * {self.multiplier}] is needed",
        )
        bias_of(self, types, w.shape[3])
        return ((x.shape[0], *self.output_size(x), w.shape[3]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        convolution_fits(self, self.activation, types, constants, outs[0], types.weights.shape[3])
        bias = types.get("bias")
        zero = bias is None or bias.quant is None or bias.q.zero_point == 0
        litert_needs(zero, self, reference, "bias zero point is not 0")

    def neutral(self, x: TensorType) -> int | None:
        return x.q.zero_point

    def requant(self, types: Operands[TensorType], out: TensorType) -> Requant:
        x, w = types.x, types.weights
        return conv_requant(x, w, out, w.shape[3])

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, w, bias = values.x, centred(values.weights, types.weights), values.get("bias")
        tx, out = types.x, outs[0]
        columns = patches(x, self.window, tx.q.zero_point, out.shape[1], out.shape[2])
        columns = np.repeat(columns, self.multiplier, axis=-1)
        acc = np.einsum("yxijc,ijc->yxc", columns, w[0].astype(np.float64)).astype(np.int64)
        return (self.requant(types, out).to_bytes(acc, bias, out, self.activation)[None],)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        return outs[0].elements * self.window.kernel[0] * self.window.kernel[1]
