"""SOFTMAX and LOG_SOFTMAX of float32 over the last dimension, as converters leave them at the end of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.float_exp import log_softmax_of_floats, softmax_of_floats
from tinyc.ops.guard import need


@dataclass(frozen=True)
class FloatVectors(Op):
    """Base of both. inputs: x [..., depth] float32; output: the same shape, float32."""

    x = Operand(0)

    is_int8: ClassVar[bool] = False

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(bool(x.shape) and x.elements > 0, self, f"input has shape {list(x.shape)}")
        return (x.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        for what, t in (("input", types.x), ("output", outs[0])):
            need(t.dtype == "float32", self, f"{what} is {t.dtype}; float32 is needed")

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region


@dataclass(frozen=True)
class SoftmaxOfFloats(FloatVectors):
    """exp(beta * x) of each class, divided by the sum of all."""

    #: Factor of the exponent (float32 value), > 0.
    beta: float

    kind: ClassVar[str] = "softmax"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        super().check(types, constants, outs, reference)
        beta = self.beta
        need(isfinite(beta) and beta > 0, self, f"beta is {beta:g}; it must be positive")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (softmax_of_floats(values.x.astype(np.float32), self.beta),)


@dataclass(frozen=True)
class LogSoftmaxOfFloats(FloatVectors):
    """The logarithm of the softmax."""

    kind: ClassVar[str] = "log_softmax"

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (log_softmax_of_floats(values.x.astype(np.float32)),)
