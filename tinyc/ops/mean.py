"""MEAN over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from tinyc.arith import clamp_int8, multiply_by_quantized_multiplier, quantize_multiplier
from tinyc.ir import Array, Op, TensorType
from tinyc.ops.guard import int8, need


@dataclass(frozen=True)
class MeanParams:
    """count: elements under one output; bias: added to the sum of bytes, -zero point * count.

    multiplier (Q31, not normalised) and shift (positive to the left) hold the scales and the division by
    count.
    """

    count: int
    bias: int
    multiplier: int
    shift: int


@dataclass(frozen=True)
class Mean(Op):
    """inputs: x int8; output: x with the axes gone, or of size 1 where keep_dims.

    axes: in [0, rank), ascending, each once.
    """

    axes: tuple[int, ...]
    keep_dims: bool

    kind: ClassVar[str] = "mean"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        x = int8(self, types, 0)
        need(
            all(0 <= a < len(x.shape) for a in self.axes),
            self,
            f"axes {list(self.axes)} of an input of {len(x.shape)} dimensions",
        )
        need(x.elements > 0, self, f"input is empty: shape {list(x.shape)}")
        if self.keep_dims:
            return (tuple(1 if i in self.axes else n for i, n in enumerate(x.shape)),)
        return (tuple(n for i, n in enumerate(x.shape) if i not in self.axes),)

    def params(self, types: Sequence[TensorType | None], out: TensorType) -> MeanParams:
        """Integer constants; both references share this arithmetic for every choice of axes.

        The quotient multiplier / count is taken with as many bits as fit, so it need not be normalised.
        """
        x = types[0]
        assert x is not None and x.quant is not None and out.quant is not None
        count = prod(x.shape[a] for a in self.axes)
        multiplier, shift = quantize_multiplier(x.quant.scale / out.quant.scale)
        extra = min(count.bit_length() - 1, 32, 31 + shift)
        return MeanParams(count, -x.quant.zero_point * count, (multiplier << extra) // count, shift - extra)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, out = values[0], outs[0]
        assert x is not None and out.quant is not None
        p = self.params(types, out)
        total = np.asarray(x.astype(np.int64).sum(axis=self.axes)) + p.bias
        scaled = multiply_by_quantized_multiplier(total, p.multiplier, p.shift)
        return (clamp_int8(scaled + out.quant.zero_point, -128, 127).reshape(out.shape),)
