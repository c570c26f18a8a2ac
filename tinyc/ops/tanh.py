"""TANH."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import tanh_table
from tinyc.ops.lookup import Lookup
from tinyc.ops.sigmoid import scales_fit


@dataclass(frozen=True)
class Tanh(Lookup):
    """inputs: x int8; output: tanh(x), int8."""

    kind: ClassVar[str] = "tanh"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        scales_fit(self, types.x, outs[0], reference)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return tanh_table(x, out, reference)
