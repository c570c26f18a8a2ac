"""QUANTIZE from int8 to int8: another scale and zero point for the same values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.rectifiers import requantize_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Requantize(Lookup):
    """inputs: x int8 of any shape; output: int8, x rescaled."""

    kind: ClassVar[str] = "requantize"

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return requantize_table(x, out)
