"""Arithmetic of two float32 tensors, as converters leave it between DEQUANTIZE and QUANTIZE, or at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Activation, Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.activation import float_limits
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import need


def _pow(a: Float32, b: Float32) -> Float32:
    return np.power(a.astype(np.float64), b.astype(np.float64)).astype(np.float32)


def _squared_difference(a: Float32, b: Float32) -> Float32:
    return np.square(np.subtract(a, b))


def _floor_div(a: Float32, b: Float32) -> Float32:
    """Divided in double."""
    return np.floor(a.astype(np.float64) / b.astype(np.float64)).astype(np.float32)


def _floor_mod(a: Float32, b: Float32) -> Float32:
    rest = np.fmod(a, b)
    return np.where((rest != 0) & ((b < 0) != (rest < 0)), rest + b, rest)


#: By the format's name of the operator.
FUNCTIONS: dict[str, Callable[[Float32, Float32], Float32]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "DIV": np.divide,
    "MAXIMUM": np.maximum,
    "MINIMUM": np.minimum,
    "SQUARED_DIFFERENCE": _squared_difference,
    "POW": _pow,
    "FLOOR_DIV": _floor_div,
    "FLOOR_MOD": _floor_mod,
    "FMOD": np.fmod,
}
#: Those whose results are kept within finite numbers, and within a fused activation.
CLAMPED = ("ADD", "SUB", "MUL", "DIV")
#: Those that are supported as tables only.
TABLES = ("POW", "FLOOR_DIV", "FLOOR_MOD", "FMOD")


@dataclass(frozen=True)
class FloatBinary(Broadcast):
    """inputs: a, b float32; output: what `function` makes of each pair, then the activation."""

    a = Operand(0)
    b = Operand(1)

    #: A key of FUNCTIONS.
    function: str
    activation: Activation = Activation.NONE

    kind: ClassVar[str] = "float_binary"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        found = {t.dtype for t in (*types.all, *outs)}
        need(found == {"float32"}, self, f"operands are {', '.join(sorted(found))}; they must be of one type")
        rank = len(outs[0].shape)
        need(rank <= 5, self, f"{rank} dimensions; at most 5 are supported")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        with np.errstate(all="ignore"):
            found = FUNCTIONS[self.function](values.a.astype(np.float32), values.b.astype(np.float32))
        if self.function not in CLAMPED:
            return (np.asarray(found, np.float32),)
        low, high = map(np.float32, float_limits(self.activation))
        found = np.where(found < low, low, found)
        return (np.where(found > high, high, found).astype(np.float32),)
