"""Live bytes of one streamed stage, without making its blocks: what the search asks for thousands of runs of tasks.

It says what `live_peak` says of the blocks of `timeline`, the rings and all, from arrays over all rows of the stage at
once. The rows of a stage are numbered: first those of the tensors made in it, task by task, then those from before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.schedule.order import Streams
from tinyc.schedule.rows import RowViews
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Ring, least_ring

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class StagePeak:
    """What one stage needs, in bytes."""

    #: Of its blocks, at the worst moment.
    peak: int
    #: Of each ring that lives in the stage alone, with the tensor that it is named after.
    inner: tuple[tuple[str, int], ...]
    #: Of tensors that come from before the stage or are needed after it, and of scratch.
    held: int
    #: Of tensors that live through the stage without being touched.
    through: int


class StagePeaks:
    """Peaks of any run of tasks, in the order that `Streams` gives."""

    def __init__(
        self, graph: Graph, views: RowViews, tasks: Sequence[Task], last_use: Mapping[str, int]
    ) -> None:
        """last_use: of each tensor, the last task that reads it."""
        self._tasks = tasks
        self.streams = Streams(tasks)
        names = [name for task in tasks for name in task.outputs]
        made = set(names)
        names += [name for name in views if name not in made and not graph.is_constant(name)]
        self._names = names
        number = {name: i for i, name in enumerate(names)}
        self._rows = np.array([views[n].count for n in names], np.int64)
        self._pitch = np.array([views[n].row_bytes for n in names], np.int64)
        self._slides = np.array([views[n].side_by_side for n in names], np.bool_)
        self._bytes = np.array([graph.type(n).bytes for n in names], np.int64)
        self._made = np.array(
            [k for k, task in enumerate(tasks) for _ in task.outputs] + [-1] * (len(names) - len(made)),
            np.int64,
        )
        self._last_use = np.array([last_use.get(n, -1) for n in names], np.int64)
        self._outputs = _ends(len(task.outputs) for task in tasks)
        self._row_ends = _ends(self._rows.tolist())
        self._firing_ends = _ends(task.firings for task in tasks)
        self._inputs = _Slices([np.array([number[n] for n in task.inputs], np.int64) for task in tasks])
        self._in_place = [[number[n] for n in task.in_place] for task in tasks]
        self._view_of = [number[task.inputs[0]] if task.is_view else -1 for task in tasks]
        self._read_tensor = _Slices([_tensors(task.last_read, number) for task in tasks])
        self._read_row = _Slices([_parts(task.last_read, 0) for task in tasks])
        self._read_firing = _Slices(
            [_parts(task.last_read, 1) + self._firing_ends[k] for k, task in enumerate(tasks)]
        )
        self._written_tensor = _Slices([_tensors(task.written, number) for task in tasks])
        self._written_row = _Slices([_parts(task.written, 0) for task in tasks])
        self._written_firing = _Slices(
            [_parts(task.written, 1) + self._firing_ends[k] for k, task in enumerate(tasks)]
        )
        #: First row of each tensor of the stage in question.
        self._place = np.zeros(len(names), np.int64)

    def has_one_order(self, first: int, last: int) -> bool:
        return last == first + 1 or self.streams.has_one_order(first, last)

    def work(self, first: int, last: int) -> int:
        """How much work it is to ask: firings, and what each task takes."""
        return self._firing_ends[last] - self._firing_ends[first] + 8 * (last - first)

    def stage(self, first: int, last: int, *, slowest_first: bool) -> StagePeak:
        """Tasks [first, last): what comes from before or is needed after is whole."""
        if last == first + 1:
            times = np.arange(1, self._tasks[first].firings + 1)
        else:
            sequence = self.streams.sequence(first, last, slowest_first=slowest_first)
            times = np.argsort(np.array(sequence), kind="stable") + 1
        return self._peak(first, last, times)

    def _peak(self, first: int, last: int, times: Int64) -> StagePeak:
        """times: of each firing, task by task."""
        steps = len(times) + 2
        fires = self._firing_ends[first]
        low, high = self._outputs[first], self._outputs[last]
        inputs = self._inputs.between(first, last)
        before = np.unique(inputs[(inputs < low) | (inputs >= self._outputs[-1])])
        tensors = np.concatenate([np.arange(low, high), before])
        rows = self._rows[tensors]
        starts = np.concatenate([[0], np.cumsum(rows)])
        self._place[tensors] = starts[:-1]
        start = np.zeros(starts[-1], np.int64)
        stop = np.ones(starts[-1], np.int64)
        written = self._place[self._written_tensor.between(first, last)] + self._written_row.between(
            first, last
        )
        when = times[self._written_firing.between(first, last) - fires]
        start[written] = when
        stop[written] = when + 1
        read = self._place[self._read_tensor.between(first, last)] + self._read_row.between(first, last)
        np.maximum.at(stop, read, times[self._read_firing.between(first, last) - fires] + 1)
        after = self._last_use[tensors] >= last
        stop[np.repeat(after, rows)] = steps
        whole = after.copy()
        whole[high - low :] = True
        slides = self._slides[tensors]
        life = _Lives(tensors, rows, self._pitch[tensors], slides, starts, start, stop, after, whole)
        self._share(first, last, life, times)
        change = np.zeros(steps + 1, np.int64)
        inner = life.add_rings(change, self._names)
        held = self._add_states(first, last, times, change) + int(self._bytes[tensors[whole]].sum())
        through = int(self._bytes[(self._made < first) & (self._last_use >= last)].sum())
        through -= int(self._bytes[before[after[high - low :]]].sum())
        return StagePeak(int(np.cumsum(change).max()), inner, held, through)

    def _share(self, first: int, last: int, life: _Lives, times: Int64) -> None:
        """Views and elementwise ops live where an input of theirs does, as `timeline` has it."""
        sharing = [k for k in range(first, last) if self._in_place[k] or self._view_of[k] >= 0]
        if not sharing:
            return
        here = {tensor: i for i, tensor in enumerate(life.tensors.tolist())}
        fires = self._firing_ends
        for k in sorted(sharing, key=lambda k: int(times[fires[k] - fires[first]])):
            output = self._outputs[k] - self._outputs[first]
            if self._view_of[k] >= 0:
                life.join(output, here[self._view_of[k]])
                continue
            for source in self._in_place[k]:
                if life.takes_over(output, here[source]):
                    life.join(output, here[source])
                    break

    def _add_states(self, first: int, last: int, times: Int64, change: Int64) -> int:
        """States live from the first firing to the last; scratch is one block for the stage. Returns its bytes."""
        scratch, low, high = 0, len(change), 0
        fires = self._firing_ends
        for k in range(first, last):
            task = self._tasks[k]
            if task.state or task.scratch:
                start, stop = (
                    int(times[fires[k] - fires[first]]),
                    int(times[fires[k + 1] - fires[first] - 1]) + 1,
                )
                change[start] += task.state
                change[stop] -= task.state
                if task.scratch:
                    scratch = max(scratch, task.scratch)
                    low, high = min(low, start), max(high, stop)
        if scratch:
            change[low] += scratch
            change[high] -= scratch
        return scratch


def _ends(counts: Iterable[int]) -> list[int]:
    """Where each of several parts behind each other begins, and the end of all."""
    return list(accumulate(counts, initial=0))


def _tensors(rows: Mapping[str, tuple[Int64, Int64]], number: Mapping[str, int]) -> Int64:
    """The number of the tensor that each of the rows belongs to."""
    return np.repeat(
        np.array([number[n] for n in rows], np.int64), np.array([len(r) for r, _ in rows.values()], np.int64)
    )


def _parts(rows: Mapping[str, tuple[Int64, Int64]], part: int) -> Int64:
    """The rows (part 0) or firings (1) of all tensors behind each other."""
    return np.concatenate([np.zeros(0, np.int64), *(each[part] for each in rows.values())])


class _Slices:
    """An array per task, behind each other: those of a run of tasks are a slice."""

    def __init__(self, arrays: Sequence[Int64]) -> None:
        self._values = np.concatenate(arrays) if arrays else np.zeros(0, np.int64)
        self._ends = [0, *np.cumsum([len(a) for a in arrays]).tolist()]

    def between(self, first: int, last: int) -> Int64:
        return self._values[self._ends[first] : self._ends[last]]


class _Lives:
    """Lives of the rows of one stage. All arrays are by tensor of the stage or by row, as the module says."""

    def __init__(
        self,
        tensors: Int64,
        rows: Int64,
        pitch: Int64,
        slides: npt.NDArray[np.bool_],
        starts: Int64,
        start: Int64,
        stop: Int64,
        kept: npt.NDArray[np.bool_],
        whole: npt.NDArray[np.bool_],
    ) -> None:
        """slides: rows lie side by side; starts: the first row of each tensor, and the end of all.

        start, stop: when each row holds data; kept: needed after the stage; whole: the same or from before it.
        """
        self.tensors = tensors
        self._rows, self._pitch, self._slides = rows.tolist(), pitch.tolist(), slides.tolist()
        self._starts = starts.tolist()
        self._start, self._stop = start, stop
        self._whole = whole.tolist()
        #: By home: needed after the stage; with a slot per row; of tensors with different numbers of rows.
        self._kept, self._linear, self._mixed = kept.tolist(), whole.tolist(), [False] * len(tensors)
        self._home = list(range(len(tensors)))
        self._tenants: dict[int, list[int]] = {}

    def join(self, tensor: int, source: int) -> None:
        """Let a tensor live where `source` does, and that live as long as either."""
        home = self._home[source]
        self._home[tensor] = home
        self._tenants.setdefault(home, [home]).append(tensor)
        old, new = self._span(home), self._span(tensor)
        if self._mixed[home] or self._rows[tensor] != self._rows[home]:
            # Views with other rows: the buffer dies as one.
            self._mixed[home] = self._linear[home] = True
            self._stop[old] = max(int(self._stop[old].max()), int(self._stop[new].max()))
            return
        np.minimum(self._start[old], self._start[new], out=self._start[old])
        np.maximum(self._stop[old], self._stop[new], out=self._stop[old])
        self._kept[home] |= self._kept[tensor]
        self._linear[home] |= self._whole[tensor]

    def takes_over(self, tensor: int, source: int) -> bool:
        """Whether a tensor may live in the rows of `source`, since they are dead when it is written."""
        home = self._home[source]
        if self._mixed[home] or self._kept[home]:
            return False
        if self._rows[home] != self._rows[tensor] or self._pitch[home] != self._pitch[tensor]:
            return False
        return bool((self._stop[self._span(home)] <= self._start[self._span(tensor)] + 1).all())

    def add_rings(self, change: Int64, names: Sequence[str]) -> tuple[tuple[str, int], ...]:
        """Add the bytes that each ring gains and loses, step by step; the rings inside the stage."""
        homes = sorted(set(self._home))
        own = np.concatenate([np.arange(*self._bounds(h)) for h in homes])
        start, stop = self._start[own], self._stop[own]
        rows = np.array([self._rows[h] for h in homes], np.int64)
        pitch = np.array([self._pitch[h] for h in homes], np.int64)
        linear = np.array([self._linear[h] for h in homes])
        first = np.concatenate([[0], np.cumsum(rows)])
        row = np.arange(len(own)) - np.repeat(first[:-1], rows)
        slots = _regular_rings(rows, first, row, start, stop)
        regular = slots > 0
        slots = np.where(regular & linear, rows, slots)
        slide = np.array([self._slides[h] for h in homes]) & (slots < rows)
        for ring in np.nonzero(~regular)[0].tolist():
            slots[ring] = self._add_irregular(change, homes[ring])
        wide = np.repeat(np.where(regular, pitch, 0), rows)
        total, ring_slots = np.repeat(rows, rows), np.repeat(slots, rows)
        np.add.at(change, start, np.where(row < ring_slots, wide, 0))
        # The slots of the last rows are freed in the order of the rows; those before the wrap only all at once.
        sliding = np.repeat(slide, rows)
        wrapped = np.where(sliding, 0, total % ring_slots)
        freed = np.where(row >= total - wrapped, 1, 0)
        freed = np.where(row == total - wrapped - 1, ring_slots - wrapped, freed)
        freed = np.where((wrapped == 0) & (row >= total - ring_slots), 1, freed)
        made = np.repeat(start[first[1:] - 1], rows)
        until = np.where(sliding, np.maximum(stop, made + 1), stop)
        np.subtract.at(change, until, freed * wide)
        return tuple(
            (names[int(self.tensors[h])], int(p * s))
            for h, p, s in zip(homes, pitch, slots, strict=True)
            if not any(self._whole[t] for t in self._tenants.get(h, [h]))
        )

    def _add_irregular(self, change: Int64, home: int) -> int:
        """A ring whose rows come or go in another order; returns its slots."""
        span = self._span(home)
        start, stop = self._start[span][None], self._stop[span][None]
        rows = self._rows[home]
        ring = Ring(
            ("",),
            rows,
            rows if self._linear[home] else least_ring(start[0], stop[0]),
            int(self._pitch[home]),
            start,
            stop,
        )
        ring = replace(ring, slides=self._slides[home] and ring.slots < rows)
        block = ring.block("")
        change[block.start : block.stop + 1] += np.diff(block.high - block.low, prepend=0, append=0)
        return ring.slots

    def _bounds(self, tensor: int) -> tuple[int, int]:
        return self._starts[tensor], self._starts[tensor + 1]

    def _span(self, tensor: int) -> slice:
        return slice(*self._bounds(tensor))


def _regular_rings(rows: Int64, first: Int64, row: Int64, start: Int64, stop: Int64) -> Int64:
    """The least slots of each ring, 0 where its rows are not made and used up in order.

    rows: of each ring; first: where they begin, and the end of all; row, start, stop: of each row.
    """
    inside = row[1:] > 0
    wrong = np.zeros(len(row), np.bool_)
    wrong[1:] = inside & ((start[1:] < start[:-1]) | (stop[1:] < stop[:-1]))
    apart = np.repeat(np.arange(len(rows)), rows) * (int(stop.max()) + 1)
    behind = np.searchsorted(apart + start, apart + stop) - np.arange(len(row))
    slots = np.maximum(1, np.maximum.reduceat(behind, first[:-1]))
    return np.where(np.logical_or.reduceat(wrong, first[:-1]), 0, slots)
