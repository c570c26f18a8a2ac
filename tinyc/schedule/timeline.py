"""An order of firings as lives of rows, rings, and blocks of memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.memory import Block
from tinyc.schedule.tasks import Task

#: (task, firing), in the order of execution.
Order = Sequence[tuple[int, int]]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ring:
    """How one buffer is used. tensors: that live in it, one taking over from the other; rows: of each; slots: of the

    ring, all rows where the buffer is linear; pitch: bytes from slot to slot; start, stop: per row, the half-open
    times in which it holds data.
    """

    tensors: tuple[str, ...]
    rows: int
    slots: int
    pitch: int
    start: Times
    stop: Times

    @property
    def bytes(self) -> int:
        return self.slots * self.pitch

    def block(self, name: str, steps: int) -> Block:
        """Which bytes are live when: the hull of the live slots, at every time in [0, steps)."""
        low = np.full(steps, self.slots, np.int64)
        high = np.zeros(steps, np.int64)
        lives = zip(range(self.rows), self.start.tolist(), self.stop.tolist(), strict=True)
        if self.slots < self.rows:
            # A slot of a ring is taken again and again: between its first and last row nothing else may use it.
            lives = ((s, int(self.start[s]), int(self.stop[s :: self.slots].max())) for s in range(self.slots))
        for slot, start, stop in lives:
            np.minimum(low[start:stop], slot, out=low[start:stop])
            np.maximum(high[start:stop], slot + 1, out=high[start:stop])
        dead = high == 0
        low[dead] = 0
        return Block(name, self.bytes, low * self.pitch, high * self.pitch)


@dataclass(frozen=True, eq=False)
class Timeline:
    """rings: by the name of their first tensor; home: for every tensor, the ring it lives in; steps: number of times;

    blocks: everything that needs memory, rings, states and scratch.
    """

    rings: Mapping[str, Ring]
    home: Mapping[str, str]
    steps: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Window:
    """The part of the inference that is looked at: tasks [first, last).

    linear: tensors that must be held whole, all their rows in place at once, since something outside writes or reads
    them; kept: those of them that live on afterwards.
    """

    first: int
    last: int
    linear: frozenset[str]
    kept: frozenset[str]


def timeline(
    graph: Graph,
    tasks: Sequence[Task],
    order: Order,
    linear: Iterable[str],
    kept: Iterable[str],
    scratch_groups: Sequence[Sequence[int]],
) -> Timeline:
    """Lives of all rows under `order`. Time 0 is before the first firing, firing i is at time i + 1.

    linear: tensors with a slot for every row; kept: tensors that live to the end; scratch_groups: runs of tasks, each
    run sharing one scratch block.
    """
    steps = len(order) + 2
    start: dict[str, Times] = {}
    stop: dict[str, Times] = {}

    def touch(name: str) -> None:
        if name not in start:
            rows = graph.type(name).hwc[0]
            start[name] = np.zeros(rows, np.int64)
            stop[name] = np.ones(rows, np.int64)

    first_at: dict[int, int] = {}
    last_at: dict[int, int] = {}
    for i, (k, firing) in enumerate(order):
        task, now = tasks[k], i + 1
        first_at.setdefault(k, now)
        last_at[k] = now
        for name, (a, b) in zip(task.inputs, task.reads[firing], strict=True):
            touch(name)
            stop[name][a:b] = now + 1
        a, b = task.writes[firing]
        if b > a:
            if task.output not in start:
                touch(task.output)
            start[task.output][a:b] = now
            stop[task.output][a:b] = now + 1
    for name in kept:
        touch(name)
        stop[name][:] = steps
    home = _homes(graph, tasks, order, start, stop, frozenset(kept))
    rings = _rings(graph, home, start, stop, frozenset(linear))
    blocks = [ring.block(name, steps) for name, ring in rings.items()]
    for k, task in enumerate(tasks):
        if task.state and k in first_at:
            blocks.append(Block.whole(f"state {task.op}", task.state, first_at[k], last_at[k] + 1, steps))
    for number, group in enumerate(scratch_groups):
        size = max((tasks[k].scratch for k in group), default=0)
        if size:
            users = [k for k in group if tasks[k].scratch]
            begin, end = min(first_at[k] for k in users), max(last_at[k] for k in users) + 1
            blocks.append(Block.whole(f"scratch {number}", size, begin, end, steps))
    return Timeline(rings, home, steps, tuple(blocks))


def _homes(
    graph: Graph,
    tasks: Sequence[Task],
    order: Order,
    start: dict[str, Times],
    stop: dict[str, Times],
    kept: frozenset[str],
) -> dict[str, str]:
    """Which ring each tensor lives in: views share their source's; an elementwise op takes over rows that die."""
    home = {name: name for name in start}
    fired: dict[int, dict[int, int]] = {}
    for i, (k, firing) in enumerate(order):
        fired.setdefault(k, {})[firing] = i + 1
    for k, task in enumerate(tasks):
        if k not in fired or task.output not in start:
            continue
        if task.is_view:
            home[task.output] = home[task.inputs[0]]
            continue
        for name in task.in_place:
            if name in kept or _pitch(graph, name) != _pitch(graph, task.output):
                continue
            shared = [t for t, h in home.items() if h == home[name]]
            if any(t in kept for t in shared) or graph.type(name).hwc[0] != graph.type(task.output).hwc[0]:
                continue
            if any(graph.type(t).hwc[0] != graph.type(name).hwc[0] for t in shared):
                continue
            ends = np.max([stop[t] for t in shared], axis=0)
            if (ends <= start[task.output] + 1).all():
                home[task.output] = home[name]
                break
    return home


def _pitch(graph: Graph, name: str) -> int:
    return graph.type(name).row_bytes


def _rings(
    graph: Graph,
    home: Mapping[str, str],
    start: dict[str, Times],
    stop: dict[str, Times],
    linear: frozenset[str],
) -> dict[str, Ring]:
    rings = {}
    for owner in dict.fromkeys(home.values()):
        tensors = tuple(t for t, h in home.items() if h == owner)
        heights = {graph.type(t).hwc[0] for t in tensors}
        rows = graph.type(owner).hwc[0]
        if len(heights) > 1 or linear.intersection(tensors):
            rings[owner] = _linear_ring(graph, owner, tensors, start, stop)
            continue
        begin = np.min([start[t] for t in tensors], axis=0)
        end = np.max([stop[t] for t in tensors], axis=0)
        slots = _slots(begin, end)
        rings[owner] = Ring(tensors, rows, slots, _pitch(graph, owner), begin, end)
    return rings


def _linear_ring(
    graph: Graph, owner: str, tensors: tuple[str, ...], start: dict[str, Times], stop: dict[str, Times]
) -> Ring:
    """All rows at once. Where the tensors' rows differ (views), the buffer lives and dies as one."""
    rows = graph.type(owner).hwc[0]
    if all(graph.type(t).hwc[0] == rows for t in tensors):
        begin = np.min([start[t] for t in tensors], axis=0)
        end = np.max([stop[t] for t in tensors], axis=0)
        return Ring(tensors, rows, rows, _pitch(graph, owner), begin, end)
    begin = start[owner]
    end = np.full(rows, max(int(stop[t].max()) for t in tensors), np.int64)
    return Ring(tensors, rows, rows, _pitch(graph, owner), begin, end)


def _slots(start: Times, stop: Times) -> int:
    """The least ring in which no row takes the slot of one that is still live."""
    rows = len(start)
    for slots in range(1, rows):
        if all((start[d:] >= stop[:-d]).all() for d in range(slots, rows, slots)):
            return slots
    return rows
