"""From a graph to a checked plan: layer by layer, or streamed wherever that needs less memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice

from tinyc.ir import Graph, Op
from tinyc.kernels import lower
from tinyc.kernels.base import Lowering
from tinyc.kernels.cost import cost_table
from tinyc.kernels.pace import EVEN
from tinyc.schedule.blocks import MOST, PAIRS, Blockings
from tinyc.schedule.draft import Draft, Network, check
from tinyc.schedule.lines import STEP_BY_STEP, Blocks
from tinyc.schedule.plan import Plan
from tinyc.schedule.rows import choose_rows
from tinyc.schedule.search import best_split, pareto_splits, splits_within
from tinyc.schedule.selection import is_slower, within_time
from tinyc.schedule.stages import StageChoice, StageCosts
from tinyc.schedule.watch import Watch

#: Bytes that kernels of many steps may take beyond those of pairs, by scratch and by larger blocks.
_TOGETHER = 2440
#: Splits that are tried with blocks of one size, for these.
_SPLITS = 4
#: Splits that need so much more than the best are placed, too, where that one cannot be placed well.
_ROOMS = (1.0, 1.01, 1.02, 1.035, 1.05, 1.075, 1.1, 1.15, 1.2, 1.3, 1.45, 1.6)
#: The search for a placement goes on with fewer and fewer of the splits: so many in each round, of equal work.
_ROUNDS = (24, 8, 3, 1)
#: So much above the bound a placement is good enough for a point of the Pareto set.
_CLOSE = 1.01


def plan_layers(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """Every op on its own, in the model's order."""
    return Search(graph, preferred(graph, isas), rows_in=rows_in).layers()


