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
    #: Whether the references have it for int8 and not for uint8.
    is_signed_only: ClassVar[bool] = False
    #: Whether each output element is computed from the elements at its place in the inputs, repeated as numpy does.
    is_elementwise: ClassVar[bool] = False
    #: Whether outputs are elements of the inputs in another place, whatever their type.
    only_moves: ClassVar[bool] = False
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

    @property
    def is_function(self) -> bool:
        """Whether each output element is a function of the one at its place in the only input."""
        return self.is_elementwise and len(self.inputs) == 1

    def rises(self, types: Operands[TensorType], out: TensorType) -> bool:
        """Whether it is known that no output byte falls when an input byte rises."""
        del types, out
        return self.only_moves

    def keeps_channels(self, rank: int) -> bool:
        """Whether it is known that channel c of the output comes from channel c of the only input.

        rank: dimensions of the input, the last of which are the channels.
        """
        return rank > 0 and self.is_function

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        """Whether it is known that the output has the first input's bytes, given that both are of type `t`."""
        del t, reference
        return False

    @property
    def values(self) -> tuple[str, ...]:
        """Inputs that are values of the network: not weights and biases."""
        trained = {o.index for o in self.operands if o.trained}
        return tuple(n for i, n in enumerate(self.inputs) if n and i not in trained)

    @property
    def trained(self) -> tuple[str, ...]:
        """Inputs that are weights and biases."""
        trained = {o.index for o in self.operands if o.trained}
        return tuple(n for i, n in enumerate(self.inputs) if n and i in trained)

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
