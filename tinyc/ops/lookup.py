"""Base of every op that maps one int8 to one int8: it is a table of 256 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import DTYPES, Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.numerics.fixed_point import BYTES


@dataclass(frozen=True)
class Lookup(Op):
    """inputs: x int8 of any shape; output: the same shape, int8."""

    is_elementwise: ClassVar[bool] = True

    x = Operand(0)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        """[256] int8: entry b + 128 is the output for input byte b; a uint8 is taken as the int8 of the same bits."""
        raise NotImplementedError

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape,)

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

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del index, types, out
        return region
