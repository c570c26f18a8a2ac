"""TRANSPOSE_CONV: every input pixel adds a window of weights to the output, windows `stride` apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Activation, Array, Operands, Reference, Region, TensorType
from tinyc.numerics.requant import Requant, centred, conv_requant
from tinyc.ops.conv2d import bias_of, filter_of
from tinyc.ops.guard import convolution_fits, images, need
from tinyc.ops.weighted import Weighted
from tinyc.ops.window import Window


@dataclass(frozen=True)
class TransposeConv(Weighted):
    """inputs: x [1, H, W, C] int8, weights [O, KH, KW, C] int8, bias [O] int32 or ""; output: [1, *size, O]."""

    #: As it lies on the output: input pixel i is added to outputs i * stride - padding and on, those beyond the output
    #: are dropped; its dilation is 1.
    window: Window
    #: Rows and columns of the output.
    size: tuple[int, int]
    activation: Activation = Activation.NONE

    kind: ClassVar[str] = "transpose_conv"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        w = filter_of(self, types, self.window)
        need(w.shape[3] == x.shape[3], self, f"{x.shape[3]} input channels, weights of {w.shape[3]}")
        need(min(self.size) > 0, self, f"output size is {list(self.size)}")
        bias_of(self, types, w.shape[0])
        return ((x.shape[0], *self.size, w.shape[0]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        convolution_fits(self, self.activation, types, constants, outs[0], types.weights.shape[0])

    def requant(self, types: Operands[TensorType], out: TensorType) -> Requant:
        x, w = types.x, types.weights
        return conv_requant(x, w, out, w.shape[0])

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x, w, bias = values.x, centred(values.weights, types.weights), values.get("bias")
        tx, out = types.x, outs[0]
        (kh, kw), (sh, sw), (top, left, _, _) = self.window.kernel, self.window.stride, self.window.padding
        (_, h, w_in, _), (rows, cols) = x.shape, self.size
        canvas = np.zeros(
            (max((h - 1) * sh + kh, top + rows), max((w_in - 1) * sw + kw, left + cols), w.shape[0])
        )
        above, weights = x[0].astype(np.float64) - tx.q.zero_point, w.astype(np.float64)
        for ky in range(kh):
            for kx in range(kw):
                seen = np.s_[ky : ky + (h - 1) * sh + 1 : sh, kx : kx + (w_in - 1) * sw + 1 : sw]
                canvas[seen] += above @ weights[:, ky, kx].T
        acc = canvas[top : top + rows, left : left + cols].astype(np.int64)
        return (self.requant(types, out).to_bytes(acc, bias, out, self.activation)[None],)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        assert index == 0
        height, width, _ = types.x.hwc
        (kh, kw), (sh, sw), (top, left, _, _) = self.window.kernel, self.window.stride, self.window.padding
        rows = _sources(region.row0 + top, region.row1 + top, kh, sh, height)
        cols = _sources(region.col0 + left, region.col1 + left, kw, sw, width)
        return Region(*rows, *cols)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        x, w = types.x, types.weights
        return x.elements * w.shape[0] * w.shape[1] * w.shape[2]


def _sources(start: int, stop: int, kernel: int, stride: int, size: int) -> tuple[int, int]:
    """Input indices [low, high) whose windows touch [start, stop), counted from the first window's beginning."""
    low = min(max(-((kernel - 1 - start) // stride), 0), size)
    return low, min(max((stop - 1) // stride + 1, low), size)
