"""Base of every op that applies a real function to each element: of int8 it is a table, of float32 the function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32, dequantized, float_table
from tinyc.ops.guard import int8
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Function(Lookup):
    """inputs: x int8 or float32 of any shape; output: the same shape and element type."""

    def real(self, x: Float32) -> Float32:
        """Return the function's values, each the float32 nearest to the exact one where that is defined."""
        raise NotImplementedError

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape if types.x.dtype == "float32" else int8(self, types.x).shape,)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return float_table(x, out, self.real)

    def largest_byte(self, x: TensorType, out: TensorType) -> float:
        """Return how many steps of the output's scale the function's values reach, of x's 256 bytes."""
        with np.errstate(all="ignore"):
            values = self.real(dequantized(x)).astype(np.float64) / out.q.scale
        return float(np.nanmax(np.abs(values)))

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        if types.x.dtype == "float32":
            with np.errstate(all="ignore"):
                return (self.real(values.x.astype(np.float32)),)
        return super().compute(values, types, outs, reference)
