"""The choice of stages: which runs of tasks are streamed together, in how many strips, and what is held whole between.

Between two stages every tensor that is still needed is whole, so the memory that a stage needs depends on nothing but
its own tasks. A split into stages is then a path over the positions between tasks. Its memory is its largest stage (a
bottleneck), its work the sum of what the stages compute twice. For a given limit on memory the path with the least work
is a shortest path over the stages within the limit; lowering the limit step by step gives the whole Pareto set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tinyc.schedule.stages import STRIPS, StageChoice, StageCosts

#: A stage whose rings exceed the smallest arena without recompute so many times is not cut into strips.
_REACH = 4
#: Work on streamed stages, as StageCosts counts it, for the best split and again for those that compute twice; and
#: for the splits within one limit. Where it does not last, longer stages than it lasts for are not looked at.
MOST_WORK = 6_000_000
_WORK_WITHIN = 1_000_000


class _Allowance:
    """Work spread evenly over where a stage ends; what one position leaves over goes to the next."""

    def __init__(self, costs: StageCosts, work: int) -> None:
        self._costs = costs
        self._start = costs.work
        self._most = work

    def is_spent(self, first: int, last: int) -> bool:
        """Whether the work allowed up to stages that end at `last` does not include [first, last)."""
        done = self._costs.work - self._start
        allowed = self._most * last // len(self._costs.tasks)
        return done > allowed and first < last - 1 and not self._costs.is_known(first, last)


def best_split(costs: StageCosts, work: int = MOST_WORK) -> list[StageChoice]:
    """Without recompute, the split whose largest stage is smallest; of several, one with few stages.

    work: on streamed stages, as StageCosts counts it.
    """
    count = len(costs.tasks)
    allowance = _Allowance(costs, work)
    best: list[tuple[int, int, int]] = [(0, 0, 0)]
    for last in range(1, count + 1):
        found: tuple[int, int, int] | None = None
        for first in range(last - 1, -1, -1):
            if found is not None and max(best[first][0], costs.cuts[first]) > found[0]:
                continue
            if found is not None and (best[first][0], best[first][1] + 1) >= found[:2]:
                continue
            if allowance.is_spent(first, last):
                break
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


def splits_within(costs: StageCosts, limit: int) -> Iterator[list[StageChoice]]:
    """Splits without recompute whose stages stay within `limit`, from few stages to many that leave more room."""
    return _alike(list(_streamed(costs, _Allowance(costs, _WORK_WITHIN), limit)), len(costs.tasks), limit)


#: A stage larger than so much of the limit is avoided, so that there is room to place what it needs.
_SHARES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.55, 0.4)


def _streamed(costs: StageCosts, allowance: _Allowance, limit: int) -> Iterator[StageChoice]:
    """Stages within `limit` that compute nothing twice."""
    for last in range(1, len(costs.tasks) + 1):
        if costs.cuts[last] > limit:
            continue
        for first in range(last - 1, -1, -1):
            if costs.cuts[first] > limit:
                continue
            if allowance.is_spent(first, last):
                break
            stage = costs.stage(first, last)
            if stage.peak <= limit:
                yield stage
            if stage.rings > limit:
                break


def _alike(edges: Sequence[StageChoice], count: int, limit: int) -> Iterator[list[StageChoice]]:
    """Paths of equal work with smaller and smaller stages beside those that no path can avoid."""
    found: list[list[StageChoice]] = []
    for share in _SHARES:
        path = _least_work(edges, count, int(limit * share))
        if path is not None and path not in found:
            found.append(path)
            yield path


def pareto_splits(
    costs: StageCosts, start: Sequence[StageChoice], most: int, work: int = MOST_WORK
) -> Iterator[Iterator[list[StageChoice]]]:
    """Splits with less and less memory and more and more recompute, from `start` (exclusive) on; `most` at most.

    Each comes with others of the same work and within the same limit, in case it cannot be placed as it should.
    work: on streamed stages, as StageCosts counts it.
    """
    smallest = limit = max((s.peak for s in start), default=0)
    allowance = _Allowance(costs, work)
    for _ in range(most):
        limit = int(limit * _STEP)
        edges = list(_edges(costs, allowance, smallest, limit))
        path = _least_work(edges, len(costs.tasks), limit)
        if path is None:
            return
        yield _alike(edges, len(costs.tasks), limit)
        limit = max((s.peak for s in path), default=0)


#: Each point of the Pareto set asks for so much of the memory of the one before.
_STEP = 0.97


def _edges(costs: StageCosts, allowance: _Allowance, smallest: int, limit: int) -> Iterator[StageChoice]:
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
            if allowance.is_spent(first, last):
                break
            streamed = costs.stage(first, last)
            if streamed.peak <= limit:
                reached.add(last)
                yield streamed
                continue  # without recompute: strips cannot be better
            if streamed.rings > smallest * _REACH:
                break
            if last - first < 2 or streamed.rings < smallest // 8:
                continue
            for strips in STRIPS:
                if streamed.beside + streamed.rings // strips > limit:
                    continue
                cut = costs.patch(first, last, strips)
                if cut is None:
                    break
                if cut.peak <= limit:
                    reached.add(last)
                    yield cut


def _least_work(edges: Iterable[StageChoice], count: int, large: int) -> list[StageChoice] | None:
    """The path that computes least twice; of several, one with the fewest stages beyond `large`, then the fewest."""
    best: dict[int, tuple[tuple[int, int, int], StageChoice | None]] = {0: ((0, 0, 0), None)}
    ending: dict[int, list[StageChoice]] = {}
    for edge in edges:
        ending.setdefault(edge.last, []).append(edge)
    for last in range(1, count + 1):
        for edge in ending.get(last, []):
            if edge.first not in best:
                continue
            work, larger, stages = best[edge.first][0]
            key = (work + edge.extra_macs, larger + (edge.peak > large), stages + 1)
            if last not in best or key < best[last][0]:
                best[last] = (key, edge)
    if count not in best:
        return None
    path: list[StageChoice] = []
    at = count
    while at:
        taken = best[at][1]
        assert taken is not None
        path.insert(0, taken)
        at = taken.first
    return path
