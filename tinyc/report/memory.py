"""What lives where in the arena, and when: plain values for pictures and tables.

All intervals are half-open: steps [start, stop), bytes [offset, offset + bytes), rows [first, last).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate


@dataclass(frozen=True)
class Tenant:
    """Something that takes room in the arena."""

    name: str
    #: "input", "output", "tensor", "state" (what an op keeps between rows) or "scratch" (of one call)
    kind: str
    #: the op in `MemoryMap.ops` that writes it, None for the model's inputs and for scratch
    op: int | None
    #: empty for state and scratch
    shape: tuple[int, ...]
    #: of its buffer, as are the bytes
    offset: int
    bytes: int
    #: of the tensor
    rows: int = 1
    #: rows that the buffer holds at once
    slots: int = 1
    #: [start, stop) of each width tile in which a patch stage makes it; empty where rows are made whole
    columns: tuple[tuple[int, int], ...] = ()

    @property
    def is_tensor(self) -> bool:
        return self.kind not in ("state", "scratch")


@dataclass(frozen=True)
class Span:
    """Rows [first, last) of a tenant, at [offset, offset + bytes), hold data during [start, stop)."""

    tenant: int
    first: int
    last: int
    offset: int
    bytes: int
    start: int
    stop: int
    #: which of the tenant's columns, where it has several
    strip: int = 0


@dataclass(frozen=True)
class Kept:
    """A slot of a rolling buffer, or scratch: [offset, offset + bytes), kept for the tenant during [start, stop).

    Now and then it holds no data.
    """

    tenant: int
    offset: int
    bytes: int
    start: int
    stop: int


@dataclass(frozen=True)
class Rows:
    """Rows [first, last) of a tenant, as a step reads or writes them."""

    tenant: int
    first: int
    last: int


@dataclass(frozen=True)
class Step:
    """One firing of an op."""

    #: how many went before it
    number: int
    #: in `MemoryMap.ops`, None where an input row is read or the caller acts
    op: int | None
    #: from 0
    stage: int
    reads: tuple[Rows, ...]
    writes: tuple[Rows, ...]


@dataclass(frozen=True)
class MapOp:
    """An op of the network, as the model file has it."""

    index: int
    kind: str
    name: str


@dataclass(frozen=True)
class MemoryMap:
    """The arena during one inference.

    In step 0 the caller writes the resident inputs, in the last step it reads the outputs.
    """

    arena: int
    tenants: tuple[Tenant, ...]
    #: disjoint in bytes and steps
    spans: tuple[Span, ...]
    #: of tenants with fewer slots than rows, and of scratch
    kept: tuple[Kept, ...]
    steps: tuple[Step, ...]
    ops: tuple[MapOp, ...]
    #: number of steps, of which a thinned map holds but some
    total: int

    def thinned(self, most: int) -> MemoryMap:
        """Return the map at every n-th step, at most so many; the step that holds most is one of them."""
        every = -(-len(self.steps) // most)
        if every <= 1:
            return self
        held = self.held()
        phase = held.index(max(held)) % every

        def at(step: int) -> int:
            return max(0, -(-(step - phase) // every))

        spans = (replace(s, start=at(s.start), stop=at(s.stop)) for s in self.spans)
        kept = (replace(r, start=at(r.start), stop=at(r.stop)) for r in self.kept)
        return replace(
            self,
            spans=tuple(s for s in spans if s.stop > s.start),
            kept=tuple(r for r in kept if r.stop > r.start),
            steps=self.steps[phase::every],
        )

    def live(self) -> list[int]:
        """Return bytes that hold data, at every step."""
        change = [0] * (len(self.steps) + 1)
        for span in self.spans:
            change[span.start] += span.bytes
            change[span.stop] -= span.bytes
        return list(accumulate(change[:-1]))

    def held(self) -> list[int]:
        """Return bytes that hold data or are kept for a ring, at every step: what the arena must have room for."""
        pieces: list[Span | Kept] = sorted((*self.spans, *self.kept), key=lambda piece: piece.offset)
        top, held = [0] * len(self.steps), [0] * len(self.steps)
        for piece in pieces:
            end = piece.offset + piece.bytes
            for step in range(piece.start, piece.stop):
                if end > top[step]:
                    held[step] += end - max(top[step], piece.offset)
                    top[step] = end
        return held
