"""What lives where in the arena, and when: plain values for pictures and tables.

All intervals are half-open: steps [start, stop), bytes [offset, offset + bytes), rows [first, last).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate


@dataclass(frozen=True)
class Tenant:
    """Something that takes room in the arena.

    kind: "input", "output", "tensor", "state" (what an op keeps between rows) or "scratch" (of one call);
    op: the op in `MemoryMap.ops` that writes it, None for the model's inputs and for scratch; shape: empty for state
    and scratch;
    offset: of its buffer; bytes: of its buffer; rows: of the tensor; slots: rows that the buffer holds at once;
    columns: [start, stop) of each strip in which a patch stage makes it; empty where rows are made whole.
    """

    name: str
    kind: str
    op: int | None
    shape: tuple[int, ...]
    offset: int
    bytes: int
    rows: int = 1
    slots: int = 1
    columns: tuple[tuple[int, int], ...] = ()

    @property
    def is_tensor(self) -> bool:
        return self.kind not in ("state", "scratch")


@dataclass(frozen=True)
class Span:
    """Rows [first, last) of a tenant, at [offset, offset + bytes), hold data during [start, stop).

    strip: which part of the columns, where the tenant has parts.
    """

    tenant: int
    first: int
    last: int
    offset: int
    bytes: int
    start: int
    stop: int
    strip: int = 0


@dataclass(frozen=True)
class Ring:
    """[offset, offset + bytes), kept for the tenant during [start, stop) though now and then it holds nothing there:

    a slot of a ring, or scratch.
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
    """One firing of an op. number: how many went before it; op: in `MemoryMap.ops`, None where an input row is read or

    the caller acts; stage: number of the stage, from 0.
    """

    number: int
    op: int | None
    stage: int
    reads: tuple[Rows, ...]
    writes: tuple[Rows, ...]


@dataclass(frozen=True)
class MapOp:
    """An op of the network. index: in the model file; kind: as the file has it."""

    index: int
    kind: str
    name: str


@dataclass(frozen=True)
class MemoryMap:
    """The arena during one inference. Step 0 is the caller's writing of the resident inputs, the last step his reading

    of the outputs. spans: disjoint in bytes and steps; rings: of tenants with fewer slots than rows, and of scratch;

    total: number of steps, of which a thinned map holds but some.
    """

    arena: int
    tenants: tuple[Tenant, ...]
    spans: tuple[Span, ...]
    rings: tuple[Ring, ...]
    steps: tuple[Step, ...]
    ops: tuple[MapOp, ...]
    total: int

    def thinned(self, most: int) -> MemoryMap:
        """The map at every n-th step, so that there are at most so many; the step that holds most is one of them."""
        every = -(-len(self.steps) // most)
        if every <= 1:
            return self
        held = self.held()
        phase = held.index(max(held)) % every

        def at(step: int) -> int:
            return max(0, -(-(step - phase) // every))

        spans = (replace(s, start=at(s.start), stop=at(s.stop)) for s in self.spans)
        rings = (replace(r, start=at(r.start), stop=at(r.stop)) for r in self.rings)
        return replace(
            self,
            spans=tuple(s for s in spans if s.stop > s.start),
            rings=tuple(r for r in rings if r.stop > r.start),
            steps=self.steps[phase::every],
        )

    def live(self) -> list[int]:
        """Bytes that hold data, at every step."""
        change = [0] * (len(self.steps) + 1)
        for span in self.spans:
            change[span.start] += span.bytes
            change[span.stop] -= span.bytes
        return list(accumulate(change[:-1]))

    def held(self) -> list[int]:
        """Bytes that hold data or are kept for a ring, at every step: what the arena must have room for."""
        pieces: list[Span | Ring] = sorted((*self.spans, *self.rings), key=lambda piece: piece.offset)
        top, held = [0] * len(self.steps), [0] * len(self.steps)
        for piece in pieces:
            end = piece.offset + piece.bytes
            for step in range(piece.start, piece.stop):
                if end > top[step]:
                    held[step] += end - max(top[step], piece.offset)
                    top[step] = end
        return held
