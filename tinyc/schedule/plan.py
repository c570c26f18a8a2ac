"""A schedule with its memory: what the code generator turns into C, and what the checker replays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Columns, Firing


@dataclass(frozen=True)
class Buffer:
    """Where a tensor's rows live: row y at offset + (y % ring) * pitch bytes of the arena.

    ring: slots; the tensor's height where it is held whole; columns: [start, stop) that each strip of its patch stage
    holds, from the start of the slot on; empty where rows are held whole.
    """

    offset: int
    ring: int
    pitch: int
    columns: Columns = ()

    @property
    def bytes(self) -> int:
        return self.ring * self.pitch

    def row(self, y: int) -> tuple[int, int]:
        """Bytes [start, stop) of row y."""
        start = self.offset + (y % self.ring) * self.pitch
        return start, start + self.pitch

    def overlaps(self, other: Buffer) -> bool:
        return self.offset < other.offset + other.bytes and other.offset < self.offset + self.bytes


@dataclass(frozen=True)
class Stage:
    """A run of tasks executed together. kind: "layer", "stream" or "patch"; tasks: [first, last);

    order: (task, firing, strip) in the order of execution; peak: most bytes that hold live data during the stage;
    by_row: False for a layer whose op runs in one call, since its output lies apart from its inputs; strips: 1 unless
    it is a patch stage.
    """

    kind: str
    tasks: tuple[int, int]
    order: tuple[Firing, ...]
    peak: int
    by_row: bool = True
    strips: int = 1


@dataclass(frozen=True, eq=False)
class Plan:
    """graph: optimised; lowerings: one per op; tasks: what the stages order; buffers: of every activation tensor;

    scratch, state: offsets by op index; arena: bytes; lower_bound: no placement of these buffers is smaller;
    rows_in: the first input is read row by row; columns: that each strip computes of a tensor made by a patch stage;

    extra_macs: what is computed beyond once.
    """

    graph: Graph
    lowerings: tuple[Lowering, ...]
    tasks: tuple[Task, ...]
    stages: tuple[Stage, ...]
    buffers: Mapping[str, Buffer]
    scratch: Mapping[int, int]
    state: Mapping[int, int]
    arena: int
    lower_bound: int
    rows_in: bool
    columns: Mapping[str, Columns] = field(default_factory=dict)
    extra_macs: int = 0

    def ops_of(self, stage: Stage) -> tuple[int, ...]:
        """Indices of the ops that the stage executes; views execute nothing."""
        tasks = self.tasks[slice(*stage.tasks)]
        return tuple(t.op for t in tasks if t.op >= 0 and not t.is_view)

    @property
    def macs_executed(self) -> int:
        return self.graph.macs() + self.extra_macs

    @property
    def reads_per_row(self) -> int:
        """How often a row of the first input is read, or delivered by the row callback."""
        readers = [s for s in self.stages if any(self.tasks[k].op < 0 for k in range(*s.tasks))]
        return max((s.strips for s in readers), default=1)
