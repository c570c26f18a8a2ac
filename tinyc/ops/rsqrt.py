"""RSQRT: one over the square root of x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.inverse_sqrt import rsqrt_fits, rsqrt_scale, rsqrt_table
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function
from tinyc.ops.guard import need, scale_fits


@dataclass(frozen=True)
class Rsqrt(Function):
    """inputs: x int8 or float32; output: the same, 1 / sqrt(x); of int8, the greatest byte for x <= 0.

    The references stop with an error at an int8 below the zero point.
    """

    kind: ClassVar[str] = "rsqrt"

    def real(self, x: Float32) -> Float32:
        return (np.float32(1) / np.sqrt(x)).astype(np.float32)

    def check_bytes(self, x: TensorType, out: TensorType) -> None:
        scale_fits(self, rsqrt_scale(x, out), most=20)
        need(rsqrt_fits(x, out), self, f"output scale {out.q.scale:g} is too large: every byte would be 0")

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return rsqrt_table(x, out)
