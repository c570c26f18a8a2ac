"""What the memory planner works on: blocks of bytes that live for a while. No graph is known here.

All intervals are half-open: times [start, stop), bytes [low, high).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Bytes [low, high) of a block, counted from its start, hold live data during times [start, stop)."""

    start: int
    stop: int
    low: int
    high: int


@dataclass(frozen=True)
class Block:
    """A piece of the arena. size: bytes; align: of its offset; spans: which part is live when.

    A block with one span over its whole size is an ordinary buffer; more spans describe one that grows and shrinks,
    as a tensor does whose rows are produced and consumed one by one.
    """

    name: str
    size: int
    spans: tuple[Span, ...]
    align: int = 4

    @staticmethod
    def whole(name: str, size: int, start: int, stop: int, align: int = 4) -> Block:
        return Block(name, size, (Span(start, stop, 0, size),), align)


@dataclass(frozen=True)
class MemoryPlan:
    """offsets: of each block, bytes from the start of the arena; size: of the arena;

    lower_bound: no placement of these blocks is smaller (the largest sum of live bytes at any time).
    """

    offsets: Mapping[str, int]
    size: int
    lower_bound: int

    @property
    def is_optimal(self) -> bool:
        return self.size == self.lower_bound


def live_peak(blocks: Iterable[Block]) -> int:
    """The largest sum of live bytes at any time."""
    changes: dict[int, int] = {}
    for block in blocks:
        for span in block.spans:
            changes[span.start] = changes.get(span.start, 0) + span.high - span.low
            changes[span.stop] = changes.get(span.stop, 0) - span.high + span.low
    peak = live = 0
    for time in sorted(changes):
        live += changes[time]
        peak = max(peak, live)
    return peak


def separation(below: Block, above: Block) -> int | None:
    """The least distance from the start of `below` to the start of `above`, when placed in this order.

    None where the two never live at the same time. May be less than the size of `below`, or negative, where live
    parts pass each other.
    """
    need: int | None = None
    for a in below.spans:
        for b in above.spans:
            if a.start < b.stop and b.start < a.stop:
                need = a.high - b.low if need is None else max(need, a.high - b.low)
    return need
