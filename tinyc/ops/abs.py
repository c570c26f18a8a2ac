"""ABS: x without its sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import TensorType
from tinyc.numerics.fixed_point import (
    BYTES,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.numerics.requant import Scaling, float_type
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Abs(Lookup):
    """inputs: x int8; output: int8.

    scaling: "float32" (LiteRT) or "float64" (TFLM).
    """

    scaling: Scaling

    kind: ClassVar[str] = "abs"

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        value = np.abs(BYTES - x.q.zero_point)
        if x.q.scale != out.q.scale:
            number = float_type(self.scaling)
            real = float(number(x.q.scale) / number(out.q.scale))
            value = multiply_by_quantized_multiplier(value, *quantize_multiplier(real))
        return clamp_int8(value + out.q.zero_point, -128, 127)
