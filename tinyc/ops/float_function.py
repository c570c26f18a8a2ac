"""FLOOR, CEIL, ROUND, SIGN, SIN and COS, which the references have of float32 alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import litert_needs, need, tflm_needs


@dataclass(frozen=True)
class FloatFunction(Function):
    """inputs: x float32; output: the same."""

    #: The reference that has none of it, if there is one.
    missing_in: ClassVar[str] = ""

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        kind, name = types.x.dtype, self.kind.upper()
        need(kind == "float32", self, f"{name} of {kind} does not exist; only of float32")
        litert_needs(self.missing_in != "litert", self, reference, f"the reference kernels have no {name}")
        tflm_needs(self.missing_in != "tflm", self, reference, f"{name} does not exist")
        super().check(types, constants, outs, reference)


@dataclass(frozen=True)
class Floor(FloatFunction):
    """The largest integer that is not above x."""

    kind: ClassVar[str] = "floor"

    def real(self, x: Float32) -> Float32:
        return np.floor(x)


@dataclass(frozen=True)
class Ceil(FloatFunction):
    """The smallest integer that is not below x."""

    kind: ClassVar[str] = "ceil"
    missing_in: ClassVar[str] = "litert"

    def real(self, x: Float32) -> Float32:
        return np.ceil(x)


@dataclass(frozen=True)
class Round(FloatFunction):
    """The nearest integer, halves to even."""

    kind: ClassVar[str] = "round"
    missing_in: ClassVar[str] = "litert"

    def real(self, x: Float32) -> Float32:
        return np.rint(x)


@dataclass(frozen=True)
class Sign(FloatFunction):
    """-1, 0 or 1."""

    kind: ClassVar[str] = "sign"
    missing_in: ClassVar[str] = "tflm"

    def real(self, x: Float32) -> Float32:
        return np.sign(x)


@dataclass(frozen=True)
class Sin(FloatFunction):
    """The sine of x."""

    kind: ClassVar[str] = "sin"

    def real(self, x: Float32) -> Float32:
        return np.sin(x.astype(np.float64)).astype(np.float32)


@dataclass(frozen=True)
class Cos(FloatFunction):
    """The cosine of x."""

    kind: ClassVar[str] = "cos"

    def real(self, x: Float32) -> Float32:
        return np.cos(x.astype(np.float64)).astype(np.float32)
