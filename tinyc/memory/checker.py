"""The independent check of a plan: replay it byte by byte and see that every read finds what was written for it.

Deliberately dumb and unlike the planner: no liveness, no orders, only a tag on every byte of the arena.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tinyc.errors import InternalError


@dataclass(frozen=True)
class Piece:
    """Bytes [start, stop) of the arena hold, or receive, the piece `tag` of some tensor."""

    tag: tuple[str, int]
    start: int
    stop: int


@dataclass(frozen=True)
class Event:
    """One kernel call: everything it reads, then everything it writes."""

    name: str
    reads: tuple[Piece, ...]
    writes: tuple[Piece, ...]
    #: Bytes [start, stop) that the call fills with anything.
    scratch: tuple[int, int] = (0, 0)
    #: Tags whose bytes may be overwritten while they are read: the kernel reads an element before it writes over it.
    in_place: frozenset[tuple[str, int]] = frozenset()
    #: Whether nothing moves: the bytes read get further names, those of `writes`.
    view: bool = False
    #: Bytes [start, stop) that are moved to another start before anything else, and keep their names.
    moved: tuple[int, int, int] | None = None


def check(events: Iterable[Event], arena: int) -> None:
    """Replay `events` in an arena of so many bytes. Raises InternalError on the first wrong read or write."""
    memory = np.full(arena, -1, np.int64)  # number of the write that each byte is from
    written: dict[tuple[str, int], int | Numbers] = {}  # what the bytes of a piece must be from
    for number, event in enumerate(events):
        if event.moved is not None:
            _move(event, memory)
        for read in event.reads:
            _check_inside(event, read, "reads", arena)
            held = memory[read.start : read.stop]
            expected = written.get(read.tag, -2)
            if np.size(expected) not in (1, held.size) or not (held == expected).all():
                raise InternalError(
                    f"memory plan: {event.name} reads {read.tag} at [{read.start}, {read.stop}), "
                    "which holds something else"
                )
        writes = (*event.writes, *_scratch(event))
        for write in writes:
            _check_inside(event, write, "writes", arena)
        if event.view:
            _check_view(event, arena)
            written |= {write.tag: memory[write.start : write.stop].copy() for write in event.writes}
            continue
        _check_writes(event, writes)
        for place, write in enumerate(writes):
            memory[write.start : write.stop] = written[write.tag] = number * _MOST_WRITES + place


#: More pieces than one event writes.
_MOST_WRITES = 1 << 20

Numbers = npt.NDArray[np.int64]


def _move(event: Event, memory: Numbers) -> None:
    start, stop, to = event.moved or (0, 0, 0)
    if min(start, to, stop - start) < 0 or max(stop, to + stop - start) > len(memory):
        raise InternalError(
            f"memory plan: {event.name} moves [{start}, {stop}) to {to}, not inside the arena"
        )
    held = memory[start:stop].copy()
    memory[start:stop] = -1
    memory[to : to + stop - start] = held


def _check_inside(event: Event, access: Piece, does: str, arena: int) -> None:
    if not 0 <= access.start <= access.stop <= arena:
        raise InternalError(f"memory plan: {event.name} {does} {access.tag} outside the arena")


def _check_writes(event: Event, writes: tuple[Piece, ...]) -> None:
    starts = np.array([read.start for read in event.reads], np.int64)
    stops = np.array([read.stop for read in event.reads], np.int64)
    for write in writes:
        lost = [event.reads[i] for i in np.flatnonzero((starts < write.stop) & (stops > write.start))]
        if lost and not (all(r.tag in event.in_place for r in lost) and _tile(lost, write)):
            raise InternalError(f"memory plan: {event.name} overwrites {lost[0].tag} while it reads it")
    in_order = sorted((w for w in writes if w.start < w.stop), key=lambda w: w.start)
    for write, other in pairwise(in_order):
        if other.start < write.stop:
            raise InternalError(f"memory plan: {event.name} writes {write.tag} and {other.tag} to one place")


def _check_view(event: Event, arena: int) -> None:
    covered = np.zeros((2, arena), np.int64)
    for side, accesses in enumerate((event.reads, event.writes)):
        for access in accesses:
            covered[side, access.start : access.stop] += 1
    if (covered[0] != covered[1]).any():
        raise InternalError(f"memory plan: {event.name} is a view of other bytes than it reads")


def _tile(parts: list[Piece], whole: Piece) -> bool:
    """Whether the parts, in the order they are read, lie side by side and fill the whole."""
    edges = [whole.start, *(p.stop for p in parts)]
    return [p.start for p in parts] == edges[:-1] and edges[-1] == whole.stop


def _scratch(event: Event) -> tuple[Piece, ...]:
    low, high = event.scratch
    return (Piece(("scratch of " + event.name, 0), low, high),) if high > low else ()
