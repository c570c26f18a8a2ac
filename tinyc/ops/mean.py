"""MEAN over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, TensorType
from tinyc.numerics.fixed_point import clamp_int8, multiply_by_quantized_multiplier, quantize_multiplier
from tinyc.ops.reduction import Reduction


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
class Mean(Reduction):
    """Inputs and output as in Reduction; the output has a scale and zero point of its own."""

    kind: ClassVar[str] = "mean"

    def params(self, types: Operands[TensorType], out: TensorType) -> MeanParams:
        """Integer constants; both references share this arithmetic for every choice of axes.

        The quotient multiplier / count is taken with as many bits as fit, so it need not be normalised.
        """
        x = types.x
        count = prod(x.shape[a] for a in self.axes)
        multiplier, shift = quantize_multiplier(x.q.scale / out.q.scale)
        extra = min(count.bit_length() - 1, 32, 31 + shift)
        return MeanParams(count, -x.q.zero_point * count, (multiplier << extra) // count, shift - extra)

    def compute(
        self, values: Operands[Array], types: Operands[TensorType], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, out = values.x, outs[0]
        p = self.params(types, out)
        total = np.asarray(x.astype(np.int64).sum(axis=self.axes)) + p.bias
        scaled = multiply_by_quantized_multiplier(total, p.multiplier, p.shift)
        return (clamp_int8(scaled + out.q.zero_point, -128, 127).reshape(out.shape),)
