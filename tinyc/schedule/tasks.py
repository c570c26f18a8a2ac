"""What a schedule orders: tasks that fire row by row, and which rows each firing reads and writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op, Region
from tinyc.kernels.access import EveryUnit, Read, RowByRow, RowSegment, RowWindow, Units
from tinyc.kernels.base import Lowering
from tinyc.kernels.pace import EVEN, Pace
from tinyc.schedule.lines import STEP_BY_STEP, Blocks, takes_blocks
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
    #: Steps of a line that a firing computes, or takes in; 0 where it does not go by steps.
    block: int = 0
    #: So many fewer are the first.
    shift: int = 0
    #: Columns that its kernel computes together; 0 where that makes no difference.
    columns: int = 0
    #: How its time grows with the steps of a block.
    pace: Pace = EVEN

    @property
    def firings(self) -> int:
        return len(self.writes)

    @property
    def idle(self) -> float:
        """The part of its work that its kernel does beyond, since a block has fewer steps than all of a line."""
        return self.times(self.pace, self.columns) - 1

    def times(self, pace: Pace, columns: int) -> float:
        """How many times as long a kernel takes by blocks of a line as it takes for all of the line at once.

        columns: that it computes together at most, if not 0.
        """
        if not self.block:
            return 1.0
        steps = self.writes[-1][0][1]
        return pace.slower(min(self.block, steps), columns, steps)

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
    graph: Graph,
    lowerings: Sequence[Lowering],
    views: RowViews,
    *,
    rows_in: bool,
    blocks: Blocks = STEP_BY_STEP,
) -> tuple[Task, ...]:
    """The tasks of an inference in the graph's order.

    rows_in: the first input is read row by row, by a task; blocks: of the steps of lines.
    """
    tasks: list[Task] = []
    first_read: dict[str, int] = {}
    for index, low in reversed(tuple(enumerate(lowerings))):
        task = _line_task(graph, index, low, views, blocks, first_read) or _task(graph, index, low, views)
        tasks.insert(0, task)
        for name in task.inputs if task.block else ():
            first_read[name] = max(first_read.get(name, 0), task.read_stops[name][0])
    if rows_in:
        name = graph.inputs[0].tensor
        steps = blocks.steps if views[name].side_by_side else 0
        shift = _shift(views[name].count, steps, first_read.get(name, 0)) if steps else 0
        every = tuple((span,) for span in _spans(views[name].count, steps or 1, shift))
        reading = Task(-1, (), (name,), ((),) * len(every), every, by_row=True, block=steps, shift=shift)
        tasks.insert(0, reading)
    return tuple(tasks)


def idle_macs(graph: Graph, tasks: Iterable[Task]) -> float:
    """Return the products by which kernels compute more steps together than blocks have, or prepare for calls."""
    by_blocks = (t for t in tasks if t.block and t.pace != EVEN)
    return sum(macs_of(graph, t.op) * t.idle for t in by_blocks)


def macs_of(graph: Graph, index: int) -> int:
    """Return the MACs of an op of the graph."""
    op = graph.ops[index]
    return op.macs(graph.types(op), graph.outs(op))


def told(low: Lowering, task: Task, scratch: int) -> Lowering:
    """The op of a task, told how many steps of a line it gets at a time. scratch: bytes that there are for it."""
    if not task.block:
        return low
    return low.in_rows(task.firings, task.block) if task.state else low.within(scratch)


def _spans(steps: int, block: int, shift: int = 0) -> tuple[RowSpan, ...]:
    """Blocks of a line, the first by `shift` smaller."""
    return tuple((max(at, 0), min(at + block, steps)) for at in range(-shift, steps, block))


def _shift(steps: int, block: int, first_read: int) -> int:
    """By how much the first block is smaller so that one ends where the first read does: no read waits for a rest."""
    return -first_read % block if block < steps else 0


def _line_task(
    graph: Graph, index: int, low: Lowering, views: RowViews, blocks: Blocks, first_read: Mapping[str, int]
) -> Task | None:
    """The op as a task that fires for a block of steps; None where it does not go by the steps of a line.

    first_read: of each tensor, up to which step it is read first.
    """
    op = graph.ops[index]
    inputs = tuple(dict.fromkeys(graph.activations(op)))
    lines = {n for n in (*inputs, *op.outputs) if views[n].side_by_side}
    if low.state_bytes and lines.issuperset(inputs):
        return _taking_task(op, index, low, views, blocks)
    if not takes_blocks(graph, op, low, lines):
        return None
    (output,) = op.outputs
    steps = max(1, blocks.steps // _stride(graph, op, low))
    narrowed = low.for_columns(min(steps, blocks.columns))
    shift = _shift(views[output].count, steps, first_read.get(output, 0))
    made = _spans(views[output].count, steps, shift)
    return Task(
        index,
        inputs,
        op.outputs,
        reads=tuple(tuple(_steps_read(graph, op, low, n, span, views) for n in inputs) for span in made),
        writes=tuple((span,) for span in made),
        scratch=narrowed.scratch_bytes,
        in_place=tuple(op.inputs[p] for p in low.in_place if op.inputs[p] in inputs),
        is_view=low.is_view,
        by_row=True,
        block=steps,
        shift=shift,
        columns=narrowed.columns,
        pace=narrowed.pace,
    )


def _taking_task(op: Op, index: int, low: Lowering, views: RowViews, blocks: Blocks) -> Task:
    """The same of an op that takes a line row by row: as many steps a row as divide the line, at most a block."""
    (name,) = dict.fromkeys(n for n in op.inputs if n and views[n].side_by_side)
    count = views[name].count
    steps = next(n for n in range(min(blocks.steps, count), 0, -1) if count % n == 0)
    spans = _spans(count, steps)
    nothing, everything = ((0, 0),) * len(op.outputs), tuple((0, views[n].count) for n in op.outputs)
    return Task(
        index,
        (name,),
        op.outputs,
        reads=tuple((span,) for span in spans),
        writes=(*(nothing,) * (len(spans) - 1), everything),
        state=low.state_bytes,
        scratch=low.scratch_bytes,
        by_row=True,
        block=steps,
    )


def _stride(graph: Graph, op: Op, low: Lowering) -> int:
    """How many steps of its input an op moves on by from step to step."""
    stops = [0, 0]
    for at, access in low.operands:
        if isinstance(access, RowWindow):
            middle = graph.outs(op)[0].hwc[1] // 2
            stops = [_window(graph, op, at, (y, y + 1))[1] for y in (middle - 1, middle)]
    return max(1, stops[1] - stops[0])


def _window(graph: Graph, op: Op, at: int, span: RowSpan) -> RowSpan:
    """The columns of an image of one row that are read for a span of the output's."""
    region = op.input_region(at, Region(0, 1, *span), graph.types(op), graph.outs(op)[0])
    return region.col0, region.col1


