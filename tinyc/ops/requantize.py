"""QUANTIZE from int8 to int8: another scale and zero point for the same values."""

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
from tinyc.numerics.requant import Requant, conv_requant
from tinyc.ops.lookup import Lookup

__all__ = ["Requant", "Requantize", "conv_requant"]


@dataclass(frozen=True)
class Requantize(Lookup):
    """inputs: x int8 of any shape; output: int8, x rescaled."""

    kind: ClassVar[str] = "requantize"

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        multiplier, shift = quantize_multiplier(x.q.scale / out.q.scale)
        scaled = multiply_by_quantized_multiplier(BYTES - x.q.zero_point, multiplier, shift)
        return clamp_int8(scaled + out.q.zero_point, -128, 127)
