"""GELU: x times the normal distribution function of x (Hendrycks and Gimpel 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, pi, sqrt
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import tflm_needs

_HALF, _CUBIC = np.float32(0.5), np.float32(0.044715)
_MINUS_SQRT_HALF = np.float32(-sqrt(0.5))
_SQRT_2_OVER_PI = np.float32(sqrt(2 / pi))


@dataclass(frozen=True)
class Gelu(Function):
    """inputs: x int8 or float32; output: the same, x times the probability that a normal number is below x."""

    #: Whether the distribution function is taken by tanh of a cubic polynomial.
    approximate: bool

    kind: ClassVar[str] = "gelu"
    is_signed_only: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        tflm_needs(False, self, reference, "GELU does not exist")
        super().check(types, constants, outs, reference)

    def real(self, x: Float32) -> Float32:
        if self.approximate:
            inner = _SQRT_2_OVER_PI * (x + _CUBIC * x * x * x)
            return _HALF * x * (np.float32(1) + np.tanh(inner.astype(np.float64)).astype(np.float32))
        tail = np.array([erfc(v) for v in (x * _MINUS_SQRT_HALF).astype(np.float64).reshape(-1).tolist()])
        return _HALF * x * tail.astype(np.float32).reshape(x.shape)
