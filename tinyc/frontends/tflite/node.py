"""What a reader of an operator is given, and the guards that all readers share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.tflite.flatbuffer import Table
from tinyc.frontends.tflite.schema import ACTIVATIONS
from tinyc.ir import Activation, Origin, Reference, Tensor, TensorType
from tinyc.ops.guard import LitertRejectsError


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
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise ModelError(f"{self.origin}: input {index} is missing")
        return found

    def x(self, index: int = 0) -> TensorType:
        return self.tensor(index).type

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
        return Activation[name]
