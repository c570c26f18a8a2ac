"""LOG_SOFTMAX over the last dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.softmax import MAX_DEPTH, exponent_scale, log_softmax
from tinyc.ops.guard import need
from tinyc.ops.vectors import Vectors


@dataclass(frozen=True)
class LogSoftmax(Vectors):
    """inputs: x [..., depth] int8; output: the same shape, int8, scale 1/16, zero point 127."""

    kind: ClassVar[str] = "log_softmax"
    most: ClassVar[int] = MAX_DEPTH
    elements: ClassVar[str] = "classes"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        q = outs[0].q
        need(q.scale == 1 / 16, self, f"output scale is {q.scale:g}; 1/16 is needed")
        need(q.zero_point == 127, self, f"output zero point is {q.zero_point}; 127 is needed")
        exponent = exponent_scale(types.x, 1.0)
        need(exponent > 1, self, f"the input's scale is too small: {types.x.q.scale:g}")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (log_softmax(values.x, types.x),)
