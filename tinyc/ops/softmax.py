"""SOFTMAX over the last dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.softmax import MAX_DEPTH, exponent_scale, softmax
from tinyc.ops.guard import need, tflm_needs
from tinyc.ops.vectors import Vectors


@dataclass(frozen=True)
class Softmax(Vectors):
    """inputs: x [..., depth] int8; output: the same shape, int8, scale 1/256, zero point -128.

    exp(beta * x) of each class, divided by the sum of all.
    """

    #: Factor of the exponent (float32 value), > 0.
    beta: float

    kind: ClassVar[str] = "softmax"
    most: ClassVar[int] = MAX_DEPTH
    elements: ClassVar[str] = "classes"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        out, beta = outs[0], self.beta
        need(out.q.zero_point == -128, self, f"output zero point is {out.q.zero_point}; -128 is needed")
        near = abs(out.q.scale - 1 / 256) <= 0.001 / 256
        need(near, self, f"output scale is {out.q.scale:g}; 1/256 is needed")
        exact = out.q.scale == 1 / 256
        tflm_needs(exact, self, reference, f"output scale is {out.q.scale:.9g}; exactly 1/256 is needed")
        need(isfinite(beta) and beta > 0, self, f"beta is {beta:g}; it must be positive")
        exponent = exponent_scale(types.x, beta)
        need(exponent > 1, self, f"beta times the input's scale is too small: {exponent:g}")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (softmax(values.x, types.x, self.beta),)
