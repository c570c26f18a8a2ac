"""LOGISTIC: 1 / (1 + exp(-x))."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import logistic_table
from tinyc.ops.guard import litert_needs, tflm_needs
from tinyc.ops.lookup import Lookup
from tinyc.ops.sigmoid import scales_fit


@dataclass(frozen=True)
class Logistic(Lookup):
    """inputs: x int8; output: 1 / (1 + e ** -x), int8."""

    kind: ClassVar[str] = "logistic"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        q = outs[0].q
        litert_needs(q.scale == 1 / 256, self, reference, f"output scale is {q.scale:g}; 1/256 is needed")
        tflm_needs(
            q.zero_point == -128, self, reference, f"output zero point is {q.zero_point}; -128 is needed"
        )
        scales_fit(self, types.x, outs[0], reference)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return logistic_table(x, out, reference)
