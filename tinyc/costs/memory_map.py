"""A plan as a memory map: the life of every row, told by what the plan's steps read and write.

Taken from the same events as the checker's, not from the planner's intervals: the picture shows what runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tinyc.memory import Event, Piece
from tinyc.report.memory import Kept, MapOp, MemoryMap, Rows, Span, Step, Tenant
from tinyc.schedule import Plan
from tinyc.schedule.replay import events


def memory_map(plan: Plan) -> MemoryMap:
    """What lives where in the arena of `plan`, step by step."""
    ops = tuple(MapOp(op.origin.index, op.origin.kind, op.origin.name) for op in plan.graph.ops)
    lives = _Lives(
        {f"{name} strip {i}": (name, i) for name, cut in plan.columns.items() for i in range(len(cut))}
    )
    steps = []
    for now, (event, (stage, op)) in enumerate(zip(events(plan), _positions(plan), strict=True)):
        lives.happen(event, now, stage)
        steps.append((event, stage, op))
    pieces = lives.all()
    spans = _merged(pieces)
    names = dict.fromkeys(s.name for s in sorted(spans, key=lambda s: (s.start, s.offset)))
    number = {name: i for i, name in enumerate(names)}
    lives_of: dict[str, list[_Life]] = {name: [] for name in names}
    for piece in pieces:
        lives_of[piece.name].append(piece)
    kept = [slot for name, own in lives_of.items() for slot in _kept(plan, number[name], name, own)]
    return MemoryMap(
        plan.arena,
        tuple(_tenant(plan, name, own) for name, own in lives_of.items()),
        tuple(
            Span(number[s.name], s.first, s.last, s.offset, s.bytes, s.start, s.stop, s.strip) for s in spans
        ),
        tuple(kept),
        tuple(
            Step(at, op, stage, _rows(event.reads, lives, number), _rows(event.writes, lives, number))
            for at, (event, stage, op) in enumerate(steps)
        ),
        ops,
        len(steps),
    )


def _positions(plan: Plan) -> Iterator[tuple[int, int | None]]:
    """(stage, op) of every event, in the order of `events`."""
    yield 0, None
    for number, stage in enumerate(plan.stages):
        whole = stage.kind == "layer" and not stage.by_row
        for firing in stage.order[:1] if whole else stage.order:
            op = plan.tasks[firing[0]].op
            yield number, op if op >= 0 else None
    yield max(len(plan.stages) - 1, 0), None


_SCRATCH, _STATE = "scratch of stage", "state of op"


@dataclass
class _Life:
    """One piece of a tenant while it holds data: rows [first, last) at [offset, offset + bytes)."""

    name: str
    strip: int
    first: int
    last: int
    offset: int
    bytes: int
    #: The step that wrote it.
    start: int
    #: After the last step that has used it.
    stop: int
    #: The same before it was moved, as long as nothing has read it since.
    before: _Life | None = None

    def live_until(self, stop: int) -> None:
        """Let it hold data until a step; what it was moved from, until it was."""
        self.stop = stop
        if self.before is not None:
            self.before.live_until(self.start)
            self.before = None


@dataclass
class _Lives:
    """Pieces by the tags of the events: those that may still be read, and those that were written over."""

    #: (tensor, strip) by the name that its tags have, for tensors made in strips.
    strips: dict[str, tuple[str, int]]
    #: Those that may still be read.
    current: dict[tuple[str, int], _Life] = field(default_factory=dict)
    #: Tags whose bytes go by another name since, that of an in-place op or a view; under it they may be read on.
    taken: set[tuple[str, int]] = field(default_factory=set)
    #: Those that were written over.
    past: list[_Life] = field(default_factory=list)

    def happen(self, event: Event, now: int, stage: int) -> None:
        """Everything that `event` reads lives on until it; what it writes is born with it."""
        if event.moved is not None:
            self._move(*event.moved, now)
        for read in event.reads:
            taken = any(w.start < read.stop and read.start < w.stop for w in event.writes)
            for tag, life in self._holding(read):
                life.live_until(now if taken else now + 1)
                if taken:
                    self.taken |= {read.tag, tag}
        low, high = event.scratch
        scratch = (Piece((f"{_SCRATCH} {stage} {low}", 0), low, high),) if high > low else ()
        for write in (*event.writes, *scratch):
            self.taken.discard(write.tag)
            old = self.current.get(write.tag)
            if old is not None and old.stop >= now and _same_place(old, write):
                old.stop = now + 1
                continue
            if old is not None:
                self.past.append(old)
            (name, strip), row, size = self.tensor(write), write.tag[1], write.stop - write.start
            self.current[write.tag] = _Life(name, strip, row, row + 1, write.start, size, now, now + 1)

    def _move(self, start: int, stop: int, to: int, now: int) -> None:
        for tag, life in self.current.items():
            if tag not in self.taken and start <= life.offset and life.offset + life.bytes <= stop:
                self.past.append(life)
                offset = life.offset + to - start
                self.current[tag] = replace(life, offset=offset, start=now, stop=now, before=life)

    def _holding(self, read: Piece) -> list[tuple[tuple[str, int], _Life]]:
        """The pieces under whose names the bytes of `read` go by now, with their tags: the youngest there."""
        if read.tag not in self.taken:
            return [(read.tag, self.current[read.tag])]
        found, left = [], read.stop - read.start
        for tag, life in sorted(self.current.items(), key=lambda item: item[1].start, reverse=True):
            shared = min(life.offset + life.bytes, read.stop) - max(life.offset, read.start)
            if shared > 0 and left > 0:
                found.append((tag, life))
                left -= shared
        return found

    def tensor(self, access: Piece) -> tuple[str, int]:
        """What the access is of, and which strip of it; 0 where all columns are one."""
        name = access.tag[0]
        return self.strips.get(name, (name, 0))

    def all(self) -> list[_Life]:
        """Every life, by its start."""
        lives = [life for life in (*self.past, *self.current.values()) if life.stop > life.start]
        return sorted(lives, key=lambda s: (s.start, s.stop, s.name, s.strip, s.first))


def _merged(lives: Iterable[_Life]) -> list[_Life]:
    """Neighbouring rows that live equally long as one. lives: as `all` sorts them."""
    merged: list[_Life] = []
    for life in lives:
        if merged and _continues(merged[-1], life):
            merged[-1].last, merged[-1].bytes = life.last, merged[-1].bytes + life.bytes
        else:
            merged.append(replace(life))
    return merged


def _same_place(life: _Life, access: Piece) -> bool:
    return (life.offset, life.offset + life.bytes) == (access.start, access.stop)


def _continues(before: _Life, life: _Life) -> bool:
    return (
        (before.name, before.strip, before.start, before.stop)
        == (life.name, life.strip, life.start, life.stop)
        and before.last == life.first
        and before.offset + before.bytes == life.offset
    )


def _kept(plan: Plan, tenant: int, name: str, lives: list[_Life]) -> list[Kept]:
    """What is kept for a tenant while it holds nothing.

    Of a ring, its slots from their first row to their last, anew where the rows start again; of scratch, the most
    that a call takes.
    """
    if name.startswith(_SCRATCH):
        start, stop = min(s.start for s in lives), max(s.stop for s in lives)
        return [Kept(tenant, lives[0].offset, max(s.bytes for s in lives), start, stop)]
    if name not in plan.buffers or plan.buffers[name].ring >= plan.rows[name].count:
        return []
    passes: list[dict[int, tuple[int, int]]] = []
    row = 0
    for life in lives:
        if life.first < row or not passes:
            passes.append({})
        row = life.first
        start, stop = passes[-1].get(life.offset, (life.start, life.stop))
        passes[-1][life.offset] = min(start, life.start), max(stop, life.stop)
    pitch = plan.buffers[name].pitch
    return [Kept(tenant, at, pitch, *life) for slots in passes for at, life in slots.items()]


def _rows(accesses: Iterable[Piece], lives: _Lives, number: dict[str, int]) -> tuple[Rows, ...]:
    """The accesses, neighbouring rows together; what is gone within its step has no tenant."""
    found: list[Rows] = []
    for access in accesses:
        (name, _), row = lives.tensor(access), access.tag[1]
        if name not in number:
            continue
        before = found[-1] if found and found[-1].tenant == number[name] else None
        if before is not None and before.last in (row, row + 1):
            found[-1] = Rows(before.tenant, before.first, row + 1)
        else:
            found.append(Rows(number[name], row, row + 1))
    return tuple(found)


def _tenant(plan: Plan, name: str, lives: list[_Life]) -> Tenant:
    graph = plan.graph
    if name not in plan.buffers:
        low, high = min(s.offset for s in lives), max(s.offset + s.bytes for s in lives)
        if name.startswith(_SCRATCH):
            return Tenant(
                f"scratch of stage {int(name.split()[3]) + 1}", "scratch", None, (), low, high - low
            )
        op = int(name.removeprefix(_STATE))
        return Tenant(f"state of #{graph.ops[op].origin.index}", "state", op, (), low, high - low)
    buffer, made, kind_of = plan.buffers[name], graph.producer.get(name), graph.type(name)
    states = {s.tensor for s in graph.states}
    kind = (
        "state"
        if name in states
        else "input"
        if made is None
        else "output"
        if name in graph.output_tensors
        else "tensor"
    )
    return Tenant(
        name,
        kind,
        made,
        kind_of.shape,
        buffer.offset,
        buffer.bytes,
        plan.rows[name].count,
        buffer.ring,
        tuple(plan.columns.get(name, ())),
    )
