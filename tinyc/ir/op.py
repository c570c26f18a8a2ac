"""The base of every operation: what it reads, what it writes, and how to compute it in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar

from tinyc.ir.types import Array, Origin, Region, TensorType


@dataclass(frozen=True)
class Op:
    """One node. Subclasses add typed attributes; equality is by value.

    inputs, outputs: names of tensors of the graph; a missing optional input is "".
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    origin: Origin = field(compare=False)

    #: Name of the op kind in text dumps and tables.
    kind: ClassVar[str] = "op"

    def infer(self, types: Sequence[TensorType | None]) -> tuple[tuple[int, ...], ...]:
        """Shapes of the outputs, from the types of the inputs.

        Raises ModelError where the inputs do not go together.
        """
        raise NotImplementedError

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        """The outputs computed in numpy, byte for byte as the chosen reference interpreter does."""
        raise NotImplementedError

    def input_region(
        self, index: int, region: Region, types: Sequence[TensorType | None], out: TensorType
    ) -> Region:
        """The part of input `index` that is read to compute `region` of the output; whole by default.

        Half-open, clipped to the input: padding is not part of it.
        """
        del region, out
        t = types[index]
        assert t is not None
        h, w, _ = t.hwc
        return Region(0, h, 0, w)

    def macs(self, types: Sequence[TensorType | None], outs: Sequence[TensorType]) -> int:
        """Multiply-accumulates of one inference, as the MLPerf Tiny tables count them."""
        del types, outs
        return 0

    def attributes(self) -> tuple[tuple[str, object], ...]:
        """The op's own fields in order, for the text dump."""
        base = {"inputs", "outputs", "origin"}
        return tuple((f.name, getattr(self, f.name)) for f in fields(self) if f.name not in base)
