"""ABS: x without its sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import abs_table
from tinyc.ops.guard import DIFFERENCE_SHIFT, scale_fits
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Abs(Lookup):
    """inputs: x int8; output: |x|, int8."""

    kind: ClassVar[str] = "abs"
    is_signed_only: ClassVar[bool] = True

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        scale_fits(self, types.x.q.scale / outs[0].q.scale, most=DIFFERENCE_SHIFT)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return abs_table(x, out, reference)
