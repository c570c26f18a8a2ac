"""From a graph to a checked plan: layer by layer, or streamed wherever that needs less memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tinyc import memory
from tinyc.ir import Graph
from tinyc.kernels import lower
from tinyc.kernels.base import Lowering
from tinyc.memory import live_bytes
from tinyc.schedule.blocks import PAIRS, Blockings
from tinyc.schedule.lines import STEP_BY_STEP, Blocks
from tinyc.schedule.plan import Buffer, Plan, Slide, Stage
from tinyc.schedule.replay import events
from tinyc.schedule.rows import choose_rows
from tinyc.schedule.search import best_split, pareto_splits, splits_within
from tinyc.schedule.stages import StageChoice, StageCosts
from tinyc.schedule.tasks import Task, tasks_of, told
from tinyc.schedule.timeline import Columns, Firing, Ring, Timeline, timeline

#: How full the largest stage may become by larger blocks of lines, one after the other.
_SHARES = (1.0, 0.97, 0.9, 0.8)
#: Points of the Pareto set below the smallest plan without recompute.
PARETO_POINTS = 16
#: Work on the placement of each of them, and of each split that is tried because another cannot be placed well.
POINT_WORK = 1_000_000
OTHER_WORK = 500_000
#: Splits without recompute that are placed, and their live bytes over those of the best.
MOST_TRIED = 16
_ROOMS = (1.0, 1.02, 1.05, 1.1, 1.15, 1.2, 1.3)
#: So much above the live bytes a placement is good enough for a point of the Pareto set.
_CLOSE = 1.01


def plan_layers(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """Every op on its own, in the model's order."""
    return Search(graph, preferred(graph, isas), rows_in=rows_in).layers()