def plan_smallest(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """The stages with the smallest arena, without computing anything twice; never worse than layer by layer."""
    return Search(graph, preferred(graph, isas), rows_in=rows_in).smallest()


def pareto_plans(
    graph: Graph,
    isas: tuple[str, ...],
    *,
    rows_in: bool = False,
    recompute: bool = True,
    cpu: str = "",
    watch: Watch | None = None,
) -> tuple[Plan, ...]:
    """Plans by the preferred kernels with less and less memory and more and more work; the first does none twice.

    cpu: the core whose costs tell which of them are much too slow in blocks of lines; any may be where it is not given.
    """
    search = Search(graph, preferred(graph, isas), rows_in=rows_in, watch=watch)
    if search.has_lines and cpu:
        plan = search.smallest()
        kept = within_time(plan, isas, cost_table(cpu))
        if kept != plan.lowerings:
            other = Search(graph, kept, rows_in=rows_in, watch=watch)
            search = search if is_slower(other.smallest(), plan) else other
    return search.pareto() if recompute else (search.smallest(),)


def preferred(graph: Graph, isas: tuple[str, ...]) -> tuple[Lowering, ...]:
    """Return each op by the kernel that is first in the order of preference."""
    return tuple(lower(op, graph, isas) for op in graph.ops)


def _by_pairs(op: Op, low: Lowering, graph: Graph) -> Lowering:
    """Return the same as if all of its scratch were the taps of two steps, where it computes more together."""
    if low.pace == EVEN:
        return low
    outs = graph.outs(op)
    taps = 2 * op.macs(graph.types(op), outs) // sum(t.elements for t in outs)
    calls = (replace(call, scratch=min(call.scratch, taps), pace=EVEN) for call in low.calls)
    return replace(low, calls=tuple(calls), columns=0, narrower=())


def _no_more_work(plan: Plan, other: Plan) -> bool:
    """Strips may even save work: columns that no strip needs are not computed."""
    more = plan.idle_macs - other.idle_macs
    return plan.extra_macs + more <= other.extra_macs and plan.reads_per_row <= other.reads_per_row


class Search:
    """The stages that a graph can have, and the plan of any split into them."""

    def __init__(
        self,
        graph: Graph,
        lowerings: tuple[Lowering, ...],
        *,
        rows_in: bool,
        tight: bool = False,
        watch: Watch | None = None,
    ) -> None:
        """lowerings: one per op; tight: lines in blocks as small as can be, however slow that is.

        watch: also says how much may be searched.
        """
        self._tight = tight
        self.views = choose_rows(graph, lowerings)
        self._network = Network(graph, lowerings, self.views, rows_in)
        self._longest = max((view.count for view in self.views.values() if view.side_by_side), default=0)
        self.costs = self.costs_of((STEP_BY_STEP if tight else PAIRS) if self._longest else STEP_BY_STEP)
        self._watch = watch or Watch()
        self._looks = self._watch.budget.looks_for(len(graph.ops))

    def costs_of(self, blocks: Blocks) -> StageCosts:
        """The stages whose tasks compute lines in such blocks."""
        return self._network.costs_of(blocks)

    def layers(self) -> Plan:
        """Every op on its own, in the model's order."""
        costs = self.costs_of(Blocks(self._longest, self._longest)) if self._longest else self.costs
        return self.plan([costs.stage(k, k + 1) for k in range(len(costs.tasks))])

    @property
    def has_lines(self) -> bool:
        return self._longest > 0

    @cached_property
    def _fastest_smallest(self) -> Plan:
        """The smallest plan; where it has lines, in blocks that are large enough."""
        if not self.has_lines:
            return self._smallest
        stages = [self.costs.stage(*s.tasks) for s in self._smallest.stages]
        if self._tight:
            return self._in_blocks(stages, max((s.peak for s in stages), default=0))[0]
        limit = self._blockings.limit(stages)
        plan, choices = self._in_blocks(stages, limit)
        if plan is self._smallest and plan.arena > limit:
            plan, choices = self._in_blocks(stages, plan.arena)
        if self._watch.is_stopped or not self._blockings.is_idle(choices):
            return plan
        least = self._arena_of_pairs
        return self._in_wide_blocks(stages, max(plan.arena, least + min(_TOGETHER, least)))

    def _in_wide_blocks(self, stages: Sequence[StageChoice], limit: int) -> Plan:
        """The fastest plan within the limit of these stages, or of others that are when in large blocks."""
        every = self._blockings.ways(stages, limit)
        for n in MOST:
            for split in islice(splits_within(self.costs_of(Blocks(n, n)), limit), _SPLITS):
                every += self._blockings.ways(split, limit)
        return self._placed(stages, sorted(every, key=self._blockings.time), limit)[0]

    @property
    def _arena_of_pairs(self) -> int:
        """What the arena takes where no kernel computes more than pairs of steps together."""
        graph = self._network.graph
        alike = (
            _by_pairs(op, low, graph) for op, low in zip(graph.ops, self._network.lowerings, strict=True)
        )
        search = Search(graph, tuple(alike), rows_in=self._network.rows_in, watch=Watch(effort="fast"))
        return search._fastest_smallest.arena

    def filling(self, limit: int) -> Plan:
        """The smallest plan with lines in blocks as large as an arena of so many bytes has room for."""
        stages = [self.costs.stage(*s.tasks) for s in self._smallest.stages]
        plan, choices = self._in_blocks(stages, limit)
        return check(self._in_wide_blocks(stages, limit) if self._blockings.is_idle(choices) else plan)

    @cached_property
    def _blockings(self) -> Blockings:
        return Blockings(self._network.graph, self._longest, self.costs_of)

    def _in_blocks(self, stages: Sequence[StageChoice], limit: int) -> tuple[Plan, Sequence[StageChoice]]:
        """The plan of these stages in blocks whose arena is within the limit; else the smallest there is."""
        return self._placed(stages, self._blockings.ways(stages, limit), limit)

    def _placed(
        self, stages: Sequence[StageChoice], ways: Iterable[Sequence[StageChoice]], limit: int
    ) -> tuple[Plan, Sequence[StageChoice]]:
        """The first of the ways whose arena is within the limit; else the smallest plan, which these stages make."""
        for blocked in () if self._watch.is_stopped else ways:
            draft = Draft(self._network, blocked)
            draft.packing.improve(self._looks // 8, wanted=limit)
            if draft.arena <= limit:
                return draft.plan(), blocked
        return self._smallest, stages

    def smallest(self) -> Plan:
        """The plan with the smallest arena that computes nothing twice."""
        return check(self._fastest_smallest)

    def pareto(self) -> tuple[Plan, ...]:
        """Plans with less and less memory and more and more work: computing again, or asking for rows again.

        The first does neither.
        """
        plans = [self._fastest_smallest]
        try:
            for plan in self._points(plans[0].arena):
                plans = [p for p in plans if not _no_more_work(plan, p)] + [plan]
        except KeyboardInterrupt:
            self._watch.is_stopped = True
        return tuple(map(check, plans))

    @property
    def least(self) -> int:
        """Bytes that the arena takes at least where nothing is computed twice."""
        return min(max((s.peak for s in split), default=0) for split in (self._streamed, self._single))

    def plan(self, choices: Sequence[StageChoice]) -> Plan:
        """The plan of these stages, checked independently."""
        draft = Draft(self._network, choices)
        draft.packing.improve(self._looks // 4)
        return check(draft.plan())

    @cached_property
    def _single(self) -> list[StageChoice]:
        return [self.costs.stage(k, k + 1) for k in range(len(self.costs.tasks))]

    @cached_property
    def _streamed(self) -> list[StageChoice]:
        try:
            return best_split(self.costs, self._watch.budget.stages)
        except KeyboardInterrupt:
            self._watch.is_stopped = True
            return self._single

    @cached_property
    def _smallest(self) -> Plan:
        """Of the best split, of layers, or of a split that needs more but is placed lower; not checked yet."""
        drafts = [Draft(self._network, self._streamed)]
        try:
            self._search(drafts)
        except KeyboardInterrupt:
            self._watch.is_stopped = True
        return min(drafts, key=lambda draft: draft.arena).plan()

    def _search(self, drafts: list[Draft]) -> None:
        """Place the first draft better, then other splits, which are added to the drafts."""
        if self._watch.is_stopped:
            return
        drafts[0].packing.improve(self._looks // 8)
        if drafts[0].arena > self.least:
            for draft in self._others(drafts[0].arena):
                drafts.append(draft)
        self._improve(drafts, self._looks, self.least)

    def _others(self, arena: int) -> Iterator[Draft]:
        """Yield other splits as they are placed at once, most of them near the best that there could be.

        arena: bytes of the best.
        """
        layers = Draft(self._network, self._single)
        yield layers
        best, count = min(arena, layers.arena), self._watch.budget.splits
        limits = [limit for room in _ROOMS if (limit := int(self.least * room)) < best]
        tried = [self._streamed, self._single]
        for stages in _in_turn([splits_within(self.costs, limit) for limit in limits]):
            if len(tried) >= count + 2 or best <= self.least:
                return
            if stages in tried or max(s.peak for s in stages) >= best:
                continue
            self._watch.searching("other stages", len(tried) - 2, count, best, self.least)
            tried.append(stages)
            draft = Draft(self._network, stages)
            best = min(best, draft.arena)
            yield draft

    def _improve(self, drafts: Sequence[Draft], looks: int, least: int) -> None:
        """Place the drafts better with so many looks in all; least: bytes that none is below."""
        for number, count in enumerate(_ROUNDS):
            best = min(draft.arena for draft in drafts)
            hopeful = [d for d in drafts if d.packing.bound < best]
            hopeful = sorted(hopeful, key=lambda d: d.packing.bound + d.arena)[:count]
            for draft in hopeful:
                if best <= least:
                    return
                self._watch.searching("places in memory", number, len(_ROUNDS), best, least)
                if draft.packing.bound < best:
                    draft.packing.improve(looks // len(_ROUNDS) // len(hopeful))
                    best = min(best, draft.arena)

    def _points(self, below: int) -> Iterator[Plan]:
        """Yield plans of less and less memory, below so many bytes."""
        points = self._watch.budget.points
        splits = pareto_splits(self.costs, self._streamed, points, self._watch.budget.stages)
        for number, alike in enumerate(() if self._watch.is_stopped else splits):
            self._watch.searching("what computes twice", number, points, below, 0)
            drafts = []
            for stages in alike:
                drafts.append(Draft(self._network, stages))
                if drafts[-1].arena <= drafts[-1].packing.bound * _CLOSE:
                    break
            self._improve(drafts, self._looks // points, min(d.packing.bound for d in drafts))
            best = min(drafts, key=lambda draft: draft.arena)
            if best.arena < below:
                below = best.arena
                yield best.plan()


def _in_turn(series: Sequence[Iterator[list[StageChoice]]]) -> Iterator[list[StageChoice]]:
    """Yield the first of each, then the second of each, and so on."""
    left = list(series)
    while left:
        for one in list(left):
            stages = next(one, None)
            if stages is None:
                left.remove(one)
            else:
                yield stages
