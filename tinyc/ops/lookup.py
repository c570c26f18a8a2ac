"""Base of every op that maps one int8 to one int8: it is a table of 256 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import DTYPES, Array, Operands, Reference, TensorType
from tinyc.numerics.fixed_point import BYTES
from tinyc.ops.unary import Unary


@dataclass(frozen=True)
class Lookup(Unary):
    """inputs: x int8 of any shape; output: the same shape, int8."""

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        """Return [256] int8: entry b + 128 for input byte b; a uint8 is taken as the int8 of the same bits."""
        raise NotImplementedError

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return t.dtype == "int8" and bool(np.array_equal(self.table(t, t, reference), BYTES))

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        found = self.table(types.x, outs[0], reference)[values.x.view(np.int8).astype(np.int16) + 128]
        return (found.view(DTYPES[outs[0].dtype]),)
