"""A network in the making: the writer, a random generator, and choices that every op needs."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeVar

import numpy as np

from tests.modelgen.writer import Array, ModelWriter, TensorSpec

_T = TypeVar("_T")

#: Fused activations by their number in the file: NONE, RELU, RELU_N1_TO_1, RELU6.
ACTIVATIONS = (0, 1, 2, 3)

#: Channel counts that are awkward for kernels working on 2, 4, 8 or 16 at a time, and some that are not.
CHANNELS = (1, 2, 3, 4, 5, 7, 8, 16, 17, 33)


class Net:
    """Tensors are named by their number in the file. All randomness comes from `rng`."""

    def __init__(self, name: str, rng: np.random.Generator) -> None:
        self.rng = rng
        self.writer = ModelWriter(name)
        self.inputs: list[int] = []

    def spec(self, tensor: int) -> TensorSpec:
        return self.writer.tensors[tensor]

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.spec(tensor).shape

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def pick(self, choices: Sequence[_T]) -> _T:
        return choices[int(self.rng.integers(len(choices)))]

    def size(self, low: int, high: int) -> int:
        """An integer in [low, high]."""
        return int(self.rng.integers(low, high + 1))

    def scale(self, low: int = -8, high: int = -2) -> float:
        """A scale in [2**low, 2**high), at times a power of two; the same on every machine."""
        mantissa = 1.0 if self.chance(0.1) else float(self.rng.uniform(1, 2))
        return float(np.float32(np.ldexp(mantissa, self.size(low, high - 1))))

    def zero_point(self) -> int:
        return self.pick((-128, 0, 127)) if self.chance(0.3) else self.size(-128, 127)

    def activation(
        self, shape: Sequence[int], scale: float | None = None, zero_point: int | None = None
    ) -> int:
        """A new int8 tensor, of random quantization where it is not given."""
        return self.writer.tensor(
            shape,
            "int8",
            self.scale() if scale is None else scale,
            self.zero_point() if zero_point is None else zero_point,
        )

    def like(self, tensor: int, shape: Sequence[int]) -> int:
        """A new int8 tensor of the same quantization."""
        spec = self.spec(tensor)
        return self.activation(shape, spec.scale, spec.zero_point)

    def input(self, shape: Sequence[int], scale: float | None = None, zero_point: int | None = None) -> int:
        tensor = self.activation(shape, scale, zero_point)
        self.inputs.append(tensor)
        return tensor

    def image(self, channels: int | None = None, largest: int = 11) -> int:
        """An input [1, H, W, C] of odd sizes."""
        c = self.pick(CHANNELS) if channels is None else channels
        return self.input((1, self.size(1, largest), self.size(1, largest), c))

    def bytes(self, shape: Sequence[int], low: int = -127) -> Array:
        """int8 content: uniform, or extremes only, or mostly zero, or ternary."""
        style = self.rng.random()
        if style < 0.15:
            return self.rng.choice(np.array([low, 127]), shape).astype(np.int8)
        if style < 0.25:
            return self.rng.choice(np.array([-1, 0, 1]), shape).astype(np.int8) * np.int8(self.size(1, 127))
        values = self.rng.integers(low, 128, shape)
        return np.where(self.rng.random(shape) < 0.5, values, 0 if style < 0.35 else values).astype(np.int8)

    def weights(self, shape: Sequence[int], axis: int, depth: int, source: int) -> tuple[int, int, int]:
        """(weights, bias or -1, zero point of the output).

        axis: dimension of the channels; depth: products under one output; source: the op's input.
        """
        channels = shape[axis]
        per_channel = channels > 1 and self.chance(0.75)
        base = self.scale(-9, -4)
        spread = [float(np.float32(base * self.rng.uniform(0.25, 1))) for _ in range(channels)]
        scales = spread if per_channel else [base]
        w = self.writer.tensor(shape, "int8", scales, [0] * len(scales), data=self.bytes(shape), axis=axis)
        if self.chance(0.12):
            return w, -1, self.zero_point()
        limit = (1 << 30) // 128 if self.chance(0.1) else 127 * 64 * max(1, int(depth**0.5))
        bias_scales = [float(np.float32(self.spec(source).scale * s)) for s in scales]
        values = self.rng.integers(-limit, limit + 1, channels)
        bias = self.writer.tensor((channels,), "int32", bias_scales, [0] * len(scales), data=values)
        return w, bias, self.zero_point()

    def output_scale(self, source: int, weights: int, depth: int) -> float:
        """A scale under which most outputs are neither all zero nor all saturated; sometimes they are."""
        typical = self.spec(source).scale * max(self.spec(weights).scales) * 60 * max(1.0, depth**0.5)
        factor = self.pick((1 / 64, 1 / 16, 4, 64)) if self.chance(0.12) else self.rng.uniform(0.2, 2)
        return float(np.float32(max(typical * factor, 2.0**-20)))

    def fused(self) -> int:
        return self.pick(ACTIVATIONS) if self.chance(0.6) else 0

    def finish(self, outputs: Sequence[int]) -> bytes:
        return self.writer.finish(self.inputs, outputs)


def elements(shape: Sequence[int]) -> int:
    return prod(shape)
