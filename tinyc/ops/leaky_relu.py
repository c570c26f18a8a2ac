"""LEAKY_RELU: x, or alpha * x where x is negative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import leaky_relu_scales, leaky_relu_table
from tinyc.ops.guard import DIFFERENCE_SHIFT, need, scale_fits
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class LeakyRelu(Lookup):
    """inputs: x int8; output: x, or alpha * x where x is negative, int8."""

    #: Slope below zero (float32 value), may be negative or above 1.
    alpha: float

    kind: ClassVar[str] = "leaky_relu"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        need(isfinite(self.alpha), self, f"alpha is {self.alpha}")
        for real in leaky_relu_scales(types.x, outs[0], self.alpha, reference):
            scale_fits(self, real, most=DIFFERENCE_SHIFT)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return leaky_relu_table(x, out, self.alpha, reference)
