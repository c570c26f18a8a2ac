"""The base of every operation: what it reads, what it writes, and how to compute it in numpy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar, TypeVar

from tinyc.ir.operand import Operand, Operands
from tinyc.ir.types import Array, Origin, Reference, Region, TensorType

_T = TypeVar("_T")


@dataclass(frozen=True)
class Op:
    """One node. Subclasses add typed attributes and name their operands; equality is by value."""

    #: Names of tensors of the graph; an optional input that is left out is "".
    inputs: tuple[str, ...]
    #: Names of tensors of the graph.
    outputs: tuple[str, ...]
    #: The node of the user's file.
    origin: Origin = field(compare=False)

    #: Name of the op kind in text dumps and tables.
    kind: ClassVar[str] = "op"
    #: Whether inputs and outputs, as far as they are no weights, have to be int8 with one scale.
    is_int8: ClassVar[bool] = True
    #: The named inputs, in order; empty for an op with any number of inputs.
    operands: ClassVar[tuple[Operand, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        found = {
            o.index: o
            for base in reversed(cls.__mro__)
            for o in vars(base).values()
            if isinstance(o, Operand)
        }
        cls.operands = tuple(found[i] for i in sorted(found))

    def named(self, values: Iterable[_T | None]) -> Operands[_T]:
        """Give what belongs to each input the operands' names."""
        return Operands(self.origin, self.operands, values)

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        """Shapes of the outputs, from the types of the inputs.

        Raises ModelError where the inputs do not go together.
        """
        raise NotImplementedError

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        """Raise ModelError for what the int8 arithmetic of the reference cannot do with these types.

        That the shapes go together is known, and that types are int8 where `is_int8` says so.
        """
        del types, constants, outs, reference

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        """Return the outputs computed in numpy, byte for byte as the reference interpreter does."""
        raise NotImplementedError

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        """The part of input `index` that is read to compute `region` of the output; whole by default.

        Half-open, clipped to the input: padding is not part of it.
        """
        del region, out
        t = types.at(index)
        h, w, _ = t.hwc
        return Region(0, h, 0, w)

    def macs(self, types: Operands[TensorType], outs: Sequence[TensorType]) -> int:
        """Multiply-accumulates of one inference, as the MLPerf Tiny tables count them."""
        del types, outs
        return 0

    def attributes(self) -> tuple[tuple[str, object], ...]:
        """The op's own fields in order, for the text dump."""
        base = {"inputs", "outputs", "origin"}
        return tuple((f.name, getattr(self, f.name)) for f in fields(self) if f.name not in base)
