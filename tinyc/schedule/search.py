"""The choice of stages: which runs of tasks are streamed together, and which tensors are held whole in between.

Between two stages every tensor that is still needed is whole, so the memory that a stage needs depends on nothing but
its own tasks. The best split into stages is then a shortest path over the positions between tasks, where the length of
a path is the largest stage on it (a bottleneck path), solved exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tinyc.ir import Graph
from tinyc.memory import live_peak
from tinyc.schedule.order import layer_order, stream_order
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import timeline


@dataclass(frozen=True)
class StageChoice:
    """Tasks [first, last) as one stage. peak: bytes live at the worst moment, what lives through included;

    rings: bytes of the rings inside it alone.
    """

    first: int
    last: int
    order: tuple[tuple[int, int], ...]
    peak: int
    rings: int


class StageCosts:
    """What each run of tasks needs as a stage; computed once each."""

    def __init__(self, graph: Graph, tasks: Sequence[Task]) -> None:
        self._graph = graph
        self._tasks = tasks
        self._known: dict[tuple[int, int], StageChoice] = {}
        self._heights = {n: t.type.hwc[0] for n, t in graph.tensors.items()}
        self._made = {task.output: k for k, task in enumerate(tasks)}
        self._last_use: dict[str, int] = {}
        for k, task in enumerate(tasks):
            for name in task.inputs:
                self._last_use[name] = k
        for name in graph.output_tensors:
            self._last_use[name] = len(tasks)
        self._all = {n for n in self._heights if not graph.is_constant(n)}

    def stage(self, first: int, last: int) -> StageChoice:
        key = (first, last)
        if key not in self._known:
            self._known[key] = self._evaluate(first, last)
        return self._known[key]

    def held_whole(self, first: int, last: int) -> tuple[set[str], set[str]]:
        """Tensors of the stage that come from before or are needed after it; and of these the ones needed after."""
        touched = {n for k in range(first, last) for n in (*self._tasks[k].inputs, self._tasks[k].output)}
        before = {n for n in touched if self._made.get(n, -1) < first}
        after = {n for n in touched if self._last_use.get(n, -1) >= last}
        return before | after, after

    def _evaluate(self, first: int, last: int) -> StageChoice:
        tasks = self._tasks
        whole, after = self.held_whole(first, last)
        touched = {n for k in range(first, last) for n in (*tasks[k].inputs, tasks[k].output)}
        through = sum(
            self._graph.type(n).bytes
            for n in self._all - touched
            if self._made.get(n, -1) < first and self._last_use.get(n, -1) >= last
        )
        if last == first + 1:
            orders = [layer_order(tasks, first, last)]
        else:
            orders = [stream_order(tasks, first, last, self._heights, slowest_first=True)]
            if any(len(tasks[k].inputs) > 1 for k in range(first, last)):
                orders.append(stream_order(tasks, first, last, self._heights, slowest_first=False))
        best: StageChoice | None = None
        for order in orders:
            lives = timeline(self._graph, tasks, order, whole, after, [range(first, last)])
            peak = live_peak(lives.blocks) + through
            if best is None or peak < best.peak:
                rings = sum(r.bytes for r in lives.rings.values() if not whole.intersection(r.tensors))
                best = StageChoice(first, last, tuple(order), peak, rings)
        assert best is not None
        return best


def best_split(count: int, cost: Callable[[int, int], StageChoice]) -> list[StageChoice]:
    """The split of tasks [0, count) into stages whose largest stage is smallest; the fewest stages of these."""
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for last in range(1, count + 1):
        found: tuple[int, int, int] | None = None
        for first in range(last - 1, -1, -1):
            if found is not None and best[first][0] > found[0]:
                continue
            stage = cost(first, last)
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
        stages.insert(0, cost(first, at))
        at = first
    return stages
