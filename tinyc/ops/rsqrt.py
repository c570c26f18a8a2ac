"""RSQRT: one over the square root of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.fixed_point import (
    BYTES,
    clamp_int8,
    multiply_by_quantized_multiplier,
    quantize_multiplier,
)
from tinyc.numerics.inverse_sqrt import inverse_sqrt
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function

#: Bits that keep the root of a byte an integer.
_SHIFT = 20


@dataclass(frozen=True)
class Rsqrt(Function):
    """inputs: x int8 or float32; output: the same, 1 / sqrt(x); of int8, the greatest byte for x <= 0.

    The references stop with an error at an int8 below the zero point.
    """

    kind: ClassVar[str] = "rsqrt"

    def real(self, x: Float32) -> Float32:
        return (np.float32(1) / np.sqrt(x)).astype(np.float32)

    def real_multiplier(self, x: TensorType, out: TensorType) -> float:
        """Return the factor from the root of x's byte to the output's byte."""
        return 1.0 / float(np.sqrt(np.float32(x.q.scale)) * np.float32(out.q.scale))

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        multiplier, shift = quantize_multiplier(self.real_multiplier(x, out))
        result = np.full(256, 127, np.int64)
        one = np.asarray(1, np.int64)
        for at, n in enumerate((BYTES - x.q.zero_point).tolist()):
            if n > 0:
                root, right = inverse_sqrt(n)
                raw = multiply_by_quantized_multiplier(one, root, right + _SHIFT)
                scaled = multiply_by_quantized_multiplier(raw, multiplier, shift - _SHIFT)
                result[at] = int(scaled) + out.q.zero_point
        return clamp_int8(result, -128, 127)
