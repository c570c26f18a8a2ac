"""MEAN over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.fixed_point import INT32_MAX
from tinyc.numerics.mean import MeanParams, mean_bytes, mean_params
from tinyc.ops.guard import MEAN_SHIFT, need, scale_fits
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class Mean(Reduction):
    """inputs: x int8; output: the mean along the axes, int8 in a scale of its own, of shape as in Reduction."""

    kind: ClassVar[str] = "mean"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x = types.x
        need(x.elements < 2**23, self, f"input has {x.elements} elements; at most {2**23 - 1} are supported")
        scale_fits(self, x.q.scale / outs[0].q.scale, most=MEAN_SHIFT)

    def params(self, types: Operands[TensorType], out: TensorType) -> MeanParams:
        """Return the integer constants of the op."""
        return mean_params(types.x, out, self.count(types.x))

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        """Unless the sum leaves int32."""
        p = self.params(types, out)
        return (p.count * 255) << max(p.shift, 0) <= INT32_MAX

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        total = np.asarray(values.x.astype(np.int64).sum(axis=self.axes))
        return (mean_bytes(total, self.params(types, outs[0]), outs[0]).reshape(outs[0].shape),)
