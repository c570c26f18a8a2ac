"""CAST: the number that a tensor holds, in another element type; scales and zero points do not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import DTYPES, Array, Operands, Reference, TensorType
from tinyc.ops.guard import need, tflm_needs
from tinyc.ops.unary import Unary

_FROM = ("bool", "int8", "uint8", "int32", "int64", "float32")
_TO = ("int8", "int32", "int64", "float32")
#: What TFLM has.
_TFLM = {"bool", "int8", "int32", "float32"}


@dataclass(frozen=True)
class Cast(Unary):
    """inputs: x; output: the same shape. A float32 loses its fraction, and saturates."""

    kind: ClassVar[str] = "cast"
    is_signed_only: ClassVar[bool] = True
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x.dtype, outs[0].dtype
        need(
            x in _FROM and out in _TO,
            self,
            f"{x} to {out}; {', '.join(_FROM)} to {', '.join(_TO)} are supported",
        )
        tflm_needs({x, out} <= _TFLM, self, reference, f"{x} to {out} does not exist")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        dtype = DTYPES[outs[0].dtype]
        if types.x.dtype != "float32":
            return (values.x.astype(dtype),)
        if outs[0].dtype in ("float32", "bool"):
            return (values.x.astype(dtype),)
        limits = np.iinfo(dtype)  # type: ignore[type-var]
        whole = np.trunc(values.x.astype(np.float64))
        whole = np.where(np.isnan(whole), limits.max if reference == "litert" else 0, whole)
        below, above = whole <= limits.min, whole >= limits.max
        inside = np.where(below | above, 0, whole).astype(dtype)
        return (np.where(below, limits.min, np.where(above, limits.max, inside)).astype(dtype),)
