"""LEAKY_RELU: x, or alpha * x where x is negative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.rectifiers import leaky_relu_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class LeakyRelu(Lookup):
    """inputs: x int8; output: int8."""

    #: Slope below zero (float32 value), may be negative or above 1.
    alpha: float

    kind: ClassVar[str] = "leaky_relu"

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return leaky_relu_table(x, out, self.alpha, reference)
