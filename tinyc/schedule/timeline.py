"""An order of firings as lives of rows, rings, and blocks of memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.memory import Block
from tinyc.schedule.rows import RowViews
from tinyc.schedule.tasks import Task

#: (task, firing, strip), in the order of execution.
Firing = tuple[int, int, int]
Order = Sequence[Firing]
#: Of a tensor, columns [start, stop) that each strip of a patch stage holds; empty where all columns are held.
Columns = tuple[tuple[int, int], ...]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ring:
    """How one buffer is used: slots for rows, row y in slot y mod `slots`."""

    #: Those that live in it, one taking over from the other.
    tensors: tuple[str, ...]
    #: Of each tensor.
    rows: int
    #: As many as rows where the buffer is linear.
    slots: int
    #: Bytes from slot to slot.
    pitch: int
    #: [strips, rows]: each row holds data in [start, stop).
    start: Times
    stop: Times
    #: Of its offset, as the widest element needs it.
    align: int = 4
    #: Whether rows lie side by side, in order, and move down to make room for more.
    slides: bool = False

    @property
    def bytes(self) -> int:
        return self.slots * self.pitch

    def block(self, name: str) -> Block:
        """Which bytes are live when: the hull of the live slots."""
        begin, end = int(self.start.min()), int(self.stop.max())
        low = np.full(end - begin, self.slots, np.int64)
        high = np.zeros(end - begin, np.int64)
        # A slot of a ring is taken again and again: between its first and last row nothing else may use it.
        strips = len(self.start)
        if self.slides:
            free = until_slid(self.start, self.stop)[:, self.rows - self.slots :]
        else:
            filled = np.full((strips, -(-self.rows // self.slots) * self.slots), begin, np.int64)
            filled[:, : self.rows] = self.stop
            free = filled.reshape(strips, -1, self.slots).max(axis=1)
        stops = (free.T - begin).tolist()
        starts = (self.start[:, : self.slots].T - begin).tolist()
        for slot in reversed(range(self.slots)):
            for start, stop in zip(starts[slot], stops[slot], strict=True):
                low[start:stop] = slot
        for slot in range(self.slots):
            for start, stop in zip(starts[slot], stops[slot], strict=True):
                high[start:stop] = slot + 1
        low[high == 0] = 0
        return Block(name, self.bytes, low * self.pitch, high * self.pitch, self.align, begin)


@dataclass(frozen=True, eq=False)
class Timeline:
    """What needs memory, and when."""

    #: By the name of their first tensor.
    rings: Mapping[str, Ring]
    #: For every tensor, the ring it lives in.
    home: Mapping[str, str]
    #: Number of times.
    steps: int
    #: Everything that needs memory: rings, states and scratch.
    blocks: tuple[Block, ...]


def timeline(
    views: RowViews,
    tasks: Sequence[Task],
    order: Order,
    linear: Iterable[str],
    kept: Iterable[str],
    scratch_groups: Sequence[Sequence[int]],
    columns: Mapping[str, Columns] | None = None,
) -> Timeline:
    """Lives of all rows under `order`. Time 0 is before the first firing, firing i is at time i + 1.

    linear: tensors with a slot for every row; kept: tensors that live to the end; scratch_groups: runs of tasks, each
    run sharing one scratch block; columns: of the tensors that a patch stage holds in part.
    """
    return _Lives(views, tasks, order, frozenset(linear), frozenset(kept), columns or {}).timeline(
        scratch_groups
    )


def _times(order: Order) -> dict[tuple[int, int], Times]:
    """By task and strip, when each of its firings happens."""
    found: dict[tuple[int, int], list[int]] = {}
    for i, (k, firing, strip) in enumerate(order):
        times = found.setdefault((k, strip), [])
        assert firing == len(times)
        times.append(i + 1)
    return {key: np.array(times, np.int64) for key, times in found.items()}


class _Lives:
    """First and last use of every row."""

    def __init__(
        self,
        views: RowViews,
        tasks: Sequence[Task],
        order: Order,
        linear: frozenset[str],
        kept: frozenset[str],
        columns: Mapping[str, Columns],
    ) -> None:
        self._views = views
        self._tasks = tasks
        self._made = {name for task in tasks for name in task.outputs}
        self._steps = len(order) + 2
        self._linear = linear
        self._kept = kept
        self._columns = columns
        self._start: dict[str, Times] = {}
        self._stop: dict[str, Times] = {}
        self._first: dict[int, int] = {}
        self._last: dict[int, int] = {}
        for (k, strip), times in _times(order).items():
            self._run(k, strip, times)
        for name in sorted(linear):
            self._touch(name)  # an input that nothing reads still arrives
        for name in kept:
            self._touch(name)
            self._stop[name][:] = self._steps

    def _touch(self, name: str) -> None:
        if name not in self._start:
            shape = (max(1, len(self._columns.get(name, ()))), self._views[name].count)
            self._start[name] = np.full(shape, -1 if name in self._made else 0, np.int64)
            self._stop[name] = np.ones(shape, np.int64)

    def _run(self, k: int, strip: int, times: Times) -> None:
        """Task k's firings in one strip. times: [firings], when each happens."""
        task = self._tasks[k]
        self._first[k] = min(self._first.get(k, self._steps), int(times[0]))
        self._last[k] = max(self._last.get(k, 0), int(times[-1]))
        for name in task.inputs:
            self._touch(name)
            rows, firings = task.last_read[name]
            stop = self._stop[name][strip if name in self._columns else 0]
            stop[rows] = np.maximum(stop[rows], times[firings] + 1)
        for name, (rows, firings) in task.written.items():
            if not len(rows):
                continue
            self._touch(name)
            part = strip if name in self._columns else 0
            start, stop = self._start[name][part], self._stop[name][part]
            start[rows] = np.where(start[rows] < 0, times[firings], np.minimum(start[rows], times[firings]))
            stop[rows] = np.maximum(stop[rows], times[firings] + 1)

    def timeline(self, scratch_groups: Sequence[Sequence[int]]) -> Timeline:
        for start in self._start.values():
            np.maximum(start, 0, out=start)
        home = self._homes()
        rings = self._rings(home)
        blocks = [ring.block(name) for name, ring in rings.items()]
        for k, task in enumerate(self._tasks):
            if task.state and k in self._first:
                life = (self._first[k], self._last[k] + 1)
                blocks.append(Block.whole(f"state {task.op}", task.state, *life))
        for number, group in enumerate(scratch_groups):
            users = [k for k in group if self._tasks[k].scratch]
            if users:
                size = max(self._tasks[k].scratch for k in users)
                life = (min(self._first[k] for k in users), max(self._last[k] for k in users) + 1)
                blocks.append(Block.whole(f"scratch {number}", size, *life))
        return Timeline(rings, home, self._steps, tuple(blocks))

    def _homes(self) -> dict[str, str]:
        """Which ring each tensor lives in: views share their source's; an elementwise op takes over rows that die."""
        home = {name: name for name in self._start}
        for k in sorted(self._first, key=self._first.__getitem__):
            task = self._tasks[k]
            output = task.outputs[0]
            if output not in self._start:
                continue
            if task.is_view:
                home[output] = home[task.inputs[0]]
                continue
            for name in task.in_place:
                shared = [t for t, h in home.items() if h == home[name]]
                if self._takes_over(output, name, shared):
                    home[output] = home[name]
                    break
        return home

    def _takes_over(self, output: str, name: str, shared: Sequence[str]) -> bool:
        """Whether `output` may live in the rows of `name`, whose buffer `shared` tensors use already."""
        views = [self._views[t] for t in (output, name, *shared)]
        same_rows = {(view.count, view.row_bytes) for view in views}
        same_columns = {self._columns.get(t, ()) for t in (output, name, *shared)}
        if len(same_rows) > 1 or len(same_columns) > 1 or self._kept.intersection(shared):
            return False
        ends = np.max([self._stop[t] for t in shared], axis=0)
        return bool((ends <= self._start[output] + 1).all())

    def _rings(self, home: Mapping[str, str]) -> dict[str, Ring]:
        rings = {}
        for owner in dict.fromkeys(home.values()):
            tensors = tuple(t for t, h in home.items() if h == owner)
            rows = self._views[owner].count
            if any(self._views[t].count != rows for t in tensors):
                # Views with other rows: the buffer dies as one.
                start = self._start[owner]
                stop = np.full(start.shape, max(int(self._stop[t].max()) for t in tensors), np.int64)
                slots = rows
            else:
                start = np.min([self._start[t] for t in tensors], axis=0)
                stop = np.max([self._stop[t] for t in tensors], axis=0)
                whole = self._linear.intersection(tensors)
                slots = rows if whole else max(map(least_ring, start, stop))
            slides = self._views[owner].side_by_side and slots < rows
            rings[owner] = Ring(
                tensors, rows, slots, self._pitch(owner), start, stop, self._align(tensors), slides
            )
        return rings

    def _align(self, tensors: Sequence[str]) -> int:
        return max(4, *(self._views[t].element_bytes for t in tensors))

    def _pitch(self, name: str) -> int:
        view, held = self._views[name], self._columns.get(name)
        return max(b - a for a, b in held) * view.column_bytes if held else view.row_bytes


def until_slid(start: Times, stop: Times) -> Times:
    """[strips, rows]: when each row's place is free, given that rows slide until the last of them is made."""
    return np.maximum(np.maximum.accumulate(stop, axis=1), start[:, -1:] + 1)


def least_ring(start: Times, stop: Times) -> int:
    """The least ring in which no row takes the slot of one that is still live."""
    rows = len(start)
    if (start[1:] >= start[:-1]).all():
        # Row r must be `slots` behind the first row that comes after it is dead.
        return max(1, int((np.searchsorted(start, stop) - np.arange(rows)).max()))
    for slots in range(1, rows):
        if all((start[d:] >= stop[:-d]).all() for d in range(slots, rows, slots)):
            return slots
    return rows
