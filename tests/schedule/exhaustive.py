"""The optimum by trying everything: all splits into stages, for graphs of few tasks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.schedule.networks import network
from tests.schedule.policies import ISAS
from tinyc.ir import Graph
from tinyc.memory import live_peak
from tinyc.schedule.order import Streams, layer_order
from tinyc.schedule.planner import Search, preferred
from tinyc.schedule.stages import STRIPS, StageChoice
from tinyc.schedule.timeline import Firing, timeline

Split = tuple[tuple[int, int], ...]


def tiny_networks(count: int, most: int) -> Iterator[tuple[int, Graph, bool]]:
    """(seed, graph, rows in) of the first `count` networks of 3 to `most` tasks, every other with its rows read in."""
    found = 0
    for seed in range(10_000):
        graph = network(seed)
        rows_in = bool(seed % 2)
        if 3 <= len(graph.ops) + rows_in <= most:
            yield seed, graph, rows_in
            found += 1
            if found == count:
                return


def splits(count: int) -> Iterator[Split]:
    """All ways to cut `count` tasks into runs."""
    for bits in range(1 << (count - 1)):
        cuts = [0, *(k for k in range(1, count) if bits >> (k - 1) & 1), count]
        yield tuple(pairwise(cuts))


def stage_peak(graph: Graph, search: Search, first: int, last: int) -> int:
    """Bytes live at the worst moment of tasks [first, last) in the better of all orders there are."""
    tasks = search.costs.tasks
    views = search.views
    made = {name: k for k, task in enumerate(tasks) for name in task.outputs}
    last_use = {n: k for k, task in enumerate(tasks) for n in task.inputs}
    last_use |= dict.fromkeys(graph.output_tensors, len(tasks))
    here = {n for task in tasks[first:last] for n in (*task.inputs, *task.outputs)}
    after = {n for n in last_use if made.get(n, -1) < last <= last_use[n]}
    before = {n for n in last_use if made.get(n, -1) < first <= last_use[n]}
    orders: list[list[Firing]] = [layer_order(tasks, first, last)]
    if last - first > 1:
        orders = [Streams(tasks).order(first, last, slowest_first=slowest) for slowest in (True, False)]
    peaks = []
    for order in orders:
        lives = timeline(views, tasks, order, (before | after) & here, after & here, [range(first, last)])
        peaks.append(live_peak(lives.blocks))
    return min(peaks) + sum(graph.type(n).bytes for n in (before & after) - here)


def every_path(search: Search) -> Iterator[tuple[StageChoice, ...]]:
    """All splits, each stage streamed or in any number of strips."""
    count = len(search.costs.tasks)

    def from_task(first: int) -> Iterator[tuple[StageChoice, ...]]:
        if first == count:
            yield ()
            return
        for last in range(first + 1, count + 1):
            cuts = [search.costs.patch(first, last, strips) for strips in STRIPS]
            choices = [search.costs.stage(first, last), *(cut for cut in cuts if cut is not None)]
            for rest in from_task(last):
                for choice in choices:
                    yield (choice, *rest)

    return from_task(0)


def make_search(graph: Graph, rows_in: bool) -> Search:
    return Search(graph, preferred(graph, ISAS), rows_in=rows_in)
