"""QUANTIZE of bytes: another scale and zero point, and perhaps another sign, for the same values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Operands, Reference, TensorType
from tinyc.numerics.rectifiers import requantize_table
from tinyc.ops.guard import need
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Requantize(Lookup):
    """inputs: x int8 or uint8 of any shape; output: int8 or uint8, x rescaled."""

    kind: ClassVar[str] = "requantize"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        need(x.dtype in ("int8", "uint8"), self, f"input is {x.dtype}; int8 or uint8 is needed")
        need(x.quant is not None and not x.q.per_channel, self, "input needs one scale and zero point")
        return (x.shape,)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return requantize_table(x, out)
