"""What each run of tasks needs as a stage, streamed or in strips; computed once each, and only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from tinyc.ir import Graph
from tinyc.schedule.lines import STEP_BY_STEP, Blocks
from tinyc.schedule.order import in_strips, layer_order
from tinyc.schedule.peaks import StagePeaks
from tinyc.schedule.rows import RowViews
from tinyc.schedule.strips import StripNeeds, strip_columns
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Columns, Firing

#: Numbers of strips that are tried for a patch stage.
STRIPS = (2, 3, 4, 5, 6, 8)


@dataclass(frozen=True)
class StageChoice:
    """Tasks [first, last) as one stage."""

    first: int
    last: int
    #: Bytes live at the worst moment, what lives through included.
    peak: int
    #: Bytes of the rings inside it alone.
    rings: int
    #: Bytes that it holds beside its rings however many strips it has.
    beside: int
    #: Of several inputs that lack rows, the one with the longest chain behind it is served first.
    slowest_first: bool = True
    #: 1 unless it is a patch stage.
    strips: int = 1
    #: What strips compute beyond once.
    extra_macs: int = 0
    #: In which its tasks compute lines.
    blocks: Blocks = STEP_BY_STEP


class StageCosts:
    """The stages that the tasks can form."""

    def __init__(
        self,
        graph: Graph,
        views: RowViews,
        tasks: Sequence[Task],
        blocks: Blocks = STEP_BY_STEP,
    ) -> None:
        """blocks: in which the tasks compute lines."""
        self._graph = graph
        self._blocks = blocks
        self._views = views
        self.tasks = tasks
        self._streams: dict[tuple[int, int], StageChoice] = {}
        self._patches: dict[tuple[int, int, int], StageChoice | None] = {}
        #: Of stages that end at one task, by the number of strips.
        self._needs: dict[int, StripNeeds] = {}
        self._needs_last = 0
        self._inner: tuple[tuple[int, int], tuple[tuple[str, int], ...]] = ((0, 0), ())
        self._made = {name: k for k, task in enumerate(tasks) for name in task.outputs}
        self._last_use: dict[str, int] = {}
        for k, task in enumerate(tasks):
            for name in task.inputs:
                self._last_use[name] = k
        for name in graph.kept_tensors:
            self._last_use[name] = len(tasks)
        self._all = {name for name in views if not graph.is_constant(name)}
        self._buffer = {name: name for name in self._all}
        for task in tasks:
            if task.is_view:
                self._buffer[task.outputs[0]] = self._buffer[task.inputs[0]]
        self._peaks = StagePeaks(graph, views, tasks, self._last_use)
        #: Work done so far, as `StagePeaks.work` counts it.
        self.work = 0

    def stage(self, first: int, last: int) -> StageChoice:
        """Tasks [first, last) streamed, nothing computed twice."""
        if not self.is_known(first, last):
            self._streams[first, last] = self._stream(first, last)
        return self._streams[first, last]

    def is_known(self, first: int, last: int) -> bool:
        """Whether the stage costs no work any more."""
        return (first, last) in self._streams

    def patch(self, first: int, last: int, strips: int) -> StageChoice | None:
        """The same in vertical strips; None where it cannot be cut so. The peak is an upper bound."""
        key = (first, last, strips)
        if key not in self._patches:
            self._patches[key] = self._cut(first, last, strips)
        return self._patches[key]

    def order(self, choice: StageChoice) -> list[Firing]:
        """The firings of a stage."""
        if choice.last == choice.first + 1:
            order = layer_order(self.tasks, choice.first, choice.last)
        else:
            order = self._peaks.streams.order(choice.first, choice.last, slowest_first=choice.slowest_first)
        return in_strips(order, choice.strips) if choice.strips > 1 else order

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """Bytes that are live, whole, before task k, and last after them all: no stage that ends there needs less."""
        users: dict[str, list[str]] = {}
        for name in self._all:
            users.setdefault(self._buffer[name], []).append(name)
        change = [0] * (len(self.tasks) + 2)
        for buffer, names in users.items():
            live = {
                position
                for n in names
                for position in range(self._made.get(n, -1) + 1, self._last_use.get(n, -1) + 1)
            }
            for position in live:
                change[position] += self.bytes_of(buffer)
        return tuple(change[:-1])

    def held_whole(self, first: int, last: int) -> tuple[set[str], set[str]]:
        """Tensors of the stage that come from before or are needed after it; and of these the ones needed after."""
        touched = {n for k in range(first, last) for n in (*self.tasks[k].inputs, *self.tasks[k].outputs)}
        before = {n for n in touched if self._made.get(n, -1) < first}
        after = {n for n in touched if self._last_use.get(n, -1) >= last}
        return before | after, after

    def bytes_of(self, name: str) -> int:
        return self._graph.type(name).bytes

    def _stream(self, first: int, last: int) -> StageChoice:
        found = None
        for slowest_first in (True,) if self._peaks.has_one_order(first, last) else (True, False):
            self.work += self._peaks.work(first, last)
            stage = self._peaks.stage(first, last, slowest_first=slowest_first)
            peak = stage.peak + stage.through
            if found is None or peak < found.peak:
                self._inner = (first, last), stage.inner
                rings = sum(size for _, size in stage.inner)
                beside = stage.held + stage.through
                found = StageChoice(first, last, peak, rings, beside, slowest_first, blocks=self._blocks)
        assert found is not None
        return found

    def _inner_rings(self, streamed: StageChoice) -> tuple[tuple[str, int], ...]:
        """The rings inside a stage alone: the tensor that each is named after, and bytes."""
        run = (streamed.first, streamed.last)
        if self._inner[0] != run:
            self._inner = run, self._peaks.stage(*run, slowest_first=streamed.slowest_first).inner
        return self._inner[1]

    def _cut(self, first: int, last: int, strips: int) -> StageChoice | None:
        needs = self._needs.get(strips)
        if needs is None or self._needs_last != last or needs.first < first:
            if self._needs_last != last:
                self._needs, self._needs_last = {}, last
            needs = StripNeeds(self._graph, self._views, self.tasks, self._last_use, last, strips)
            self._needs[strips] = needs
        if not needs.reach(first) or not needs.makes_own:
            return None
        streamed = self.stage(first, last)
        rings = 0
        for name, size in self._inner_rings(streamed):
            rings += size * needs.widest[name] // self._views[name].columns
        return StageChoice(
            first,
            last,
            rings + streamed.beside,
            rings,
            streamed.beside,
            streamed.slowest_first,
            strips,
            needs.extra_macs,
            self._blocks,
        )

    def columns(self, choice: StageChoice) -> dict[str, Columns]:
        """What each strip computes, by tensor; empty for one strip."""
        if choice.strips == 1:
            return {}
        _, after = self.held_whole(choice.first, choice.last)
        stage = self.tasks[choice.first : choice.last]
        found = strip_columns(self._graph, self._views, stage, after, choice.strips)
        assert found is not None
        return found
