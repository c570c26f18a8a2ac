"""QUANTIZE of bytes: another scale and zero point, and perhaps another sign, for the same values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import requantize_table
from tinyc.ops.guard import DIFFERENCE_SHIFT, need, scale_fits
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Requantize(Lookup):
    """inputs: x int8 or uint8 of any shape; output: int8 or uint8, x rescaled."""

    kind: ClassVar[str] = "requantize"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        for t, what in ((x, "input"), (out, "output")):
            need(
                t.dtype in ("int8", "uint8"), self, f"{what} is {t.dtype}; only int8 and uint8 are supported"
            )
            single = t.quant is not None and not t.q.per_channel
            need(single, self, f"{what} has no single scale and zero point")
        scale_fits(self, x.q.scale / out.q.scale, most=DIFFERENCE_SHIFT)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return requantize_table(x, out)
