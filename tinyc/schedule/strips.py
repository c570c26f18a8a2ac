"""Patch stages: a stage computed in vertical strips, one after the other, each streamed from top to bottom.

A strip needs rings only as wide as itself and its halo, so memory falls with the number of strips; the columns of the
halo are computed once for each strip that needs them. Rows need no recompute: inside a strip they stream.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyc.ir import Graph, Region
from tinyc.schedule.rows import RowViews
from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Columns


def strip_columns(
    graph: Graph, views: RowViews, tasks: Sequence[Task], needed_after: set[str], strips: int
) -> dict[str, Columns] | None:
    """For every tensor that `tasks`, one stage, make: the columns each strip computes; None where it cannot be cut.

    needed_after: tensors of the stage that are held whole for later stages; the strips share their columns out evenly.
    """
    if not all(_cuttable(views, t, strips) for t in tasks if t.op >= 0):
        return None
    parts: list[dict[str, tuple[int, int]]] = []
    for strip in range(strips):
        need: dict[str, tuple[int, int]] = {}
        for name in needed_after:
            width = views[name].columns
            need[name] = (width * strip // strips, width * (strip + 1) // strips)
        for task in reversed(tasks):
            if task.op < 0:
                continue
            if task.outputs[0] not in need:
                return None
            _spread(graph, task, need)
        for name in needed_after:
            width = views[name].columns
            if need[name] != (width * strip // strips, width * (strip + 1) // strips):
                return None
        if any(start >= stop for start, stop in need.values()):
            return None  # a strip of nothing but padding
        parts.append(need)
    columns: dict[str, Columns] = {}
    for task in tasks:
        (name,) = task.outputs
        if task.op < 0:  # rows come whole, once per strip
            columns[name] = ((0, views[name].columns),) * strips
        else:
            columns[name] = tuple(part[name] for part in parts)
    return columns


class StripNeeds:
    """What the strips of a stage compute, as the stage gets longer at its front: `strip_columns` task by task."""

    def __init__(
        self,
        graph: Graph,
        views: RowViews,
        tasks: Sequence[Task],
        last_use: Mapping[str, int],
        last: int,
        strips: int,
    ) -> None:
        """last: where all the stages end; last_use: of each tensor, the last task that reads it."""
        self._graph, self._views, self._tasks, self._last_use = graph, views, tasks, last_use
        self._last, self._strips = last, strips
        self._need: list[dict[str, tuple[int, int]]] = [{} for _ in range(strips)]
        self._fails = False
        self._padding: set[tuple[int, str]] = set()
        self.first = last
        """Where the stage begins."""
        self.widest: dict[str, int] = {}
        """Of each tensor made in the stage, the most columns that a strip computes."""
        self.extra_macs = 0
        """What is computed beyond once."""
        self.makes_own = False
        """Whether the stage makes a tensor that no later one needs."""

    def reach(self, first: int) -> bool:
        """Let the stage begin at `first`, no later than before; whether it can be cut."""
        while self.first > first and not self._fails:
            self.first -= 1
            self._add(self._tasks[self.first])
        return not self._fails and not self._padding

    def _add(self, task: Task) -> None:
        for name in (*task.outputs, *(task.inputs if task.op >= 0 else ())):
            if self._last_use.get(name, -1) >= self._last:
                for strip, need in enumerate(self._need):
                    need.setdefault(name, self._share(name, strip))
        output = task.outputs[0]
        if task.op < 0:
            self.widest[output] = self._views[output].columns
        elif not _cuttable(self._views, task, self._strips) or output not in self._need[0]:
            self._fails = True
            return
        else:
            self._cut(task, output)
        self.makes_own |= self._last_use.get(output, -1) < self._last
        for name in (*task.outputs, *task.inputs):
            after = self._last_use.get(name, -1) >= self._last
            for strip, need in enumerate(self._need):
                start, stop = need.get(name, (0, 1))
                (self._padding.add if start >= stop else self._padding.discard)((strip, name))
                self._fails |= after and (start, stop) != self._share(name, strip)

    def _cut(self, task: Task, output: str) -> None:
        """Widen what is needed of the task's inputs, and count what it computes twice."""
        op, graph = self._graph.ops[task.op], self._graph
        widths = [stop - start for start, stop in (need[output] for need in self._need)]
        whole = self._views[output].columns
        macs = op.macs(graph.types(op), graph.outs(op))
        self.extra_macs += macs * (sum(widths) - whole) // whole
        self.widest[output] = max(widths)
        for need in self._need:
            _spread(graph, task, need)

    def _share(self, name: str, strip: int) -> tuple[int, int]:
        width = self._views[name].columns
        return width * strip // self._strips, width * (strip + 1) // self._strips


def _cuttable(views: RowViews, task: Task, strips: int) -> bool:
    """Whether the op can compute some columns of a row, and has enough of them."""
    return task.by_column and views[task.outputs[0]].columns >= strips


def _spread(graph: Graph, task: Task, need: dict[str, tuple[int, int]]) -> None:
    """Widen what is needed of a task's inputs by what it reads for its part of the output."""
    op = graph.ops[task.op]
    (output,) = task.outputs
    out = graph.type(output)
    start, stop = need[output]
    region = Region(0, out.hwc[0], start, stop)
    for name in task.inputs:
        read = op.input_region(op.inputs.index(name), region, graph.types(op), out)
        low, high = need.get(name, (read.col0, read.col1))
        need[name] = (min(low, read.col0), max(high, read.col1))
