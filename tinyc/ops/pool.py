"""Base of AVERAGE_POOL_2D and MAX_POOL_2D: a window over each channel, padding left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from tinyc.ir import Activation, Array, Operands, Reference, Region, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import Int64, clamp_int8
from tinyc.ops.guard import activation_fits, images, need, tflm_needs
from tinyc.ops.windowed import Windowed


@dataclass(frozen=True)
class Pool2D(Windowed):
    """inputs: x [1, H, W, C] int8; output: [1, OH, OW, C] int8 of x's scale and zero point."""

    activation: Activation = Activation.NONE

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = images(self, types.x)
        size = self.output_size(x)
        need(
            self.window.every_output_sees_input(*x.shape[1:3]),
            self,
            f"window {list(self.window.kernel)} with padding {list(self.window.padding)} covers only padding",
        )
        return ((x.shape[0], *size, x.shape[3]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x.q, outs[0].q
        same = abs(x.scale - out.scale) <= 1e-6 and x.zero_point == out.zero_point
        tflm_needs(same, self, reference, f"output quantization {out} differs from the input's {x}")
        activation_fits(self, self.activation, outs[0])

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        return True

    def keeps_channels(self, rank: int) -> bool:
        return True

    def pooled(self, seen: Int64, x: TensorType) -> Int64:
        """Return [C], the output pixel before the activation. seen: [n, C], the input's pixels under the window."""
        raise NotImplementedError

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        result = np.empty(outs[0].shape, np.int64)
        for row, column, seen in self._pixels(values.x, outs[0]):
            result[0, row, column] = self.pooled(seen.astype(np.int64), types.x)
        return (clamp_int8(result, *clamp(self.activation, outs[0])),)

    def _pixels(self, x: Array, out: TensorType) -> Iterator[tuple[int, int, Array]]:
        """(row, column, [n, C] of the input pixels seen) for every output pixel."""
        _, h, w, c = x.shape
        for y in range(out.shape[1]):
            for z in range(out.shape[2]):
                seen = self.window.region(Region(y, y + 1, z, z + 1), h, w)
                yield y, z, x[0, seen.row0 : seen.row1, seen.col0 : seen.col1].reshape(-1, c)
