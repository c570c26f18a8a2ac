"""What a schedule orders: tasks that fire row by row, and which rows each firing reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tinyc.errors import InternalError
from tinyc.ir import Graph
from tinyc.kernels.access import EveryUnit, Read, RowByRow, RowSegment, RowWindow, Units
from tinyc.kernels.base import Lowering
from tinyc.schedule.rows import RowView, RowViews, image_rows

#: Rows [start, stop) of a tensor.
RowSpan = tuple[int, int]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Task:
    """One op of the graph, or the reading of the input's rows."""

    #: Index of the op; -1 for reading the input's rows.
    op: int
    #: Tensors that are computed at run time, each once.
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    #: Per firing and input the rows that it reads.
    reads: tuple[tuple[RowSpan, ...], ...]
    #: Per firing and output the rows that it completes.
    writes: tuple[tuple[RowSpan, ...], ...]
    #: Bytes kept from the first firing to the last.
    state: int = 0
    #: Bytes needed during a firing.
    scratch: int = 0
    #: Inputs whose rows the first output may take over.
    in_place: tuple[str, ...] = ()
    #: Whether nothing runs: the output is the input's bytes under another shape.
    is_view: bool = False
    #: Whether a firing is one row (of the output, or of the input that is taken row by row), else it is everything.
    by_row: bool = False
    #: Whether a firing can compute some columns of its row.
    by_column: bool = False

    @property
    def firings(self) -> int:
        return len(self.writes)

    @cached_property
    def read_stops(self) -> dict[str, tuple[int, ...]]:
        """Per input, in order: up to which row each firing reads it."""
        return {name: tuple(spans[i][1] for spans in self.reads) for i, name in enumerate(self.inputs)}

    @cached_property
    def last_read(self) -> dict[str, tuple[Indices, Indices]]:
        """Per input the rows that are read, and for each of them the last firing that reads it."""
        return {name: _last_firing(self.reads, i) for i, name in enumerate(self.inputs)}

    @cached_property
    def written(self) -> dict[str, tuple[Indices, Indices]]:
        """Per output its rows, and for each of them the firing that writes it."""
        return {name: _last_firing(self.writes, i) for i, name in enumerate(self.outputs)}


def _last_firing(spans: Sequence[Sequence[RowSpan]], tensor: int) -> tuple[Indices, Indices]:
    """Rows of the `tensor`-th of several, and the last firing whose span has each of them."""
    rows = {row: firing for firing, each in enumerate(spans) for row in range(*each[tensor])}
    return np.array(list(rows), np.int64), np.array(list(rows.values()), np.int64)


def tasks_of(
    graph: Graph, lowerings: Sequence[Lowering], views: RowViews, *, rows_in: bool
) -> tuple[Task, ...]:
    """The tasks of an inference in the graph's order. rows_in: the first input is read row by row, by a task."""
    tasks = [_task(graph, i, low, views) for i, low in enumerate(lowerings)]
    if rows_in:
        name = graph.inputs[0].tensor
        every = tuple(((y, y + 1),) for y in range(views[name].count))
        tasks.insert(0, Task(-1, (), (name,), ((),) * len(every), every, by_row=True))
    return tuple(tasks)


def _task(graph: Graph, index: int, low: Lowering, views: RowViews) -> Task:
    op = graph.ops[index]
    inputs = tuple(dict.fromkeys(graph.activations(op)))
    heights = {n: views[n].count for n in (*inputs, *op.outputs)}
    all_out = tuple((0, heights[n]) for n in op.outputs)
    accesses: dict[str, list[Read]] = {n: [] for n in inputs}
    for position, access in low.operands:
        accesses[op.inputs[position]].append(access)
    seen_as_images = all(views[n] == image_rows(graph.type(n)) for n in heights)
    if low.needs_rows and not seen_as_images:
        raise InternalError(f"{op.origin}: {low.symbols} takes rows of an image alone")
    firings = _firings(op.outputs, low, views, accesses)
    by_column = False
    if firings is None:
        reads: tuple[tuple[RowSpan, ...], ...] = (tuple((0, heights[n]) for n in inputs),)
        writes: tuple[tuple[RowSpan, ...], ...] = (all_out,)
    else:
        reads = tuple(tuple(_hull(accesses[n], y, heights[n]) for n in inputs) for y in range(firings))
        if low.state_bytes:
            writes = (((0, 0),) * len(all_out),) * (firings - 1) + (all_out,)
        else:
            writes = tuple(((y, y + 1),) * len(all_out) for y in range(firings))
            by_column = seen_as_images and len(op.outputs) == 1 and _by_column(low, views[op.outputs[0]])
    takes = tuple(op.inputs[p] for p in low.in_place if op.inputs[p] in inputs)
    return Task(
        index,
        inputs,
        op.outputs,
        reads,
        writes,
        low.state_bytes,
        low.scratch_bytes,
        takes,
        low.is_view,
        by_row=firings is not None,
        by_column=by_column,
    )


def _firings(
    outputs: Sequence[str], low: Lowering, views: RowViews, accesses: dict[str, list[Read]]
) -> int | None:
    """How many rows the op runs by; None where it can only run whole."""
    made = [result.access for call in low.calls for result in call.writes]
    heights = {views[n].count for n in outputs}
    if low.needs_rows:
        if len({call.reads for call in low.calls}) > 1 or (low.state_bytes and len(low.calls) > 1):
            raise InternalError(f"{low.symbols}: calls that take rows must take the same, and keep no state")
        taken = [n for n, each in accesses.items() if any(isinstance(a, RowByRow) for a in each)]
        return views[taken[0]].count if taken else _only(heights)
    height = _only(heights)
    if not made or height is None:
        return None
    if not all(isinstance(access, Units) and access.count % height == 0 for access in made):
        return None
    walked = {n for n, each in accesses.items() if any(not isinstance(a, EveryUnit) for a in each)}
    return height if {views[n].count for n in walked} == {height} else None


def _only(heights: set[int]) -> int | None:
    return next(iter(heights)) if len(heights) == 1 else None


def _by_column(low: Lowering, view: RowView) -> bool:
    """Whether a call of the op's kernel can compute some columns of a row of its output."""
    pixels = view.count * view.columns
    return all(
        isinstance(r.access, RowSegment) or (isinstance(r.access, Units) and r.access.count % pixels == 0)
        for call in low.calls
        for r in call.writes
    )


def _hull(accesses: Sequence[Read], y: int, height: int) -> RowSpan:
    """The rows of one tensor that firing y reads."""
    touched: list[int] = []
    for access in accesses:
        if isinstance(access, RowWindow):
            rows = access.rows(y, height)
            touched += [min(rows), max(rows) + 1] if rows else []
        elif isinstance(access, EveryUnit):
            touched += [0, height]
        else:
            touched += [y, y + 1]
    return min(touched, default=0), max(touched, default=0)
