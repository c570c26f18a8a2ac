"""HARD_SWISH: x * min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Reference, TensorType
from tinyc.numerics.hard_swish import hard_swish_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class HardSwish(Lookup):
    """inputs: x int8; output: int8."""

    kind: ClassVar[str] = "hard_swish"

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return hard_swish_table(x, out, reference)
