"""LOGISTIC: 1 / (1 + exp(-x))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import rounding_divide_by_pot
from tinyc.numerics.gemmlowp import logistic
from tinyc.numerics.sigmoid_table import fixed_point_table, float_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Logistic(Lookup):
    """inputs: x int8; output: int8.

    arithmetic: "float32" evaluates the function at every byte in float (LiteRT; output scale 1/256),
    "fixed" in fixed point (TFLM; output zero point -128, its scale is not looked at).
    """

    arithmetic: Literal["float32", "fixed"]

    kind: ClassVar[str] = "logistic"

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        if self.arithmetic == "float32":
            return float_table(
                x,
                out,
                lambda v: np.float32(1) / (np.float32(1) + np.exp(-v.astype(np.float64)).astype(np.float32)),
            )
        return fixed_point_table(x, lambda q4: rounding_divide_by_pot(logistic(q4, 4), 31 - 8) - 128)
