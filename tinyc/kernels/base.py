"""What a lowered op is: kernel calls, the constants they read, and the scratch they need."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinyc.kernels.access import Read, RowByRow, RowWindow, Whole, Write


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


Value = int | float | tuple[int, ...] | Ref | dict[str, int]


@dataclass(frozen=True)
class Struct:
    """A parameter struct. ctype: its C type; fields: (name, value) in declaration order."""

    ctype: str
    fields: tuple[tuple[str, Value], ...]


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
        return tuple((a.source, a.access) for a in arguments if isinstance(a.source, int))

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
