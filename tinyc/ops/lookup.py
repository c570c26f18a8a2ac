"""Base of every op that maps one int8 to one int8: it is a table of 256 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Op, Region, TensorType
from tinyc.ops.guard import int8


@dataclass(frozen=True)
class Lookup(Op):
    """inputs: x int8 of any shape; output: the same shape, int8."""

    def table(self, x: TensorType, out: TensorType) -> npt.NDArray[np.int8]:
        """[256] int8: entry b + 128 is the output for input byte b."""
        raise NotImplementedError

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        return (int8(self, types, 0).shape,)

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        x, t = values[0], types[0]
        assert x is not None and t is not None
        return (self.table(t, outs[0])[x.astype(np.int16) + 128],)

    def input_region(
        self, index: int, region: Region, types: Sequence[TensorType | None], out: TensorType
    ) -> Region:
        del index, types, out
        return region
