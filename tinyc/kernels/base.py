"""What a lowered op is: kernel calls, the constants they read, and the scratch they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinyc.kernels.access import Read, RowByRow, RowWindow, Whole, Write
from tinyc.kernels.pace import EVEN, Pace


@dataclass(frozen=True, eq=False)
class Constant:
    """An array in flash. name: unique within the op; ctype: C element type; data: any shape, stored flat."""

    name: str
    ctype: str
    data: npt.NDArray[np.generic]

    @property
    def bytes(self) -> int:
        return int(self.data.nbytes)


@dataclass(frozen=True)
class Ref:
    """The address of a constant of the same op, inside a parameter struct or an argument list."""

    constant: str


Value = int | float | tuple[int, ...] | Ref | Mapping[str, "Value"]


@dataclass(frozen=True)
class Struct:
    """A parameter struct. ctype: its C type; fields: (name, value) in declaration order."""

    ctype: str
    fields: tuple[tuple[str, Value], ...]

    def numbers(self) -> dict[str, int]:
        """Return the fields of a struct of whole numbers, as a field of another struct has them."""
        return {name: value for name, value in self.fields if isinstance(value, int)}


@dataclass(frozen=True)
class Argument:
    """What a call reads, and how it goes through it."""

    #: A position among the op's inputs, where it is computed at run time, or a constant.
    source: int | Ref
    access: Read


@dataclass(frozen=True)
class Result:
    """What a call writes, and how."""

    access: Write
    #: Which of the op's outputs.
    index: int = 0


@dataclass(frozen=True)
class Call:
    """One kernel call: symbol(&structs..., reads..., constants..., writes..., units, scratch, state)."""

    #: The C function.
    symbol: str
    #: Where its source lies, and the name of its header.
    folder: str
    structs: tuple[Struct, ...]
    reads: tuple[Argument, ...]
    #: Arrays that every call gets whole; None as NULL.
    constants: tuple[Ref | None, ...] = ()
    writes: tuple[Result, ...] = (Result(Whole()),)
    #: Bytes of working memory; the argument is left out where 0.
    scratch: int = 0
    #: How much of the op's work it is.
    share: float = 1.0
    #: MACs that it computes for each of these: more than 1 where it computes pixels that are none.
    macs: float = 1.0
    #: How its time grows with the pixels side by side that it computes.
    pace: Pace = EVEN

    def with_fields(self, **values: Value) -> Call:
        """Return the call with other values of some fields of its one struct."""
        (struct,) = self.structs
        fields = tuple((name, values.get(name, value)) for name, value in struct.fields)
        return replace(self, structs=(replace(struct, fields=fields),))


@dataclass(frozen=True)
class Lowering:
    """An op as kernel calls, in order. No calls: the output is the input under another shape (a view).

    in_place: positions of inputs whose buffer the output may take over, element by element;
    why: one sentence on the choice of the kernel; columns: that its kernel computes together, 0 where that makes no
    difference; narrower: the same with less scratch, for fewer columns together, the fewest first.
    """

    calls: tuple[Call, ...]
    constants: tuple[Constant, ...] = ()
    in_place: tuple[int, ...] = ()
    why: str = ""
    columns: int = 0
    narrower: tuple[Lowering, ...] = ()
    #: Bits of flash for one weight, scales and biases aside; 0 for those of its type.
    weight_bits: float = 0.0

    @property
    def weights_bytes(self) -> int:
        return sum(c.bytes for c in self.constants)

    @property
    def scratch_bytes(self) -> int:
        return max((c.scratch for c in self.calls), default=0)

    @property
    def operands(self) -> tuple[tuple[int, Read], ...]:
        """(position among the op's inputs, access) of every activation that a call reads."""
        arguments = (a for call in self.calls for a in call.reads)
        return tuple((a.source, a.access) for a in arguments if isinstance(a.source, int))

    @property
    def state_bytes(self) -> int:
        return max((a.state for _, a in self.operands if isinstance(a, RowByRow)), default=0)

    @property
    def pace(self) -> Pace:
        """How its time grows with the pixels of a call."""
        return self.calls[0].pace if len(self.calls) == 1 else EVEN

    @property
    def needs_rows(self) -> bool:
        """Whether the kernel cannot do the op in one call."""
        return any(isinstance(a, RowWindow | RowByRow) for _, a in self.operands)

    def for_columns(self, columns: int) -> Lowering:
        """Return the same where a call computes at most so many columns."""
        return next((low for low in self.narrower if columns <= low.columns), self)

    def within(self, scratch: int) -> Lowering:
        """Return the widest of the same whose scratch is at most so many bytes; the narrowest where none is."""
        every = (*self.narrower, self)
        return next((low for low in reversed(every) if low.scratch_bytes <= scratch), every[0])

    def in_rows(self, rows: int, width: int) -> Lowering:
        """Return the same where a kernel that takes an image row by row finds its pixels in so many rows."""
        calls = (replace(c, structs=tuple(_in_rows(s, rows, width) for s in c.structs)) for c in self.calls)
        return replace(self, calls=tuple(calls))

    def by(self, symbol: str, *structs: Struct, why: str = "") -> Lowering:
        """Return the one call, by another kernel that takes the same operands; with other parameters if given."""
        (call,) = self.calls
        other = replace(call, symbol=symbol, structs=structs or call.structs)
        return replace(self, calls=(other,), why=why or self.why)

    @property
    def is_view(self) -> bool:
        return not self.calls

    @property
    def symbols(self) -> str:
        """Kernel names for tables."""
        return " + ".join(dict.fromkeys(c.symbol for c in self.calls)) or "(view)"


def _in_rows(struct: Struct, rows: int, width: int) -> Struct:
    """The parameters with another geometry of the image, which is `rows` and `width`, or within `image`."""
    geometry: dict[str, int] = {"rows": rows, "width": width}
    fields = tuple(
        (
            name,
            {**value, **geometry}
            if isinstance(value, Mapping) and name == "image"
            else geometry.get(name, value),
        )
        for name, value in struct.fields
    )
    return replace(struct, fields=fields)


def in_blocks(low: Lowering, most: int, scratch: Callable[[int], int]) -> Lowering:
    """A lowering whose kernel computes `most` columns together, and the same with blocks of fewer.

    scratch: of a block of so many columns; its struct's field `block` tells the kernel how many they are.
    """
    (call,) = low.calls

    def block(columns: int) -> Lowering:
        other = replace(call.with_fields(block=columns), scratch=scratch(columns))
        return replace(low, calls=(other,), columns=columns)

    return replace(block(most), narrower=tuple(block(n) for n in BLOCKS if n < most))


#: Columns that calls compute together where there is room for so many.
BLOCKS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
