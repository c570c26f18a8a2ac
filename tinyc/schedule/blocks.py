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

#: The smallest blocks: most kernels compute two steps as fast as one.
PAIRS = Blocks(2, 2)
#: Larger ones that are tried.
_SIZES = (4, 6, 8, 12, 16, 24, 32, 48, 64)
#: Products for every call, and every group of columns, that large enough blocks take beyond what whole lines do; and
#: for how many an element of a result counts.
_WORTH = 900
_ELEMENT = 4
#: The part of the least peak that larger blocks may take beyond.
_MORE = 8
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

    def limit(self, stages: Sequence[StageChoice], least: int) -> int:
        """What a peak may be so that blocks are large enough: `least`, that of these stages, or a little more."""
        needed = (self._worthwhile(s.first, s.last).peak for s in self.within(stages, least))
        return min(max(least, *needed), least + least // _MORE)

    def within(self, stages: Sequence[StageChoice], limit: int) -> list[StageChoice]:
        """The same tasks with few calls: in large blocks, in shorter stages where these can have larger ones.

        No peak exceeds the limit, unless that of the stage does as it is.
        """
        return [part for stage in stages for part in self._split(stage, limit)]

    def as_they_are(self, stages: Sequence[StageChoice], limit: int) -> list[StageChoice]:
        """The same stages in blocks that cost least, of those whose peaks are within the limit."""
        return [self._largest(s.first, s.last, limit) or s for s in stages]

    def _worthwhile(self, first: int, last: int) -> StageChoice:
        """Tasks [first, last) in the blocks of least peak that are large enough."""
        whole = self._costs_of(self._whole)
        best = whole.stage(first, last)
        work, least = self._work(whole, first, last), _cost(whole, first, last)
        for blocks in self._tried:
            costs = self._costs_of(blocks)
            if work >= _WORTH * (_cost(costs, first, last) - least):
                choice = costs.stage(first, last)
                best = choice if choice.peak <= best.peak else best
        return best

    def _work(self, costs: StageCosts, first: int, last: int) -> int:
        """Of the tasks that go by steps."""
        work = 0
        for task in costs.tasks[first:last]:
            if task.block and task.op >= 0 and not task.is_view:
                op = self._graph.ops[task.op]
                outs = self._graph.outs(op)
                work += op.macs(self._graph.types(op), outs) + _ELEMENT * sum(t.elements for t in outs)
        return work

    def _split(self, stage: StageChoice, limit: int) -> list[StageChoice]:
        """One stage as the stages that take the fewest calls: a shortest path over the positions between its tasks."""
        first, last = stage.first, stage.last
        best: dict[int, tuple[int, list[StageChoice]]] = {first: (0, [])}
        for at in range(first + 1, last + 1):
            starts = [*range(at - 1, max(first, at - _RUN) - 1, -1), *([first] if at == last else [])]
            for start in starts:
                if start not in best:
                    continue
                choice = self._largest(start, at, limit) or (stage if (start, at) == (first, last) else None)
                if choice is None:
                    continue
                cost = best[start][0] + _cost(self._costs_of(choice.blocks), start, at)
                if at not in best or cost < best[at][0]:
                    best[at] = (cost, [*best[start][1], choice])
        return best[last][1]

    def _largest(self, first: int, last: int, limit: int) -> StageChoice | None:
        """Tasks [first, last) in the blocks that cost least, of those whose peak is within the limit."""
        for costs in sorted(map(self._costs_of, self._tried), key=lambda costs: _cost(costs, first, last)):
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


def _cost(costs: StageCosts, first: int, last: int) -> int:
    """Calls of kernels by tasks that go by steps, and in these, columns that are computed together."""
    return sum(
        t.firings * (1 + (-(-t.block // t.columns) if t.columns else 0))
        for t in costs.tasks[first:last]
        if t.block and not t.is_view
    )
