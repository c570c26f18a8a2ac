"""The order in which the tasks of one stage fire."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Firing

#: Per task: (source, firings) of each input made in the stage; firing f waits until the source fired firings[f] times.
_Waits = list[list[tuple[int, list[int]]]]


def layer_order(tasks: Sequence[Task], first: int, last: int) -> list[Firing]:
    """Tasks [first, last) one after the other, each with all its firings."""
    return [(k, f, 0) for k in range(first, last) for f in range(tasks[k].firings)]


def in_strips(order: Sequence[Firing], strips: int) -> list[Firing]:
    """The whole order once per strip."""
    return [(k, f, strip) for strip in range(strips) for k, f, _ in order]


class Streams:
    """Runs of tasks interleaved: every row is made just before it is needed."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        made = {name: (k, i) for k, task in enumerate(tasks) for i, name in enumerate(task.outputs)}
        self._firings = [task.firings for task in tasks]
        self._waits: _Waits = []
        for task in tasks:
            sources = [(*made[name], stops) for name, stops in task.read_stops.items() if name in made]
            self._waits.append([(k, _firings_until(tasks[k], i, stops)) for k, i, stops in sources])

    def has_one_order(self, first: int, last: int) -> bool:
        """Whether no task of [first, last) has to choose which of its inputs is served first."""
        return all(sum(s >= first for s, _ in waits) < 2 for waits in self._waits[first:last])

    def sequence(self, first: int, last: int, *, slowest_first: bool) -> list[int]:
        """Which task fires, step by step, until each of [first, last) has fired to its end.

        The last task fires as soon as it can, and asks its inputs for the rows that it lacks, which ask theirs.
        slowest_first: of several inputs that lack rows, the one with the longest chain of tasks behind it is served
        first; else the shortest. A task that nothing in the stage reads fires whenever it can.
        """
        waits = [
            [(s - first, needed) for s, needed in each if s >= first] for each in self._waits[first:last]
        ]
        stage = _Stage(waits, self._firings[first:last], -1 if slowest_first else 1)
        return [first + k for k in stage.sequence()]

    def order(self, first: int, last: int, *, slowest_first: bool) -> list[Firing]:
        """The same as firings."""
        fired = [0] * (last - first)
        order = []
        for k in self.sequence(first, last, slowest_first=slowest_first):
            order.append((k, fired[k - first], 0))
            fired[k - first] += 1
        return order


def _firings_until(source: Task, output: int, stops: Sequence[int]) -> list[int]:
    """For each of `stops`, how often the source fires until its output has so many rows."""
    rows = list(accumulate((writes[output][1] for writes in source.writes), max))
    return [bisect_left(rows, stop) + 1 if stop else 0 for stop in stops]


class _Stage:
    """One run of tasks as it fires; they are numbered from the first of the run."""

    def __init__(self, waits: _Waits, firings: list[int], sign: int) -> None:
        """sign: -1 to serve the input with the longest chain behind it first, 1 for the shortest."""
        self._firings = firings
        depth: list[int] = []
        for each in waits:
            depth.append(1 + max((depth[s] for s, _ in each), default=0))
        self._waits = [sorted(each, key=lambda wait: sign * depth[wait[0]]) for each in waits]
        read_here = {s for each in waits for s, _ in each}
        self._ends = [k for k in range(len(firings)) if k not in read_here]
        self._side_readers: list[list[int]] = [[] for _ in firings]
        for side in self._ends[:-1]:
            for source, _ in self._waits[side]:
                self._side_readers[source].append(side)
        self._fired = [0] * len(firings)
        self._order: list[int] = []

    def sequence(self) -> list[int]:
        for k in (*reversed(self._ends), *reversed(range(len(self._fired)))):
            self._fire(k)
        return self._order

    def _fire(self, end: int) -> None:
        """Let `end` fire to its last, each time after what it lacks is made."""
        waits, fired, order, readers = self._waits, self._fired, self._order, self._side_readers
        firings = self._firings[end]
        pending = [end]
        while fired[end] < firings:
            task = pending[-1]
            firing = fired[task]
            for source, needed in waits[task]:
                if fired[source] < needed[firing]:
                    pending.append(source)
                    break
            else:
                order.append(task)
                fired[task] = firing + 1
                if len(pending) > 1:
                    pending.pop()
                for side in readers[task] if len(order) > 1 else self._ends[:-1]:
                    if side != end:
                        self._fire_ready(side)

    def _fire_ready(self, end: int) -> None:
        """Let an end fire as long as it lacks nothing."""
        waits, fired = self._waits[end], self._fired
        while fired[end] < self._firings[end]:
            firing = fired[end]
            if any(fired[source] < needed[firing] for source, needed in waits):
                return
            self._order.append(end)
            fired[end] = firing + 1
