"""LOGISTIC: 1 / (1 + exp(-x))."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.sigmoid import logistic_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Logistic(Lookup):
    """inputs: x int8; output: int8."""

    kind: ClassVar[str] = "logistic"

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return logistic_table(x, out, reference)
