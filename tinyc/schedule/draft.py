"""One split of a graph into stages, with its memory: placed at once, placed better with more work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tinyc import memory
from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.memory import Packing, live_bytes
from tinyc.schedule.lines import Blocks
from tinyc.schedule.plan import Buffer, Plan, Slide, Stage
from tinyc.schedule.replay import events
from tinyc.schedule.rows import RowViews
from tinyc.schedule.stages import StageChoice, StageCosts
from tinyc.schedule.tasks import Task, tasks_of, told
from tinyc.schedule.timeline import Columns, Firing, Ring, Timeline, timeline


class Network:
    """What all splits of a graph share."""

    def __init__(self, graph: Graph, lowerings: tuple[Lowering, ...], views: RowViews, rows_in: bool) -> None:
        """lowerings: one per op; rows_in: whether the first input is read row by row."""
        self.graph = graph
        self.lowerings = lowerings
        self.views = views
        self.rows_in = rows_in
        self._costs: dict[Blocks, StageCosts] = {}

    def costs_of(self, blocks: Blocks) -> StageCosts:
        """The stages whose tasks compute lines in such blocks."""
        if blocks not in self._costs:
            tasks = tasks_of(self.graph, self.lowerings, self.views, rows_in=self.rows_in, blocks=blocks)
            self._costs[blocks] = StageCosts(self.graph, self.views, tasks, blocks)
        return self._costs[blocks]


class Draft:
    """A split whose plan is not checked yet."""

    def __init__(self, network: Network, choices: Sequence[StageChoice]) -> None:
        graph = network.graph
        self._network = network
        self._choices = choices
        resident = {p.tensor for p in (graph.inputs[1:] if network.rows_in else graph.inputs)}
        linear = graph.kept_tensors | resident
        self._columns: dict[str, Columns] = {}
        self._tasks: list[Task] = []
        for choice in choices:
            costs = network.costs_of(choice.blocks)
            self._tasks += costs.tasks[choice.first : choice.last]
            linear |= costs.held_whole(choice.first, choice.last)[0]
            self._columns |= costs.columns(choice)
        self._partly = {n: c for n, c in self._columns.items() if n not in linear}
        self._orders = [tuple(network.costs_of(choice.blocks).order(choice)) for choice in choices]
        order = [firing for each in self._orders for firing in each]
        self._groups = [range(c.first, c.last) for c in choices]
        self._lives = timeline(
            network.views, self._tasks, order, linear, graph.kept_tensors, self._groups, self._partly
        )
        self.packing = Packing(self._lives.blocks)

    @property
    def arena(self) -> int:
        return self.packing.size

    def plan(self) -> Plan:
        """The plan as it is placed by now."""
        network, tasks, lives = self._network, self._tasks, self._lives
        placed = self.packing.plan()
        buffers = {}
        for tensor, home in lives.home.items():
            ring = lives.rings[home]
            view = network.views[tensor]
            slots = ring.slots if ring.slots < ring.rows else view.count
            pitch = ring.pitch if tensor in self._partly else view.row_bytes
            slide = _slide(tasks, ring) if ring.slides else None
            columns = self._partly.get(tensor, ())
            buffers[tensor] = Buffer(placed.offsets[home], slots, pitch, columns, slide)
        scratch = {
            tasks[k].op: placed.offsets[f"scratch {number}"]
            for number, group in enumerate(self._groups)
            for k in group
            if tasks[k].scratch
        }
        state = {t.op: placed.offsets[f"state {t.op}"] for t in tasks if t.state}
        plan = Plan(
            network.graph,
            _told(network.lowerings, tasks, self._groups),
            network.views,
            tuple(tasks),
            _stages(self._choices, self._orders, tasks, lives),
            buffers,
            scratch,
            state,
            placed.size,
            placed.lower_bound,
            network.rows_in,
            self._columns,
            sum(c.extra_macs for c in self._choices),
        )
        return replace(plan, stages=tuple(_calls(plan, lives)))


def check(plan: Plan) -> Plan:
    """Return the plan; raise an InternalError where it reads or writes a wrong byte."""
    memory.check(events(plan, inferences=2 if plan.graph.states else 1), plan.arena)
    return plan


def _slide(tasks: Sequence[Task], ring: Ring) -> Slide:
    """How a buffer slides: for the first task that makes a tensor in it, in whatever order these are named."""
    made = next(k for k, task in enumerate(tasks) if set(ring.tensors).intersection(task.outputs))
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
    if plan.lowerings[task.op].needs_rows:
        return False
    return all(
        not plan.buffers[n].overlaps(out) or (n in task.in_place and plan.buffers[n] == out) or task.is_view
        for n in task.inputs
        for out in map(plan.buffers.__getitem__, task.outputs)
    )
