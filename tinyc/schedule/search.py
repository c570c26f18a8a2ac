"""The choice of stages: which runs of tasks are streamed together, in how many strips, and what is held whole between.

Between two stages every tensor that is still needed is whole, so the memory that a stage needs depends on nothing but
its own tasks. A split into stages is then a path over the positions between tasks. Its memory is its largest stage (a
bottleneck), its work the sum of what the stages compute twice. For a given limit on memory the path with the least work
is a shortest path over the stages within the limit; lowering the limit step by step gives the whole Pareto set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tinyc.ir import Graph
from tinyc.memory import live_peak
from tinyc.schedule.order import in_strips, layer_order, stream_order
from tinyc.schedule.rows import RowViews
from tinyc.schedule.strips import strip_columns
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Columns, Firing, Ring, timeline

#: Numbers of strips that are tried for a patch stage.
STRIPS = (2, 3, 4, 5, 6, 8)
#: A stage whose rings exceed the smallest arena without recompute so many times is not cut into strips.
_REACH = 4


@dataclass(frozen=True)
class StageChoice:
    """Tasks [first, last) as one stage. peak: bytes live at the worst moment, what lives through included;

    rings: bytes of the rings inside it alone; strips: 1 unless it is a patch stage; extra_macs: what strips compute
    beyond once; columns: that each strip computes, by tensor, empty for one strip.
    """

    first: int
    last: int
    order: tuple[Firing, ...] = field(repr=False)
    peak: int
    rings: int
    strips: int = 1
    extra_macs: int = 0
    columns: dict[str, Columns] = field(default_factory=dict, repr=False)


class StageCosts:
    """What each run of tasks needs as a stage; computed once each."""

    def __init__(self, graph: Graph, views: RowViews, tasks: Sequence[Task]) -> None:
        self._graph = graph
        self._views = views
        self.tasks = tasks
        self._streams: dict[tuple[int, int], tuple[StageChoice, tuple[Ring, ...]]] = {}
        self._patches: dict[tuple[int, int, int], StageChoice | None] = {}
        self._around: dict[tuple[int, int], int] = {}
        self._heights = {name: view.count for name, view in views.items()}
        self._made = {name: k for k, task in enumerate(tasks) for name in task.outputs}
        self._last_use: dict[str, int] = {}
        for k, task in enumerate(tasks):
            for name in task.inputs:
                self._last_use[name] = k
        for name in graph.kept_tensors:
            self._last_use[name] = len(tasks)
        self._all = {n for n in self._heights if not graph.is_constant(n)}
        self._buffer = {name: name for name in self._all}
        for task in tasks:
            if task.is_view:
                self._buffer[task.outputs[0]] = self._buffer[task.inputs[0]]

    def stage(self, first: int, last: int) -> StageChoice:
        """Tasks [first, last) streamed, nothing computed twice."""
        return self._stream(first, last)[0]

    def patch(self, first: int, last: int, strips: int) -> StageChoice | None:
        """The same in vertical strips; None where it cannot be cut so. The peak is an upper bound."""
        key = (first, last, strips)
        if key not in self._patches:
            self._patches[key] = self._cut(first, last, strips)
        return self._patches[key]

    def beside_rings(self, first: int, last: int) -> int:
        """Bytes that a patch stage holds beside its rings: no number of strips makes them fewer."""
        if (first, last) not in self._around:
            held = sum(self.bytes_of(n) for n in self.held_whole(first, last)[0])
            scratch = max((t.scratch for t in self.tasks[first:last]), default=0)
            self._around[first, last] = held + scratch + self._through(first, last)
        return self._around[first, last]

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """Bytes that are live, whole, before task k, and last after them all: no stage that ends there needs less."""
        live: list[set[str]] = [set() for _ in range(len(self.tasks) + 1)]
        for name in self._all:
            for position in range(self._made.get(name, -1) + 1, self._last_use.get(name, -1) + 1):
                live[position].add(self._buffer[name])
        return tuple(sum(map(self.bytes_of, each)) for each in live)

    def held_whole(self, first: int, last: int) -> tuple[set[str], set[str]]:
        """Tensors of the stage that come from before or are needed after it; and of these the ones needed after."""
        touched = {n for k in range(first, last) for n in (*self.tasks[k].inputs, *self.tasks[k].outputs)}
        before = {n for n in touched if self._made.get(n, -1) < first}
        after = {n for n in touched if self._last_use.get(n, -1) >= last}
        return before | after, after

    def bytes_of(self, name: str) -> int:
        return self._graph.type(name).bytes

    def _through(self, first: int, last: int) -> int:
        """Bytes of tensors that live through the stage without being touched."""
        touched = {n for k in range(first, last) for n in (*self.tasks[k].inputs, *self.tasks[k].outputs)}
        return sum(
            self._graph.type(n).bytes
            for n in self._all - touched
            if self._made.get(n, -1) < first and self._last_use.get(n, -1) >= last
        )

    def _stream(self, first: int, last: int) -> tuple[StageChoice, tuple[Ring, ...]]:
        if (first, last) in self._streams:
            return self._streams[first, last]
        tasks = self.tasks
        whole, after = self.held_whole(first, last)
        if last == first + 1:
            orders = [layer_order(tasks, first, last)]
        else:
            orders = [stream_order(tasks, first, last, self._heights, slowest_first=True)]
            if any(len(tasks[k].inputs) > 1 for k in range(first, last)):
                orders.append(stream_order(tasks, first, last, self._heights, slowest_first=False))
        found: list[tuple[StageChoice, tuple[Ring, ...]]] = []
        for order in orders:
            lives = timeline(self._views, tasks, order, whole, after, [range(first, last)])
            peak = live_peak(lives.blocks) + self._through(first, last)
            inner = tuple(r for r in lives.rings.values() if not whole.intersection(r.tensors))
            rings = sum(r.bytes for r in inner)
            found.append((StageChoice(first, last, tuple(order), peak, rings), inner))
        self._streams[first, last] = min(found, key=lambda f: f[0].peak)
        return self._streams[first, last]

    def _cut(self, first: int, last: int, strips: int) -> StageChoice | None:
        whole, after = self.held_whole(first, last)
        stage = self.tasks[first:last]
        columns = strip_columns(self._graph, self._views, stage, after, strips)
        if columns is None or whole.issuperset(columns):
            return None
        streamed, inner = self._stream(first, last)
        width = {name: self._views[name].columns for name in columns}
        rings = 0
        for ring in inner:
            name = ring.tensors[0]
            rings += ring.bytes * max(b - a for a, b in columns[name]) // width[name]
        extra = 0
        for task in stage:
            if task.op >= 0:
                op = self._graph.ops[task.op]
                macs = op.macs(self._graph.types(op), self._graph.outs(op))
                (output,) = task.outputs
                computed = sum(b - a for a, b in columns[output])
                extra += macs * (computed - width[output]) // width[output]
        peak = rings + self.beside_rings(first, last)
        order = tuple(in_strips(streamed.order, strips))
        return StageChoice(first, last, order, peak, rings, strips, extra, columns)


def best_split(costs: StageCosts) -> list[StageChoice]:
    """Without recompute, the split whose largest stage is smallest; of several, one with few stages."""
    count = len(costs.tasks)
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for last in range(1, count + 1):
        found: tuple[int, int, int] | None = None
        for first in range(last - 1, -1, -1):
            if found is not None and max(best[first][0], costs.cuts[first]) > found[0]:
                continue
            if found is not None and (best[first][0], best[first][1] + 1) >= found[:2]:
                continue
            stage = costs.stage(first, last)
            candidate = (max(best[first][0], stage.peak), best[first][1] + 1, first)
            if found is None or candidate[:2] < found[:2]:
                found = candidate
            if stage.rings > found[0]:
                break  # a longer run of tasks holds these rings too, and more
        assert found is not None
        best.append(found)
    stages: list[StageChoice] = []
    at = count
    while at:
        first = best[at][2]
        stages.insert(0, costs.stage(first, at))
        at = first
    return stages


def pareto_splits(costs: StageCosts, start: Sequence[StageChoice], most: int) -> Iterator[list[StageChoice]]:
    """Splits with less and less memory and more and more recompute, from `start` (exclusive) on; `most` at most."""
    smallest = limit = max(s.peak for s in start)
    for _ in range(most):
        limit = int(limit * _STEP)
        path = _least_work(_edges(costs, smallest, limit), len(costs.tasks))
        if path is None:
            return
        yield path
        limit = max(s.peak for s in path)


#: Each point of the Pareto set asks for so much of the memory of the one before.
_STEP = 0.97


def _edges(costs: StageCosts, smallest: int, limit: int) -> Iterator[StageChoice]:
    """All stages within `limit` worth a look, where `smallest` is what the best plan without recompute takes."""
    count = len(costs.tasks)
    possible = [cut <= limit for cut in costs.cuts]
    if not (possible[0] and possible[-1]):
        return  # every path begins and ends there
    reached = {0}
    for last in range(1, count + 1):
        for first in range(last - 1, -1, -1):
            if not (possible[last] and first in reached):
                continue
            streamed = costs.stage(first, last)
            if streamed.peak <= limit:
                reached.add(last)
                yield streamed
                continue  # without recompute: strips cannot be better
            if streamed.rings > smallest * _REACH:
                break
            beside = costs.beside_rings(first, last)
            if last - first < 2 or streamed.rings < smallest // 8:
                continue
            for strips in STRIPS:
                if beside + streamed.rings // strips > limit:
                    continue
                cut = costs.patch(first, last, strips)
                if cut is None:
                    break
                if cut.peak <= limit:
                    reached.add(last)
                    yield cut


def _least_work(edges: Iterable[StageChoice], count: int) -> list[StageChoice] | None:
    """The path that computes least twice; of several, one with the fewest stages."""
    best: dict[int, tuple[int, int, StageChoice | None]] = {0: (0, 0, None)}
    ending: dict[int, list[StageChoice]] = {}
    for edge in edges:
        ending.setdefault(edge.last, []).append(edge)
    for last in range(1, count + 1):
        for edge in ending.get(last, []):
            if edge.first not in best:
                continue
            before = best[edge.first]
            work, stages = before[0] + edge.extra_macs, before[1] + 1
            if last not in best or (work, stages) < best[last][:2]:
                best[last] = (work, stages, edge)
    if count not in best:
        return None
    path: list[StageChoice] = []
    at = count
    while at:
        taken = best[at][2]
        assert taken is not None
        path.insert(0, taken)
        at = taken.first
    return path
