"""SUM over any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.mean import MeanParams, sum_bytes, sum_params
from tinyc.ops.guard import need, scale_fits
from tinyc.ops.reduction import Reduction


@dataclass(frozen=True)
class Sum(Reduction):
    """inputs: x int8; output: the sum along the axes, int8 in a scale of its own, of shape as in Reduction."""

    kind: ClassVar[str] = "sum"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        need(x.elements < 2**23, self, f"input has {x.elements} elements; at most {2**23 - 1} are supported")
        need(
            reference == "tflm" or (x.q.scale, x.q.zero_point) != (out.q.scale, out.q.zero_point),
            self,
            "input and output have one scale and zero point: LiteRT then adds the raw bytes, modulo 256",
        )
        scale_fits(self, x.q.scale / out.q.scale, most=0)

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
