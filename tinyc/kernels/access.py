"""How a kernel goes through what it reads and writes: all that a schedule needs to know of it.

Of an operand a kernel reads a window of rows, the unit that belongs to the one it computes, everything for every unit,
row after row with a state in between, or simply everything; of its result it makes a segment of a row, units side by
side, or everything.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowWindow:
    """Rows around the output row y: `count` of them, every `step`-th from first(y). Passed as an array of addresses.

    Affine, first(y) = y * stride - top, where `table` is empty; else first(y) = table[y], and the op has a constant
    `first` (int16_t) with the same numbers.
    """

    count: int
    stride: int = 1
    top: int = 0
    step: int = 1
    table: tuple[int, ...] = ()
    #: Whether the kernel is also passed the number of the output row.
    numbered: bool = False

    def first(self, y: int) -> int:
        return self.table[y] if self.table else y * self.stride - self.top

    def rows(self, y: int, height: int) -> list[int]:
        """The rows of an operand of `height` rows that output row y reads; those beyond it are padding."""
        first = self.first(y)
        return [r for r in range(first, first + self.count * self.step, self.step) if 0 <= r < height]


@dataclass(frozen=True)
class SameUnit:
    """Unit u for unit u of the result."""


@dataclass(frozen=True)
class EveryUnit:
    """All of it, the same for every unit of the result."""


@dataclass(frozen=True)
class RowByRow:
    """One row after the other; the result is complete after the last. state: bytes kept from the first to the last."""

    state: int


@dataclass(frozen=True)
class Whole:
    """All of it, in one call."""


@dataclass(frozen=True)
class RowSegment:
    """Columns [begin, end) of one row a call, as tc_span tells them."""


@dataclass(frozen=True)
class Units:
    """Any number of units a call, side by side: elements, pixels, vectors or pieces. count: in the whole tensor.

    each: where not 0 the kernel is called for each unit by itself, as one for so many elements.
    """

    count: int
    each: int = 0


#: Of an operand.
Read = RowWindow | SameUnit | EveryUnit | RowByRow | Whole
#: Of a result.
Write = RowSegment | Units | Whole
