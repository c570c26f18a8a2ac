"""CONV_2D: 2-D convolution, weights [O, KH, KW, I]; I divides the input channels (groups)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Op, Operands, Reference, TensorType
from tinyc.numerics.requant import Requant, centred, conv_requant
from tinyc.ops.guard import convolution_fits, images, litert_needs, need
from tinyc.ops.weighted import Weighted
from tinyc.ops.window import Window
from tinyc.ops.windowed import Windowed


@dataclass(frozen=True)
class Conv2D(Weighted, Windowed):
    """inputs: x [1, H, W, C] int8, weights [O, KH, KW, I] int8, bias [O] int32 or "".

    Only while a file is read, a batch may be the phases of a dilated image.
    """

    activation: Activation = Activation.NONE

    kind: ClassVar[str] = "conv2d"
    neutral_real: ClassVar[float | None] = 0.0

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        w = filter_of(self, types, self.window)
        channels, (outputs, _, _, per_group) = x.shape[3], w.shape
        need(
            channels % per_group == 0 and outputs % (channels // per_group) == 0,
            self,
            f"{channels} input channels, {outputs} filters of {per_group}: no whole number of groups",
        )
        bias_of(self, types, outputs)
        return ((x.shape[0], *self.output_size(x), outputs),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        convolution_fits(self, self.activation, types, constants, outs[0], types.weights.shape[0])
        bias = types.get("bias")
        litert_needs(bias is not None, self, reference, "no bias; LiteRT needs one")
        zero = bias is None or bias.quant is None or bias.q.zero_point == 0
        litert_needs(zero, self, reference, "bias zero point is not 0")

    def neutral(self, x: TensorType) -> int | None:
        return x.q.zero_point

    def groups(self, types: Operands[TensorType]) -> int:
        """Return how many groups the channels are in: an output channel reads the input channels of its own."""
        return types.x.shape[3] // types.weights.shape[3]

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
        columns = patches(x, self.window, tx.q.zero_point, out.shape[1], out.shape[2])
        n_out, _, _, per_group = w.shape
        groups = self.groups(types)
        acc = np.empty((out.shape[1], out.shape[2], n_out), np.int64)
        share = n_out // groups
        for g in range(groups):
            part = columns[..., g * per_group : (g + 1) * per_group].reshape(out.shape[1], out.shape[2], -1)
            mine = w[g * share : (g + 1) * share].reshape(share, -1).astype(np.float64)
            acc[..., g * share : (g + 1) * share] = (part @ mine.T).astype(np.int64)
        return (self.requant(types, out).to_bytes(acc, bias, out, self.activation)[None],)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        w = types.weights
        return outs[0].elements * w.shape[1] * w.shape[2] * w.shape[3]


def filter_of(op: Op, types: Operands[TensorType], window: Window) -> TensorType:
    """Return the type of the weights: of rank 4, their size that of the window."""
    w = types.weights
    need(
        len(w.shape) == 4 and w.elements > 0 and w.shape[1:3] == window.kernel,
        op,
        f"weights have shape {list(w.shape)}; a kernel of {list(window.kernel)} in rank 4 is needed",
    )
    return w


def bias_of(op: Op, types: Operands[TensorType], channels: int) -> None:
    """Check that there is one bias per output channel, or none."""
    bias = types.get("bias")
    need(
        bias is None or bias.elements == channels,
        op,
        f"{0 if bias is None else bias.elements} biases for {channels} output channels",
    )


def patches(x: Array, window: Window, zero_point: int, out_h: int, out_w: int) -> npt.NDArray[np.float64]:
    """x: [1, H, W, C] int8 -> [OH, OW, KH, KW, C] float64 of x - zero_point, 0 in the padding.

    Products and sums of these are whole numbers below 2**53: exact in float64, and fast.
    """
    _, h, w, c = x.shape
    (kh, kw), (sh, sw), (dh, dw) = window.kernel, window.stride, window.dilation
    top, left, _, _ = window.padding
    eh, ew = window.extent
    need_h, need_w = (out_h - 1) * sh + eh, (out_w - 1) * sw + ew
    padded = np.zeros((max(need_h, top + h), max(need_w, left + w), c))
    padded[top : top + h, left : left + w] = x[0].astype(np.float64) - zero_point
    view = np.lib.stride_tricks.sliding_window_view(padded, (eh, ew), axis=(0, 1))
    picked = view[: need_h - eh + 1 : sh, : need_w - ew + 1 : sw, :, ::dh, ::dw]
    assert picked.shape == (out_h, out_w, c, kh, kw)
    return picked.transpose(0, 1, 3, 4, 2)
