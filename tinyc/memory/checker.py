"""The independent check of a plan: replay it byte by byte and see that every read finds what was written for it.

Deliberately dumb and unlike the planner: no liveness, no orders, only a tag on every byte of the arena.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tinyc.errors import InternalError


@dataclass(frozen=True)
class Access:
    """Bytes [start, stop) of the arena hold, or receive, the piece `tag` of some tensor."""

    tag: tuple[str, int]
    start: int
    stop: int


@dataclass(frozen=True)
class Event:
    """One kernel call: everything it reads, then everything it writes.

    in_place: tags whose bytes may be overwritten while they are read, since the kernel reads an element before it
    writes over it; retag: nothing moves, the bytes read get new names (a view).
    """

    name: str
    reads: tuple[Access, ...]
    writes: tuple[Access, ...]
    scratch: tuple[int, int] = (0, 0)
    in_place: frozenset[tuple[str, int]] = frozenset()
    retag: bool = False


def check(events: Iterable[Event], arena: int) -> None:
    """Replay `events` in an arena of so many bytes. Raises InternalError on the first wrong read or write."""
    tags: dict[tuple[str, int], int] = {}
    memory = np.full(arena, -1, np.int64)
    for event in events:
        for read in event.reads:
            held = memory[read.start : read.stop]
            if read.stop > arena or not (held == tags.get(read.tag, -2)).all():
                raise InternalError(
                    f"memory plan: {event.name} reads {read.tag} at [{read.start}, {read.stop}), "
                    "which holds something else"
                )
        writes = (*event.writes, *_scratch(event))
        _check_writes(event, writes, arena)
        for write in writes:
            memory[write.start : write.stop] = tags.setdefault(write.tag, len(tags))


def _check_writes(event: Event, writes: tuple[Access, ...], arena: int) -> None:
    for i, write in enumerate(writes):
        if not 0 <= write.start <= write.stop <= arena:
            raise InternalError(f"memory plan: {event.name} writes {write.tag} outside the arena")
        for read in () if event.retag else event.reads:
            same = read.start == write.start and read.stop == write.stop
            if _overlap(read, write) and not (same and read.tag in event.in_place):
                raise InternalError(f"memory plan: {event.name} overwrites {read.tag} while it reads it")
        for other in writes[i + 1 :]:
            if _overlap(write, other):
                raise InternalError(
                    f"memory plan: {event.name} writes {write.tag} and {other.tag} to one place"
                )
    if event.retag and sum(w.stop - w.start for w in writes) != sum(r.stop - r.start for r in event.reads):
        raise InternalError(f"memory plan: {event.name} is a view of another size")


def _overlap(a: Access, b: Access) -> bool:
    return a.start < b.stop and b.start < a.stop


def _scratch(event: Event) -> tuple[Access, ...]:
    low, high = event.scratch
    return (Access(("scratch of " + event.name, 0), low, high),) if high > low else ()
