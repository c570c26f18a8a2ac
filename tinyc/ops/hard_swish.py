"""HARD_SWISH: x * min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.hard_swish import exponents, hard_swish_table
from tinyc.ops.guard import need, scale_fits
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class HardSwish(Lookup):
    """inputs: x int8; output: x * min(max(x + 3, 0), 6) / 6, int8."""

    kind: ClassVar[str] = "hard_swish"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        scale_fits(self, x.q.scale / out.q.scale)
        scale_fits(self, x.q.scale, "input", most=19)
        (_, shift), _ = exponents(x, out, reference)
        need(shift <= 0, self, f"input scale {x.q.scale:g} is too large for the output's {out.q.scale:g}")

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return hard_swish_table(x, out, reference)
