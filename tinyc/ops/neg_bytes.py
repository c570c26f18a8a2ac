"""NEG of int8 as LiteRT computes it: of the bytes, whatever their scales and zero points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.fixed_point import BYTES
from tinyc.ops.guard import tflm_needs
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class NegBytes(Lookup):
    """inputs: x int8; output: int8, the byte negated; -128 stays what it is."""

    kind: ClassVar[str] = "neg_bytes"
    is_signed_only: ClassVar[bool] = True

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        tflm_needs(False, self, reference, "NEG of int8 does not exist")

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        del x, out, reference
        return np.negative(BYTES.astype(np.int8))
