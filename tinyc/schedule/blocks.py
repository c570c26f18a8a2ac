"""How many steps of a line are computed together: larger blocks take fewer calls, and more memory.

Memory comes first, but a call costs what hundreds of products cost. So blocks are so large that calls are worth it, as
far as that takes little more memory, and then as large as the largest stage leaves room for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from tinyc.ir import Graph
from tinyc.schedule.lines import Blocks
from tinyc.schedule.stages import StageChoice, StageCosts
from tinyc.schedule.tasks import idle_macs, macs_of

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

    def limit(self, stages: Sequence[StageChoice]) -> int:
        """What a peak may be so that calls are worth it: what it is for these stages, or a little more."""
        least = max(s.peak for s in stages)
        parts = self._within(stages, least, self._whole.steps)
        return min(
            max(least, *(self._worthwhile(s.first, s.last).peak for s in parts)), least + least // _MORE
        )

    def is_idle(self, stages: Sequence[StageChoice]) -> bool:
        """Whether kernels compute many more steps together than these blocks have."""
        idle = sum(self._idle(self._costs_of(s.blocks), s.first, s.last) for s in stages)
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
        return sum(self._cost(self._costs_of(s.blocks), s.first, s.last) for s in stages)

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
        work, least = self._work(whole, first, last), _calls(whole, first, last)
        for blocks in self._tried:
            costs = self._costs_of(blocks)
            if work >= _calls(costs, first, last) - least:
                choice = costs.stage(first, last)
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

    def _cost(self, costs: StageCosts, first: int, last: int) -> float:
        """What tasks take in products beside their own: calls, and for steps that are none."""
        return _calls(costs, first, last) + self._idle(costs, first, last)

    def _idle(self, costs: StageCosts, first: int, last: int) -> float:
        """Products by which kernels compute more steps together than a call has, or prepare for a call."""
        return idle_macs(self._graph, costs.tasks[first:last])

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
                cost = best[start][0] + each + self._cost(self._costs_of(choice.blocks), start, at)
                if at not in best or cost < best[at][0]:
                    best[at] = (cost, [*best[start][1], choice])
        return best[last][1]

    def _largest(self, first: int, last: int, limit: int, most: int) -> StageChoice | None:
        """Tasks [first, last) in the blocks that cost least, of at most so many steps and with a peak in the limit."""
        tried = (self._costs_of(blocks) for blocks in self._tried if blocks.steps <= most)
        for costs in sorted(tried, key=lambda costs: self._cost(costs, first, last)):
            choice = costs.stage(first, last)
            if choice.peak <= limit:
                return choice
        return None

    @cached_property
    def _tried(self) -> tuple[Blocks, ...]:
        """All blocks, the largest first."""
        sizes = tuple(reversed(self._sizes))
        several = (blocks for n in sizes for blocks in (Blocks(n, n), Blocks(n, PAIRS.columns)))
        return (self._whole, *several, PAIRS)


def _calls(costs: StageCosts, first: int, last: int) -> int:
    """Calls of kernels by tasks that go by steps, and in these, columns that are computed together: in products."""
    return _WORTH * sum(
        t.firings * (1 + (-(-t.block // t.columns) if t.columns else 0))
        for t in costs.tasks[first:last]
        if t.block and not t.is_view
    )
