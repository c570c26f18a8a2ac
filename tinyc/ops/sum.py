"""SUM over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.mean import MeanParams, sum_bytes, sum_params
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class Sum(Reduction):
    """Inputs and output as in Reduction; the output has a scale and zero point of its own."""

    kind: ClassVar[str] = "sum"

    def params(self, types: Operands[TensorType], out: TensorType, reference: Reference) -> MeanParams:
        """Return the integer constants of the op."""
        return sum_params(types.x, out, self.count(types.x), reference)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        p = self.params(types, outs[0], reference)
        return (sum_bytes(values.x, self.axes, p, outs[0], reference).reshape(outs[0].shape),)
