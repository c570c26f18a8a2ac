"""Base of every op that applies a real function to each element: of int8 it is a table, of float32 the function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.numerics.sigmoid import Float32, dequantized, float_table
from tinyc.ops.guard import int8, need, tflm_needs
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Function(Lookup):
    """inputs: x int8 or float32 of any shape; output: the same shape and element type."""

    is_int8: ClassVar[bool] = False
    is_signed_only: ClassVar[bool] = True
    #: The references that have it of int8.
    of_int8: ClassVar[tuple[Reference, ...]] = ("litert", "tflm")

    def real(self, x: Float32) -> Float32:
        """Return the function's values, each the float32 nearest to the exact one where that is defined."""
        raise NotImplementedError

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        """A function is of float32, or of int8 where no byte overflows on its way."""
        x, out = types.x, outs[0]
        if x.dtype == "float32":
            need(out.dtype == "float32", self, f"output is {out.dtype}; float32 is needed")
            return
        name = self.kind.upper()
        need(bool(self.of_int8), self, f"{name} of {x.dtype} does not exist; only of float32")
        tflm_needs("tflm" in self.of_int8, self, reference, f"{name} of int8 does not exist")
        int8(self, x, "input 0")
        int8(self, out, "output 0")
        self.check_bytes(x, out)

    def check_bytes(self, x: TensorType, out: TensorType) -> None:
        """Check the scales of int8."""
        most = self.largest_byte(x, out)
        fits = most < 2.0**31 - 256
        need(fits, self, f"output scale {out.q.scale:g} is too small: a value is {most:g} of them")

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