def plan_smallest(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """The stages with the smallest arena, without computing anything twice; never worse than layer by layer."""
    return Search(graph, preferred(graph, isas), rows_in=rows_in).smallest()


def pareto_plans(
    graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False, recompute: bool = True
) -> tuple[Plan, ...]:
    """Plans by the preferred kernels with less and less memory and more and more work; the first does none twice."""
    search = Search(graph, preferred(graph, isas), rows_in=rows_in)
    return search.pareto() if recompute else (search.smallest(),)


def preferred(graph: Graph, isas: tuple[str, ...]) -> tuple[Lowering, ...]:
    """Return each op by the kernel that is first in the order of preference."""
    return tuple(lower(op, graph, isas) for op in graph.ops)


def _no_more_work(plan: Plan, other: Plan) -> bool:
    """Strips may even save work: columns that no strip needs are not computed."""
    return plan.extra_macs <= other.extra_macs and plan.reads_per_row <= other.reads_per_row


class Search:
    """The stages that a graph can have, and the plan of any split into them."""

    def __init__(
        self, graph: Graph, lowerings: tuple[Lowering, ...], *, rows_in: bool, tight: bool = False
    ) -> None:
        """lowerings: one per op; tight: lines in blocks as small as can be, however slow that is."""
        self._graph = graph
        self._lowerings = lowerings
        self._rows_in = rows_in
        self._tight = tight
        self.views = choose_rows(graph, lowerings)
        self._costs: dict[Blocks, StageCosts] = {}
        self._longest = max((view.count for view in self.views.values() if view.side_by_side), default=0)
        self.costs = self.costs_of((STEP_BY_STEP if tight else PAIRS) if self._longest else STEP_BY_STEP)

    def costs_of(self, blocks: Blocks) -> StageCosts:
        """The stages whose tasks compute lines in such blocks."""
        if blocks not in self._costs:
            tasks = tasks_of(self._graph, self._lowerings, self.views, rows_in=self._rows_in, blocks=blocks)
            self._costs[blocks] = StageCosts(self._graph, self.views, tasks, blocks)
        return self._costs[blocks]

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
        limit = max((s.peak for s in stages), default=0)
        return self._in_blocks(stages, limit if self._tight else self._blockings.limit(stages, limit))

    def filling(self, limit: int) -> Plan:
        """The smallest plan with lines in blocks as large as an arena of so many bytes has room for."""
        stages = [self.costs.stage(*s.tasks) for s in self._smallest.stages]
        return check(self._in_blocks(stages, limit))

    @cached_property
    def _blockings(self) -> Blockings:
        return Blockings(self._graph, self._longest, self.costs_of)

    def _in_blocks(self, stages: Sequence[StageChoice], limit: int) -> Plan:
        """The plan of these stages in blocks whose arena is within the limit; else of the smallest arena."""
        best = self._smallest
        for share in _SHARES:
            plan = self.draft(self._blockings.within(stages, int(limit * share)), OTHER_WORK)
            assert plan is not None
            if plan.arena <= limit:
                return plan
            best = min(best, plan, key=lambda p: p.arena)
        return best

    def smallest(self) -> Plan:
        """The plan with the smallest arena that computes nothing twice."""
        return check(self._fastest_smallest)

    def pareto(self) -> tuple[Plan, ...]:
        """Plans with less and less memory and more and more work: computing again, or asking for rows again.

        The first does neither.
        """
        plans = [self._fastest_smallest]
        for point in pareto_splits(self.costs, self._streamed, PARETO_POINTS):
            plan = self._lowest(point, plans[-1].arena)
            if plan is not None:
                plans = [p for p in plans if not _no_more_work(plan, p)] + [plan]
        return tuple(map(check, plans))

    @property
    def least(self) -> int:
        """Bytes that the arena takes at least where nothing is computed twice."""
        return min(max((s.peak for s in split), default=0) for split in (self._streamed, self._single))

    @cached_property
    def _single(self) -> list[StageChoice]:
        return [self.costs.stage(k, k + 1) for k in range(len(self.costs.tasks))]

    @cached_property
    def _streamed(self) -> list[StageChoice]:
        return best_split(self.costs)

    @cached_property
    def _smallest(self) -> Plan:
        """Of the best split, of layers, or of a split that needs more but is placed lower; not checked yet."""
        best = self.draft(self._streamed)
        assert best is not None
        best = self.draft(self._single, below=best.arena) or best
        least = max((s.peak for s in self._streamed), default=0)
        tried = [self._streamed]
        for room in _ROOMS:
            limit = int(least * room)
            if best.arena <= limit:
                break
            for stages in splits_within(self.costs, limit):
                if (
                    len(tried) < MOST_TRIED
                    and stages not in tried
                    and max(s.peak for s in stages) < best.arena
                ):
                    tried.append(stages)
                    best = self.draft(stages, OTHER_WORK, best.arena) or best
        return best

    def _lowest(self, splits: Iterable[list[StageChoice]], below: int) -> Plan | None:
        """The first of these splits that is placed close to its live bytes, else the one placed lowest."""
        best, work = None, POINT_WORK
        for stages in splits:
            plan = self.draft(stages, work, below)
            if plan is not None:
                best, below, work = plan, plan.arena, OTHER_WORK
                if plan.arena <= plan.lower_bound * _CLOSE:
                    break
        return best

    def plan(self, choices: Sequence[StageChoice]) -> Plan:
        """The plan of these stages, checked independently."""
        plan = self.draft(choices)
        assert plan is not None
        return check(plan)

    def draft(
        self, choices: Sequence[StageChoice], work: int = memory.MOST_WORK, below: int | None = None
    ) -> Plan | None:
        """The plan of these stages, not checked yet; None where it is not smaller than `below` bytes.

        work: most for the placement.
        """
        graph = self._graph
        tasks = [self.costs_of(c.blocks).tasks[k] for c in choices for k in range(c.first, c.last)]
        resident = {p.tensor for p in (graph.inputs[1:] if self._rows_in else graph.inputs)}
        linear = graph.kept_tensors | resident
        columns: dict[str, Columns] = {}
        for choice in choices:
            whole = self.costs.held_whole(choice.first, choice.last)[0]
            linear |= whole
            columns |= choice.columns
        partly = {n: c for n, c in columns.items() if n not in linear}
        orders = [tuple(self.costs_of(choice.blocks).order(choice)) for choice in choices]
        order = [firing for each in orders for firing in each]
        groups = [range(c.first, c.last) for c in choices]
        lives = timeline(self.views, tasks, order, linear, graph.kept_tensors, groups, partly)
        if below is not None and memory.live_peak(lives.blocks) >= below:
            return None
        placed = memory.plan(lives.blocks, work)
        if below is not None and placed.size >= below:
            return None
        buffers = {}
        for tensor, home in lives.home.items():
            ring = lives.rings[home]
            view = self.views[tensor]
            slots = ring.slots if ring.slots < ring.rows else view.count
            pitch = ring.pitch if tensor in partly else view.row_bytes
            slide = _slide(tasks, ring) if ring.slides else None
            buffers[tensor] = Buffer(placed.offsets[home], slots, pitch, partly.get(tensor, ()), slide)
        scratch = {
            tasks[k].op: placed.offsets[f"scratch {number}"]
            for number, group in enumerate(groups)
            for k in group
            if tasks[k].scratch
        }
        state = {t.op: placed.offsets[f"state {t.op}"] for t in tasks if t.state}
        plan = Plan(
            graph,
            _told(self._lowerings, tasks, groups),
            self.views,
            tuple(tasks),
            _stages(choices, orders, tasks, lives),
            buffers,
            scratch,
            state,
            placed.size,
            placed.lower_bound,
            self._rows_in,
            columns,
            sum(c.extra_macs for c in choices),
        )
        return replace(plan, stages=tuple(_calls(plan, lives)))


def check(plan: Plan) -> Plan:
    """Return the plan; raise an InternalError where it reads or writes a wrong byte."""
    memory.check(events(plan, inferences=2 if plan.graph.states else 1), plan.arena)
    return plan


def _slide(tasks: Sequence[Task], ring: Ring) -> Slide:
    """How a buffer slides: for the task that makes the first tensor in it."""
    (made,) = (k for k, task in enumerate(tasks) if ring.tensors[0] in task.outputs)
    return Slide(made, tasks[made].block, tasks[made].shift, ring.rows)


def _told(
    lowerings: Sequence[Lowering], tasks: Sequence[Task], stages: Sequence[range]
) -> tuple[Lowering, ...]:
    """The ops as the tasks of these stages do them, which share their scratch."""
    found = list(lowerings)
    for stage in stages:
        scratch = max(tasks[k].scratch for k in stage)
        for k in stage:
            if tasks[k].op >= 0:
                found[tasks[k].op] = told(found[tasks[k].op], tasks[k], scratch)
    return tuple(found)


def _stages(
    choices: Sequence[StageChoice],
    orders: Sequence[tuple[Firing, ...]],
    tasks: Sequence[Task],
    lives: Timeline,
) -> tuple[Stage, ...]:
    live = live_bytes(lives.blocks)
    stages = []
    at, until = 0, 1  # the first stage begins as the input arrives
    for choice, order in zip(choices, orders, strict=True):
        until += len(order)
        running = sum(not t.is_view for t in tasks[choice.first : choice.last])
        kind = "patch" if choice.strips > 1 else "stream" if running > 1 else "layer"
        peak = int(np.max(live[at:until]))
        stages.append(Stage(kind, (choice.first, choice.last), order, peak, strips=choice.strips))
        at = until
    return tuple(stages)


def _calls(plan: Plan, lives: Timeline) -> Iterator[Stage]:
    """The stages, with layers in one call where their output lies apart: then all that it reads and writes is live."""
    live, at = live_bytes(lives.blocks), 1
    for stage in plan.stages:
        first = plan.tasks[stage.tasks[0]]
        if _in_one_call(plan, stage):
            apart = (
                (plan.buffers[out], stop - start)
                for out, (start, stop) in zip(first.outputs, first.writes[0], strict=True)
                if not any(lives.home[n] == lives.home[out] for n in first.inputs)
            )
            later = sum(buffer.bytes - buffer.pitch * rows for buffer, rows in apart)
            yield replace(stage, by_row=False, peak=max(stage.peak, int(live[at]) + later))
        else:
            yield stage
        at += len(stage.order)


def _in_one_call(plan: Plan, stage: Stage) -> bool:
    task = plan.tasks[stage.tasks[0]]
    if stage.kind != "layer" or stage.tasks[1] != stage.tasks[0] + 1 or task.op < 0:
        return False
    if plan.lowerings[task.op].needs_rows and (task.state or not task.block):
        return False
    return all(
        not plan.buffers[n].overlaps(out) or (n in task.in_place and plan.buffers[n] == out) or task.is_view
        for n in task.inputs
        for out in map(plan.buffers.__getitem__, task.outputs)
    )
