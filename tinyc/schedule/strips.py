"""Patch stages: a stage computed in vertical strips, one after the other, each streamed from top to bottom.

A strip needs rings only as wide as itself and its halo, so memory falls with the number of strips; the columns of the
halo are computed once for each strip that needs them. Rows need no recompute: inside a strip they stream.
"""

from __future__ import annotations

from collections.abc import Sequence

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
