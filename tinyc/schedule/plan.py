"""A schedule with its memory: what the code generator turns into C, and what the checker replays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.schedule.rows import RowViews
from tinyc.schedule.tasks import Task, idle_macs
from tinyc.schedule.timeline import Columns, Firing


@dataclass(frozen=True)
class Slide:
    """How the rows of a line move down in its buffer: before each block that is made, just as far as needed."""

    #: That makes the rows.
    task: int
    #: Rows that a firing of it makes.
    block: int
    #: So many fewer are the first.
    shift: int
    #: Of the tensor.
    rows: int

    def made(self, firings: int) -> int:
        """Rows that so many firings have made."""
        return max(0, min(firings * self.block - self.shift, self.rows))


@dataclass(frozen=True)
class Buffer:
    """Where a tensor's rows live: row y at offset + (y % ring) * pitch bytes of the arena.

    ring: slots; the tensor's height where it is held whole; columns: [start, stop) that each strip of its patch stage
    holds, from the start of the slot on; empty where rows are held whole; slide: where rows lie side by side, in order:
    row y at offset + (y - origin) * pitch.
    """

    offset: int
    ring: int
    pitch: int
    columns: Columns = ()
    slide: Slide | None = None

    @property
    def bytes(self) -> int:
        return self.ring * self.pitch

    def row(self, y: int, origin: int = 0) -> tuple[int, int]:
        """Bytes [start, stop) of row y; origin: of a buffer that slides, the first row that it holds."""
        start = self.offset + ((y - origin) % self.ring) * self.pitch
        return start, start + self.pitch

    def origin(self, firings: int) -> int:
        """The first row that is held when the slide's task has fired so often."""
        if self.slide is None:
            return 0
        return max(0, self.slide.made(firings) - self.ring)

    def overlaps(self, other: Buffer) -> bool:
        return self.offset < other.offset + other.bytes and other.offset < self.offset + self.bytes


@dataclass(frozen=True)
class Stage:
    """A run of tasks executed together."""

    #: "layer", "stream" or "patch".
    kind: str
    #: [first, last).
    tasks: tuple[int, int]
    #: (task, firing, strip) in the order of execution.
    order: tuple[Firing, ...]
    #: Most bytes that hold live data during the stage.
    peak: int
    #: False for a layer whose op runs in one call, since its output lies apart from its inputs.
    by_row: bool = True
    #: 1 unless it is a patch stage.
    strips: int = 1


@dataclass(frozen=True, eq=False)
class Plan:
    """The schedule of one graph, and where in the arena everything lies."""

    #: After all passes.
    graph: Graph
    #: One per op.
    lowerings: tuple[Lowering, ...]
    #: How each tensor is seen as rows.
    rows: RowViews
    #: What the stages order.
    tasks: tuple[Task, ...]
    stages: tuple[Stage, ...]
    #: Of every tensor that is not a constant.
    buffers: Mapping[str, Buffer]
    #: Offsets, by index of the op.
    scratch: Mapping[int, int]
    #: Offsets of what an op keeps from row to row, by its index.
    state: Mapping[int, int]
    #: Bytes.
    arena: int
    #: No placement of these buffers is smaller.
    lower_bound: int
    #: Whether the first input is read row by row.
    rows_in: bool
    #: What each strip computes of a tensor made by a patch stage.
    columns: Mapping[str, Columns] = field(default_factory=dict)
    #: Multiply-accumulates of what is computed beyond once.
    extra_macs: int = 0

    def ops_of(self, stage: Stage) -> tuple[int, ...]:
        """Indices of the ops that the stage executes; views execute nothing."""
        tasks = self.tasks[slice(*stage.tasks)]
        return tuple(t.op for t in tasks if t.op >= 0 and not t.is_view)

    @property
    def idle_macs(self) -> float:
        """Multiply-accumulates that kernels do for steps of lines that are none."""
        return idle_macs(self.graph, self.tasks)

    @property
    def macs_executed(self) -> int:
        return self.graph.macs() + self.extra_macs

    @property
    def reads_per_row(self) -> int:
        """How often a row of the first input is read, or delivered by the row callback."""
        readers = [s for s in self.stages if any(self.tasks[k].op < 0 for k in range(*s.tasks))]
        return max((s.strips for s in readers), default=1)