def _steps_read(graph: Graph, op: Op, low: Lowering, name: str, span: RowSpan, views: RowViews) -> RowSpan:
    """The rows of one tensor that are read for a span of the output's steps."""
    if low.is_view:
        return span
    found: list[RowSpan] = []
    for at, access in low.operands:
        if op.inputs[at] == name:
            match access:
                case RowWindow():
                    found.append(_window(graph, op, at, span))
                case EveryUnit():
                    found.append((0, views[name].count))
                case _:
                    found.append(span)
    return min(a for a, _ in found), max(b for _, b in found)


def _task(graph: Graph, index: int, low: Lowering, views: RowViews) -> Task:
    op = graph.ops[index]
    inputs = tuple(dict.fromkeys(graph.activations(op)))
    heights = {n: views[n].count for n in (*inputs, *op.outputs)}
    lines = any(views[n].side_by_side for n in heights)
    all_out = tuple((0, heights[n]) for n in op.outputs)
    accesses: dict[str, list[Read]] = {n: [] for n in inputs}
    for position, access in low.operands:
        accesses[op.inputs[position]].append(access)
    seen_as_images = all(views[n] == image_rows(graph.type(n)) for n in heights)
    if low.needs_rows and not seen_as_images:
        raise InternalError(f"{op.origin}: {low.symbols} takes rows of an image alone")
    firings = None if lines else _firings(op.outputs, low, views, accesses)
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
