"""What a lowered op is: kernel calls, the constants they read, and the scratch they need.

A kernel has one of four forms, which is all that a schedule needs to know of it:
WINDOW computes a segment of one output row from an array of input-row pointers; RUN maps a run of units (pixels,
elements, vectors) to as many units; REDUCE takes its input row by row, keeps a state in between and writes its whole
output after the last row; WHOLE needs its whole inputs and writes its whole output.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tinyc.kernels.access import (
    Broadcast,
    Read,
    RowByRow,
    RowSegment,
    RowWindow,
    SameUnit,
    Units,
    Whole,
    Write,
)


class Form(Enum):
    WINDOW = "window"
    RUN = "run"
    REDUCE = "reduce"
    WHOLE = "whole"


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


@dataclass(frozen=True)
class Operand:
    """The op's input `index`, an activation, as an argument."""

    index: int


Value = int | float | tuple[int, ...] | Ref | dict[str, int]


@dataclass(frozen=True)
class Struct:
    """A parameter struct. ctype: its C type; fields: (name, value) in declaration order."""

    ctype: str
    fields: tuple[tuple[str, Value], ...]


@dataclass(frozen=True)
class Rows:
    """Which input rows a WINDOW kernel's output row y reads: `count` of them, every `step`-th from first(y).

    Affine, first(y) = y * stride - top, where `table` is empty; else first(y) = table[y], and the op has a constant
    `first` (int16_t) with the same numbers.
    """

    count: int
    stride: int = 1
    top: int = 0
    step: int = 1
    table: tuple[int, ...] = ()

    def first(self, y: int) -> int:
        return self.table[y] if self.table else y * self.stride - self.top


@dataclass(frozen=True)
class Argument:
    """What a call reads: an activation by Operand or a constant by Ref, and how it goes through it."""

    source: Operand | Ref
    access: Read


@dataclass(frozen=True)
class Result:
    """What a call writes: the op's output `index`, and how."""

    access: Write
    index: int = 0


@dataclass(frozen=True)
class Call:
    """One kernel call: symbol(&structs..., inputs..., constants..., output, units, scratch).

    symbol: the C function; folder: of its source file, and name of its header; inputs: an activation by Operand or a
    constant by Ref (WINDOW: one, passed as rows and span; RUN: each is walked unit by unit); constants: every call gets
    all of them, None as NULL; units: RUN only, how many there are in the whole tensor; scratch: bytes, the argument is
    left out where 0; state: REDUCE only, bytes that the schedule keeps for the op from its first row to its last;
    rows: WINDOW only; takes_row: WINDOW only, the number of the output row is passed after the span;
    per_unit: RUN only, where not 0 the kernel is called for each unit by itself, as one for so many elements;
    repeated: positions of inputs that are then the same for every unit.
    """

    symbol: str
    folder: str
    form: Form
    structs: tuple[Struct, ...]
    inputs: tuple[Operand | Ref, ...]
    constants: tuple[Ref | None, ...] = ()
    units: int = 0
    scratch: int = 0
    state: int = 0
    rows: Rows | None = None
    takes_row: bool = False
    per_unit: int = 0
    repeated: tuple[int, ...] = ()

    @cached_property
    def reads(self) -> tuple[Argument, ...]:
        match self.form:
            case Form.WINDOW:
                assert self.rows is not None
                r = self.rows
                window = RowWindow(r.count, r.stride, r.top, r.step, r.table, self.takes_row)
                return tuple(Argument(i, window) for i in self.inputs)
            case Form.RUN:
                return tuple(
                    Argument(source, Broadcast() if i in self.repeated else SameUnit())
                    for i, source in enumerate(self.inputs)
                )
            case Form.REDUCE:
                return tuple(Argument(i, RowByRow(self.state)) for i in self.inputs)
            case Form.WHOLE:
                return tuple(Argument(i, Whole()) for i in self.inputs)

    @cached_property
    def writes(self) -> tuple[Result, ...]:
        match self.form:
            case Form.WINDOW:
                return (Result(RowSegment()),)
            case Form.RUN:
                return (Result(Units(self.units, self.per_unit)),)
            case _:
                return (Result(Whole()),)


@dataclass(frozen=True)
class Lowering:
    """An op as kernel calls, in order. No calls: the output is the input under another shape (a view).

    in_place: positions of inputs whose buffer the output may take over, element by element;
    why: one sentence on the choice of the kernel.
    """

    calls: tuple[Call, ...]
    constants: tuple[Constant, ...] = ()
    in_place: tuple[int, ...] = ()
    why: str = ""

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
        return tuple((a.source.index, a.access) for a in arguments if isinstance(a.source, Operand))

    @property
    def state_bytes(self) -> int:
        return max((a.state for _, a in self.operands if isinstance(a, RowByRow)), default=0)

    @property
    def needs_rows(self) -> bool:
        """Whether the kernel cannot do the op in one call."""
        return any(isinstance(a, RowWindow | RowByRow) for _, a in self.operands)

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
