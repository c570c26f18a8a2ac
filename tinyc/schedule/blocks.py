"""How many steps of a line are computed together: larger blocks take fewer calls, and more memory.

Memory comes first, but a call costs what hundreds of products cost. So blocks are so large that calls are worth it, as
far as that takes little more memory, and then as large as the largest stage leaves room for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import accumulate

from tinyc.ir import Graph
from tinyc.schedule.lines import Blocks
from tinyc.schedule.stages import StageChoice, StageCosts
from tinyc.schedule.tasks import Task, idle_macs, macs_of

#: The smallest blocks: most kernels compute two steps as fast as one.
PAIRS = Blocks(2, 2)
#: Larger ones that are tried.
_SIZES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
#: Products for every call, and every group of columns, that large enough blocks take beyond what whole lines do; and
#: for how many an element of a result counts.
_WORTH = 900
_ELEMENT = 4
#: The part of the work that kernels may take beyond for steps that are none, and products that are not worth memory.
_IDLE = 4
_FEW = 50_000
#: The part of the least peak that larger blocks may take beyond.
_MORE = 8
#: How full the largest stage may become by larger blocks, one after the other, and of how many steps blocks may be.
_SHARES = (1.0, 0.97, 0.9)
MOST = (16, 8, 4)
#: The part of the work that a stage of its own saves at least, in a way with few stages.
_STAGE = 64
#: Tasks of a shorter stage that is tried inside one.
_RUN = 6


class Blockings:
    """The stages of a graph with lines, each in blocks of its own."""

    def __init__(self, graph: Graph, longest: int, costs_of: Callable[[Blocks], StageCosts]) -> None:
        """longest: steps of the longest line; costs_of: the stages where all lines are in such blocks."""
        self._graph = graph
        self._costs_of = costs_of
        self._whole = Blocks(longest, longest)
        self._sizes = [size for size in _SIZES if size < longest]
        self._sums: dict[tuple[Blocks, bool], tuple[float, ...]] = {}
        self._ranks: dict[tuple[int, int], list[Blocks]] = {}

    def limit(self, stages: Sequence[StageChoice]) -> int:
        """What a peak may be so that calls are worth it: what it is for these stages, or a little more."""
        least = max(s.peak for s in stages)
        parts = self._within(stages, least, self._whole.steps)
        return min(
            max(least, *(self._worthwhile(s.first, s.last).peak for s in parts)), least + least // _MORE
        )

    def is_idle(self, stages: Sequence[StageChoice]) -> bool:
        """Whether kernels compute many more steps together than these blocks have."""
        idle = sum(self._idle(s.blocks, s.first, s.last) for s in stages)
        return idle > max(_FEW, self._work_of(stages) / _IDLE)

    def ways(self, stages: Sequence[StageChoice], limit: int) -> list[list[StageChoice]]:
        """The same tasks in large blocks, in several ways, those with the fewest calls first.

        No peak exceeds the limit, unless that of the stage does as it is; but memory may have no place for all of it.
        """
        found: dict[tuple[StageChoice, ...], None] = {}
        for share in _SHARES:
            found[tuple(self._within(stages, int(limit * share), self._whole.steps))] = None
            found[tuple(self._as_they_are(stages, int(limit * share), self._whole.steps))] = None
        few = self._work_of(stages) / _STAGE
        for most in (self._whole.steps, *MOST):
            found[tuple(self._within(stages, limit, most, few))] = None
            found[tuple(self._within(stages, limit, most))] = None
            found[tuple(self._as_they_are(stages, limit, most))] = None
        return list(map(list, found))

    def time(self, stages: Sequence[StageChoice]) -> float:
        """What they take in products beside their own."""
        return sum(self._cost(s.blocks, s.first, s.last) for s in stages)

    def _as_they_are(self, stages: Sequence[StageChoice], limit: int, most: int) -> list[StageChoice]:
        """The same stages in blocks that cost least, of at most so many steps and with peaks in the limit."""
        return [self._largest(s.first, s.last, limit, most) or s for s in stages]

    def _work_of(self, stages: Sequence[StageChoice]) -> int:
        whole = self._costs_of(self._whole)
        return sum(self._work(whole, s.first, s.last) for s in stages)

    def _within(
        self, stages: Sequence[StageChoice], limit: int, most: int, each: float = 0.0
    ) -> list[StageChoice]:
        """The same in shorter stages where these can have larger blocks, of at most so many steps.

        each: products that a stage has to save; what lies whole between stages may have no place.
        """
        return [part for stage in stages for part in self._split(stage, limit, most, each)]

    def _worthwhile(self, first: int, last: int) -> StageChoice:
        """Tasks [first, last) in the blocks of least peak that are large enough for their calls."""
        whole = self._costs_of(self._whole)
        best = whole.stage(first, last)
        work, least = self._work(whole, first, last), self._calls(self._whole, first, last)
        for blocks in self._tried:
            if work >= self._calls(blocks, first, last) - least:
                choice = self._costs_of(blocks).stage(first, last)
                best = choice if choice.peak <= best.peak else best
        return best

    def _work(self, costs: StageCosts, first: int, last: int) -> int:
        """Of the tasks that go by steps."""
        work = 0
        for task in costs.tasks[first:last]:
            if task.block and task.op >= 0 and not task.is_view:
                outs = self._graph.outs(self._graph.ops[task.op])
                work += macs_of(self._graph, task.op) + _ELEMENT * sum(t.elements for t in outs)
        return work

    def _cost(self, blocks: Blocks, first: int, last: int) -> float:
        """What tasks take in products beside their own: calls, and for steps that are none."""
        return self._calls(blocks, first, last) + self._idle(blocks, first, last)

    def _idle(self, blocks: Blocks, first: int, last: int) -> float:
        """Products by which kernels compute more steps together than a call has, or prepare for a call."""
        return self._sum(blocks, first, last, is_idle=True)

    def _calls(self, blocks: Blocks, first: int, last: int) -> float:
        """Calls of kernels by tasks that go by steps, and in these, columns that are computed together: in products."""
        return self._sum(blocks, first, last, is_idle=False)

    def _sum(self, blocks: Blocks, first: int, last: int, *, is_idle: bool) -> float:
        key = blocks, is_idle
        if key not in self._sums:
            tasks = self._costs_of(blocks).tasks
            each = (idle_macs(self._graph, [t]) if is_idle else _calls(t) for t in tasks)
            self._sums[key] = tuple(accumulate(each, initial=0.0))
        return self._sums[key][last] - self._sums[key][first]

    def _split(self, stage: StageChoice, limit: int, most: int, each: float) -> list[StageChoice]:
        """One stage as the stages that take the fewest calls: a shortest path over the positions between its tasks."""
        first, last = stage.first, stage.last
        best: dict[int, tuple[float, list[StageChoice]]] = {first: (0, [])}
        for at in range(first + 1, last + 1):
            starts = [*range(at - 1, max(first, at - _RUN) - 1, -1), *([first] if at == last else [])]
            for start in starts:
                if start not in best:
                    continue
                choice = self._largest(start, at, limit, most) or (
                    stage if (start, at) == (first, last) else None
                )
                if choice is None:
                    continue
                cost = best[start][0] + each + self._cost(choice.blocks, start, at)
                if at not in best or cost < best[at][0]:
                    best[at] = (cost, [*best[start][1], choice])
        return best[last][1]

    def _largest(self, first: int, last: int, limit: int, most: int) -> StageChoice | None:
        """Tasks [first, last) in the blocks that cost least, of at most so many steps and with a peak in the limit."""
        for blocks in self._ranked(first, last):
            if blocks.steps > most:
                continue
            choice = self._costs_of(blocks).stage(first, last)
            if choice.peak <= limit:
                return choice
        return None

    def _ranked(self, first: int, last: int) -> list[Blocks]:
        """All blocks, those in which the tasks cost least first."""
        if (first, last) not in self._ranks:
            ranked = sorted(self._tried, key=lambda blocks: self._cost(blocks, first, last))
            self._ranks[first, last] = ranked
        return self._ranks[first, last]

    @cached_property
    def _tried(self) -> tuple[Blocks, ...]:
        """All blocks, the largest first."""
        sizes = tuple(reversed(self._sizes))
        several = (blocks for n in sizes for blocks in (Blocks(n, n), Blocks(n, PAIRS.columns)))
        return (self._whole, *several, PAIRS)


def _calls(task: Task) -> int:
    """Return what the calls of a task that goes by steps take, in products."""
    if not task.block or task.is_view:
        return 0
    return _WORTH * task.firings * (1 + (-(-task.block // task.columns) if task.columns else 0))
