"""From a graph to a checked plan: layer by layer, or streamed wherever that needs less memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinyc import memory
from tinyc.ir import Graph
from tinyc.kernels import lower
from tinyc.kernels.base import Form, Lowering
from tinyc.memory import live_bytes
from tinyc.schedule.plan import Buffer, Plan, Stage
from tinyc.schedule.replay import events
from tinyc.schedule.search import StageChoice, StageCosts, best_split
from tinyc.schedule.tasks import Task, row_form, tasks_of
from tinyc.schedule.timeline import Timeline, timeline


def plan_layers(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """Every op on its own, in the model's order."""
    lowerings = tuple(lower(op, graph, isas) for op in graph.ops)
    tasks = tasks_of(graph, lowerings, rows_in=rows_in)
    costs = StageCosts(graph, tasks)
    return _plan(graph, lowerings, tasks, [costs.stage(k, k + 1) for k in range(len(tasks))], costs, rows_in)


def plan_smallest(graph: Graph, isas: tuple[str, ...], *, rows_in: bool = False) -> Plan:
    """The stages with the smallest arena, without computing anything twice; never worse than layer by layer."""
    lowerings = tuple(lower(op, graph, isas) for op in graph.ops)
    tasks = tasks_of(graph, lowerings, rows_in=rows_in)
    costs = StageCosts(graph, tasks)
    layers = [costs.stage(k, k + 1) for k in range(len(tasks))]
    streamed = best_split(len(tasks), costs.stage)
    plans = [_plan(graph, lowerings, tasks, stages, costs, rows_in) for stages in (streamed, layers)]
    return min(plans, key=lambda p: p.arena)


def _plan(
    graph: Graph,
    lowerings: tuple[Lowering, ...],
    tasks: tuple[Task, ...],
    choices: Sequence[StageChoice],
    costs: StageCosts,
    rows_in: bool,
) -> Plan:
    """Place the buffers of these stages, and check the result independently."""
    resident = {p.tensor for p in (graph.inputs[1:] if rows_in else graph.inputs)}
    linear = set(graph.output_tensors) | resident
    for choice in choices:
        linear |= costs.held_whole(choice.first, choice.last)[0]
    order = [firing for choice in choices for firing in choice.order]
    groups = [range(c.first, c.last) for c in choices]
    lives = timeline(graph, tasks, order, linear, graph.output_tensors, groups)
    placed = memory.plan(lives.blocks)
    buffers = {}
    for tensor, home in lives.home.items():
        ring = lives.rings[home]
        rows = graph.type(tensor).hwc[0]
        slots = ring.slots if ring.slots < ring.rows else rows
        buffers[tensor] = Buffer(placed.offsets[home], slots, graph.type(tensor).row_bytes)
    scratch = {
        tasks[k].op: placed.offsets[f"scratch {number}"]
        for number, group in enumerate(groups)
        for k in group
        if tasks[k].scratch
    }
    state = {t.op: placed.offsets[f"state {t.op}"] for t in tasks if t.state}
    stages = _stages(choices, tasks, lives)
    plan = Plan(
        graph, lowerings, tasks, stages, buffers, scratch, state, placed.size, placed.lower_bound, rows_in
    )
    plan = replace(plan, stages=tuple(_by_row(plan, s) for s in plan.stages))
    memory.check(events(plan), plan.arena)
    return plan


def _stages(choices: Sequence[StageChoice], tasks: Sequence[Task], lives: Timeline) -> tuple[Stage, ...]:
    live = live_bytes(lives.blocks)
    stages = []
    at = 1
    for choice in choices:
        until = at + len(choice.order)
        running = sum(not t.is_view for t in tasks[choice.first : choice.last])
        kind = "stream" if running > 1 else "layer"
        stages.append(Stage(kind, (choice.first, choice.last), choice.order, int(np.max(live[at:until]))))
        at = until
    return tuple(stages)


def _by_row(plan: Plan, stage: Stage) -> Stage:
    """A layer may run in one call unless its output lies over its input's dead rows."""
    first, last = stage.tasks
    task = plan.tasks[first]
    if stage.kind != "layer" or last != first + 1 or task.op < 0:
        return stage
    form = row_form(plan.graph, task.op, plan.lowerings[task.op])
    if form not in (Form.RUN, None):
        return stage
    out = plan.buffers[task.output]
    apart = all(
        not plan.buffers[n].overlaps(out) or (n in task.in_place and plan.buffers[n] == out) or task.is_view
        for n in task.inputs
    )
    return replace(stage, by_row=not apart)
