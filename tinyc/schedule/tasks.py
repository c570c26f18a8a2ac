"""What a schedule orders: tasks that fire row by row, and which rows each firing reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Form, Lowering

#: Rows [start, stop) of a tensor.
RowSpan = tuple[int, int]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Task:
    """One op of the graph, or the reading of the input's rows (op is -1).

    firings: how often it runs in one inference; reads[f]: per input tensor the rows that firing f reads;
    writes[f]: rows of `output` that it completes; state: bytes it keeps from the first firing to the last;
    scratch: bytes it needs during a firing; in_place: inputs whose rows the output may take over;
    is_view: nothing runs, the output is the input's bytes under another shape.
    """

    op: int
    inputs: tuple[str, ...]
    output: str
    reads: tuple[tuple[RowSpan, ...], ...]
    writes: tuple[RowSpan, ...]
    state: int = 0
    scratch: int = 0
    in_place: tuple[str, ...] = ()
    is_view: bool = False

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
        found: dict[str, dict[int, int]] = {name: {} for name in self.inputs}
        for firing, spans in enumerate(self.reads):
            for name, (start, stop) in zip(self.inputs, spans, strict=True):
                found[name].update(dict.fromkeys(range(start, stop), firing))
        return {name: _as_indices(rows) for name, rows in found.items()}

    @cached_property
    def written(self) -> tuple[Indices, Indices]:
        """Rows of the output, and for each of them the firing that writes it."""
        return _as_indices(
            {row: f for f, (start, stop) in enumerate(self.writes) for row in range(start, stop)}
        )


def _as_indices(rows: dict[int, int]) -> tuple[Indices, Indices]:
    return np.array(list(rows), np.int64), np.array(list(rows.values()), np.int64)


def tasks_of(graph: Graph, lowerings: Sequence[Lowering], *, rows_in: bool) -> tuple[Task, ...]:
    """The tasks of an inference in the graph's order. rows_in: the first input is read row by row, by a task."""
    tasks = [_task(graph, i, low) for i, low in enumerate(lowerings)]
    if rows_in:
        name = graph.inputs[0].tensor
        height = graph.type(name).hwc[0]
        read = Task(-1, (), name, ((),) * height, tuple((y, y + 1) for y in range(height)))
        tasks.insert(0, read)
    return tuple(tasks)


def _task(graph: Graph, index: int, low: Lowering) -> Task:
    op = graph.ops[index]
    inputs = tuple(dict.fromkeys(graph.activations(op)))
    output = op.outputs[0]
    height = graph.type(output).hwc[0]
    form = row_form(graph, index, low)
    heights = [graph.type(n).hwc[0] for n in inputs]
    if form is None:
        reads: tuple[tuple[RowSpan, ...], ...] = (tuple((0, h) for h in heights),)
        writes: tuple[RowSpan, ...] = ((0, height),)
        state = 0
    elif form is Form.REDUCE:
        reads = tuple(((y, y + 1),) for y in range(heights[0]))
        writes = ((0, 0),) * (heights[0] - 1) + ((0, height),)
        state = low.calls[0].state
    elif form is Form.WINDOW:
        rows = low.calls[0].rows
        assert rows is not None
        spans = []
        for y in range(height):
            first = rows.first(y)
            touched = [
                r for r in range(first, first + rows.count * rows.step, rows.step) if 0 <= r < heights[0]
            ]
            spans.append(((min(touched, default=0), max(touched, default=-1) + 1),))
        reads, state = tuple(spans), 0
        writes = tuple((y, y + 1) for y in range(height))
    else:
        whole = {op.inputs[i] for i in low.repeated}
        reads = tuple(
            tuple((0, h) if n in whole else (y, y + 1) for n, h in zip(inputs, heights, strict=True))
            for y in range(height)
        )
        writes = tuple((y, y + 1) for y in range(height))
        state = 0
    takes = tuple(op.inputs[p] for p in low.in_place if op.inputs[p] in inputs)
    return Task(index, inputs, output, reads, writes, state, low.scratch_bytes, takes, low.is_view)


def row_form(graph: Graph, index: int, low: Lowering) -> Form | None:
    """The form in which the op runs row by row; None where it can only run whole."""
    op = graph.ops[index]
    forms = {call.form for call in low.calls}
    if len(low.calls) == 1 and forms <= {Form.WINDOW, Form.REDUCE}:
        return low.calls[0].form
    if forms != {Form.RUN}:
        return None
    height = graph.type(op.outputs[0]).hwc[0]
    whole_units = all(call.units % height == 0 for call in low.calls)
    walked = {n for i, n in enumerate(op.inputs) if i not in low.repeated}.intersection(graph.activations(op))
    heights = {graph.type(n).hwc[0] for n in walked}
    return Form.RUN if whole_units and heights == {height} else None
