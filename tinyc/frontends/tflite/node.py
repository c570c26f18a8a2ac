"""What a reader of an operator is given, and the guards that all readers share."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.tflite.flatbuffer import Table
from tinyc.frontends.tflite.schema import ACTIVATIONS
from tinyc.ir import Activation, Op, Operands, Origin, Quant, Reference, Tensor, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.affine import byte_of
from tinyc.numerics.fixed_point import quantize_multiplier


class LitertRejectsError(Exception):
    """LiteRT does not take the file, TFLM may: the file is read again as TFLM reads it."""


@dataclass(frozen=True, eq=False)
class Node:
    """One operator of the file. inputs: None for an optional one left out.

    options: its options' table, None where the file has none; reference: "litert" or "tflm".
    """

    origin: Origin
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options: Table | None
    reference: Reference

    @property
    def tflm(self) -> bool:
        return self.reference == "tflm"

    @property
    def input_names(self) -> tuple[str, ...]:
        return tuple(t.name if t else "" for t in self.inputs)

    @property
    def output_names(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.outputs)

    @property
    def out(self) -> TensorType:
        return self.outputs[0].type

    def need(self, ok: bool, why: str) -> None:
        """Refuse the node unless `ok`. why: what was got and what is allowed."""
        if not ok:
            raise ModelError(f"{self.origin}: {why}")

    def litert_needs(self, ok: bool, why: str) -> None:
        """What LiteRT alone enforces."""
        if not ok and not self.tflm:
            raise LitertRejectsError(f"{self.origin}: {why}")

    def tflm_needs(self, ok: bool, why: str) -> None:
        """What TFLM alone enforces."""
        self.need(ok or not self.tflm, f"{why} (tflm)")

    def counts(self, inputs: tuple[int, ...], outputs: int = 1) -> None:
        """Check the number of inputs (any of several) and outputs."""
        allowed = " or ".join(map(str, inputs))
        self.need(len(self.inputs) in inputs, f"{len(self.inputs)} inputs; {allowed} are needed")
        self.need(len(self.outputs) == outputs, f"{len(self.outputs)} outputs; {outputs} are needed")

    def tensor(self, index: int) -> Tensor:
        found = self.inputs[index]
        if found is None:
            raise ModelError(f"{self.origin}: input {index} is missing")
        return found

    def types(self, op: Op) -> Operands[TensorType]:
        """Types of the inputs of an op that reads the node's inputs in their order."""
        return op.named(t.type if t else None for t in self.inputs)

    def x(self, index: int = 0) -> TensorType:
        return self.tensor(index).type

    def int8_activation(self, index: int = 0) -> TensorType:
        """Type of an int8 input with one scale."""
        return self._int8(self.x(index), f"input {index}")

    def int8_output(self, index: int = 0) -> TensorType:
        return self._int8(self.outputs[index].type, f"output {index}")

    def int8_pair(self) -> tuple[TensorType, TensorType]:
        """Types of the only input and output, both int8."""
        self.counts((1,))
        return self.int8_activation(), self.int8_output()

    def integers(self, index: int, *, wide: bool = False) -> tuple[int, ...]:
        """The values of a constant int32 input. wide: LiteRT takes int64, too."""
        tensor = self.tensor(index)
        self.need(tensor.data is not None, f"input {index} must be a constant")
        allowed = ("int32", "int64") if wide and not self.tflm else ("int32",)
        self.need(
            tensor.type.dtype in allowed,
            f"input {index} is {tensor.type.dtype}; {' or '.join(allowed)} is needed",
        )
        self.need(tensor.type.elements <= 64, f"input {index} has {tensor.type.elements} values; at most 64")
        assert tensor.data is not None
        return tuple(int(v) for v in np.asarray(tensor.data).reshape(-1))

    def has_options(self) -> Table:
        if self.options is None:
            raise ModelError(f"{self.origin}: options are missing")
        return self.options

    def flag(self, field: int) -> bool:
        return bool(self.options.integer(field, "?")) if self.options else False

    def number(self, field: int, default: int = 0) -> int:
        return self.options.integer(field, "i", default) if self.options else default

    def number_of_type(self, field: int) -> int:
        """A field that holds an element type: a byte."""
        return self.options.integer(field, "b") if self.options else 0

    def activation(self, field: int) -> Activation:
        """The fused activation in an options' field."""
        code = self.options.integer(field, "b") if self.options else 0
        name = ACTIVATIONS.get(code, f"activation {code}")
        allowed = [a.name for a in Activation]
        self.need(name in allowed, f"fused activation {name}; allowed are {', '.join(allowed)}")
        found = Activation[name]
        for bound in (found.low, found.high):
            self.byte_of(bound or 0.0, self.out)
        low, high = clamp(found, self.out)
        self.need(low <= high, f"fused activation {name} leaves no output value")
        return found

    def byte_of(self, real: float, t: TensorType) -> int:
        """The byte of a real number in t's scale; refused where the reference's conversion would overflow."""
        self.need(abs(real) / t.q.scale < 2.0**31 - 256, f"scale {t.q.scale:g} is too small")
        return byte_of(real, t)

    def scale_fits(self, real: float, what: str = "output", most: int = 29) -> None:
        """Check that a real multiplier, once quantized, shifts left by at most `most`."""
        self.need(
            isfinite(real) and abs(real) < 2.0**60 and quantize_multiplier(abs(real))[1] <= most,
            f"effective scale of the {what} is {real:g}; below 2**{most} is needed",
        )

    def same_quant(self, a: TensorType, b: TensorType) -> bool:
        return a.q.scale == b.q.scale and a.q.zero_point == b.q.zero_point

    def _int8(self, t: TensorType, what: str) -> TensorType:
        self.need(t.dtype == "int8", f"{what} is {t.dtype}; only int8 is supported")
        self.need(t.quant is not None, f"{what} has no scale and zero point")
        self.need(not t.q.per_channel, f"{what} has {len(t.q.scales)} scales; 1 is needed")
        return t


def per_tensor(quant: Quant | None) -> bool:
    return quant is not None and not quant.per_channel
