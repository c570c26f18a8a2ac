"""Patch stages: a stage computed in vertical strips, one after the other, each streamed from top to bottom.

A strip needs rings only as wide as itself and its halo, so memory falls with the number of strips; the columns of the
halo are computed once for each strip that needs them. Rows need no recompute: inside a strip they stream.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinyc.ir import Graph, Region
from tinyc.kernels.base import Form, Lowering
from tinyc.schedule.tasks import Task, row_form
from tinyc.schedule.timeline import Columns


def strip_columns(
    graph: Graph,
    lowerings: Sequence[Lowering],
    tasks: Sequence[Task],
    needed_after: set[str],
    strips: int,
) -> dict[str, Columns] | None:
    """For every tensor that `tasks`, one stage, make: the columns each strip computes; None where it cannot be cut.

    needed_after: tensors of the stage that are held whole for later stages; the strips share their columns out evenly.
    """
    made = {t.output: t for t in tasks}
    if not all(_cuttable(graph, lowerings, t, strips) for t in tasks if t.op >= 0):
        return None
    parts: list[dict[str, tuple[int, int]]] = []
    for strip in range(strips):
        need: dict[str, tuple[int, int]] = {}
        for name in needed_after:
            width = graph.type(name).hwc[1]
            need[name] = (width * strip // strips, width * (strip + 1) // strips)
        for task in reversed(tasks):
            if task.op < 0:
                continue
            if task.output not in need:
                return None
            _spread(graph, task, need)
        for name in needed_after:
            width = graph.type(name).hwc[1]
            if need[name] != (width * strip // strips, width * (strip + 1) // strips):
                return None
        if any(start >= stop for start, stop in need.values()):
            return None  # a strip of nothing but padding
        parts.append(need)
    columns: dict[str, Columns] = {}
    for name, task in made.items():
        if task.op < 0:  # rows come whole, once per strip
            columns[name] = ((0, graph.type(name).hwc[1]),) * strips
        else:
            columns[name] = tuple(part[name] for part in parts)
    return columns


def _cuttable(graph: Graph, lowerings: Sequence[Lowering], task: Task, strips: int) -> bool:
    """Whether the op can compute some columns of a row, and has enough of them."""
    form = row_form(graph, task.op, lowerings[task.op])
    height, width, _ = graph.type(task.output).hwc
    if form not in (Form.WINDOW, Form.RUN) or width < strips:
        return False
    return form is Form.WINDOW or lowerings[task.op].calls[0].units % (height * width) == 0


def _spread(graph: Graph, task: Task, need: dict[str, tuple[int, int]]) -> None:
    """Widen what is needed of a task's inputs by what it reads for its part of the output."""
    op = graph.ops[task.op]
    out = graph.type(task.output)
    start, stop = need[task.output]
    region = Region(0, out.hwc[0], start, stop)
    for name in task.inputs:
        read = op.input_region(op.inputs.index(name), region, graph.types(op.inputs), out)
        low, high = need.get(name, (read.col0, read.col1))
        need[name] = (min(low, read.col0), max(high, read.col1))
