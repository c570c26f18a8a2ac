"""The generator's models as TensorFlow 1 wrote them: every tensor uint8, weights with one scale and a zero point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.modelgen.net import Net
from tests.modelgen.writer import TensorSpec


class UnsignedNet(Net):
    """Made as int8; the finished file has 128 more of everything."""

    def weights(self, shape: tuple[int, ...], axis: int, depth: int, source: int) -> tuple[int, int, int]:
        """As of int8, with a zero point that leaves all weights within a byte of it, all but a few, or only some."""
        scale = self.scale(-9, -4)
        zero = self.pick((-128, 0, 127)) if self.chance(0.15) else self.size(-60, 60)
        data = self.bytes(shape, -128)
        style = self.rng.random()
        if style < 0.75:
            data = np.clip(data.astype(int), zero - 127, zero + 127).astype(np.int8)
        if 0.25 <= style < 0.75:
            for _ in range(self.size(1, 3)):
                data[tuple(int(self.rng.integers(n)) for n in shape)] = -128 if zero > 0 else 127
        w = self.writer.tensor(shape, "int8", scale, zero, data=data, axis=axis)
        limit = 127 * 64 * max(1, int(depth**0.5))
        values = self.rng.integers(-limit, limit + 1, shape[axis])
        product = float(np.float32(self.spec(source).scale) * np.float32(scale))
        bias = self.writer.tensor((shape[axis],), "int32", product, 0, data=values)
        return w, bias, self.zero_point()

    def finish(self, outputs: Sequence[int]) -> bytes:
        self.writer.tensors = [_unsigned(t) for t in self.writer.tensors]
        return super().finish(outputs)


def _unsigned(t: TensorSpec) -> TensorSpec:
    """A tensor with 128 more; what is not int8 stays."""
    if t.dtype != "int8":
        return t
    data = None if t.data is None else t.data.view(np.uint8) ^ np.uint8(0x80)
    return replace(t, dtype="uint8", zero_points=tuple(z + 128 for z in t.zero_points), data=data)
