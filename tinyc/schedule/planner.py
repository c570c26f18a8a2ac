"""From a graph to a checked plan: layer by layer, or streamed wherever that needs less memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from tinyc import memory
from tinyc.ir import Graph
from tinyc.kernels import lower
from tinyc.kernels.base import Lowering
from tinyc.memory import live_bytes
from tinyc.schedule.plan import Buffer, Plan, Stage
from tinyc.schedule.replay import events
from tinyc.schedule.rows import choose_rows
from tinyc.schedule.search import StageChoice, StageCosts, best_split, pareto_splits
from tinyc.schedule.tasks import Task, tasks_of
from tinyc.schedule.timeline import Columns, Timeline, timeline

#: Points of the Pareto set below the smallest plan without recompute.
PARETO_POINTS = 16
#: Work on the placement of each of them; the plan without recompute gets more.
POINT_WORK = 2_000_000


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

    def __init__(self, graph: Graph, lowerings: tuple[Lowering, ...], *, rows_in: bool) -> None:
        """lowerings: one per op."""
        self._graph = graph
        self._lowerings = lowerings
        self._rows_in = rows_in
        self._views = choose_rows(graph)
        tasks = tasks_of(graph, self._lowerings, self._views, rows_in=rows_in)
        self.costs = StageCosts(graph, self._views, tasks)

    def layers(self) -> Plan:
        """Every op on its own, in the model's order."""
        return self.plan(self._single)

    def smallest(self) -> Plan:
        """The plan with the smallest arena that computes nothing twice."""
        return min((self.plan(s) for s in (self._streamed, self._single)), key=lambda p: p.arena)

    def pareto(self) -> tuple[Plan, ...]:
        """Plans with less and less memory and more and more work: computing again, or asking for rows again.

        The first does neither.
        """
        plans = [self.smallest()]
        for stages in pareto_splits(self.costs, self._streamed, PARETO_POINTS):
            plan = self.plan(stages, POINT_WORK)
            if plan.arena < plans[-1].arena:
                plans = [p for p in plans if not _no_more_work(plan, p)] + [plan]
        return tuple(plans)

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

    def plan(self, choices: Sequence[StageChoice], work: int = memory.MOST_WORK) -> Plan:
        """Place the buffers of these stages, and check the result independently. work: most for the placement."""
        graph, tasks = self._graph, self.costs.tasks
        resident = {p.tensor for p in (graph.inputs[1:] if self._rows_in else graph.inputs)}
        linear = graph.kept_tensors | resident
        columns: dict[str, Columns] = {}
        for choice in choices:
            whole = self.costs.held_whole(choice.first, choice.last)[0]
            linear |= whole
            columns |= choice.columns
        partly = {n: c for n, c in columns.items() if n not in linear}
        order = [firing for choice in choices for firing in choice.order]
        groups = [range(c.first, c.last) for c in choices]
        lives = timeline(self._views, tasks, order, linear, graph.kept_tensors, groups, partly)
        placed = memory.plan(lives.blocks, work)
        buffers = {}
        for tensor, home in lives.home.items():
            ring = lives.rings[home]
            view = self._views[tensor]
            slots = ring.slots if ring.slots < ring.rows else view.count
            pitch = ring.pitch if tensor in partly else view.row_bytes
            buffers[tensor] = Buffer(placed.offsets[home], slots, pitch, partly.get(tensor, ()))
        scratch = {
            tasks[k].op: placed.offsets[f"scratch {number}"]
            for number, group in enumerate(groups)
            for k in group
            if tasks[k].scratch
        }
        state = {t.op: placed.offsets[f"state {t.op}"] for t in tasks if t.state}
        plan = Plan(
            graph,
            self._lowerings,
            self._views,
            tuple(tasks),
            _stages(choices, tasks, lives),
            buffers,
            scratch,
            state,
            placed.size,
            placed.lower_bound,
            self._rows_in,
            columns,
            sum(c.extra_macs for c in choices),
        )
        plan = replace(plan, stages=tuple(_calls(plan, lives)))
        memory.check(events(plan, inferences=2 if graph.states else 1), plan.arena)
        return plan


def _stages(choices: Sequence[StageChoice], tasks: Sequence[Task], lives: Timeline) -> tuple[Stage, ...]:
    live = live_bytes(lives.blocks)
    stages = []
    at, until = 0, 1  # the first stage begins as the input arrives
    for choice in choices:
        until += len(choice.order)
        running = sum(not t.is_view for t in tasks[choice.first : choice.last])
        kind = "patch" if choice.strips > 1 else "stream" if running > 1 else "layer"
        peak = int(np.max(live[at:until]))
        stages.append(Stage(kind, (choice.first, choice.last), choice.order, peak, strips=choice.strips))
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
    if plan.lowerings[task.op].needs_rows:
        return False
    return all(
        not plan.buffers[n].overlaps(out) or (n in task.in_place and plan.buffers[n] == out) or task.is_view
        for n in task.inputs
        for out in map(plan.buffers.__getitem__, task.outputs)
    )
