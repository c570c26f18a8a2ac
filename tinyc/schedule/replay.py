"""A plan as reads and writes of arena bytes, for the independent checker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tinyc.memory import Event, Piece
from tinyc.schedule.plan import Plan, Stage
from tinyc.schedule.tasks import RowSpan


def events(plan: Plan, inferences: int = 1) -> Iterator[Event]:
    """Every firing in order, after the arrival of the resident inputs and before the outputs are read.

    inferences: one after the other; where something outlives an inference, two show that the first leaves it whole.
    """
    states = plan.graph.states
    outputs = tuple(a for p in plan.graph.outputs for a in _all_rows(plan, p.tensor))
    if states:
        yield Event("initial state", (), tuple(a for s in states for a in _all_rows(plan, s.tensor)))
    for _ in range(inferences):
        yield from _inference(plan)
        for s in states:
            yield Event(f"keeping {s.tensor}", _all_rows(plan, s.next), _all_rows(plan, s.tensor))
        yield Event("output", outputs, ())


def _inference(plan: Plan) -> Iterator[Event]:
    graph = plan.graph
    resident = dict.fromkeys(p.tensor for p in (graph.inputs[1:] if plan.rows_in else graph.inputs))
    yield Event("input", (), tuple(a for n in resident for a in _all_rows(plan, n)))
    fired = [0] * len(plan.tasks)
    for stage in plan.stages:
        if stage.kind == "layer" and not stage.by_row:
            yield _whole(plan, stage)
        else:
            made_here = {n for task in plan.tasks[slice(*stage.tasks)] for n in task.outputs}
            for task, firing, strip in stage.order:
                moved = _moved(plan, task, fired[task])
                fired[task] += 1
                yield replace(_firing(plan, task, firing, strip, made_here, fired), moved=moved)


def _moved(plan: Plan, index: int, fired: int) -> tuple[int, int, int] | None:
    """What slides down before a task fires for the next time: bytes [start, stop), and where they start then."""
    for name in plan.tasks[index].outputs:
        buffer = plan.buffers[name]
        if buffer.slide is None or buffer.slide.task != index:
            continue
        old, new = buffer.origin(fired), buffer.origin(fired + 1)
        rows = buffer.slide.made(fired) - new
        if new > old and rows > 0:
            start = buffer.offset + (new - old) * buffer.pitch
            return start, start + rows * buffer.pitch, buffer.offset
    return None


def _rows(
    plan: Plan, tensor: str, span: RowSpan, strip: int | None = None, fired: Sequence[int] = ()
) -> tuple[Piece, ...]:
    """Pieces that rows are; strip: only the part that this strip of a patch stage makes, None: all of each row.

    A row made in strips carries a tag per part; one that is read from outside comes whole, once per strip. fired: how
    often each task has fired.
    """
    buffer, parts = plan.buffers[tensor], plan.columns.get(tensor)
    if not parts or (tensor not in plan.graph.producer and not buffer.columns):
        origin = buffer.origin(fired[buffer.slide.task]) if buffer.slide else 0
        return tuple(Piece((tensor, y), *buffer.row(y, origin)) for y in range(*span))
    pixel = plan.rows[tensor].column_bytes
    found = []
    for y in range(*span):
        start, _ = buffer.row(y)
        for part in range(len(parts)) if strip is None else (strip,):
            a, b = parts[part]
            at = start if buffer.columns else start + a * pixel
            found.append(Piece((f"{tensor} strip {part}", y), at, at + (b - a) * pixel))
    return tuple(found)


def _all_rows(plan: Plan, tensor: str) -> tuple[Piece, ...]:
    return _rows(plan, tensor, (0, plan.rows[tensor].count))


def _whole(plan: Plan, stage: Stage) -> Event:
    """A layer in one call: it may read any input until its last output is written."""
    task = plan.tasks[stage.tasks[0]]
    low = plan.lowerings[task.op]
    at = plan.scratch.get(task.op, 0)
    return Event(
        f"op {task.op}",
        tuple(a for n in task.inputs for a in _all_rows(plan, n)),
        tuple(a for n in task.outputs for a in _all_rows(plan, n)),
        (at, at + low.scratch_bytes),
        frozenset(a.tag for n in task.in_place for a in _all_rows(plan, n)),
        view=task.is_view,
    )


def _firing(
    plan: Plan, index: int, firing: int, strip: int, made_here: set[str], fired: Sequence[int]
) -> Event:
    """made_here: tensors of the firing's own stage; of these a strip finds no more than its own part.

    fired: how often each task has fired, this time included.
    """
    task = plan.tasks[index]

    def rows(name: str, span: RowSpan) -> tuple[Piece, ...]:
        return _rows(plan, name, span, strip if name in made_here else None, fired)

    read = {n: rows(n, span) for n, span in zip(task.inputs, task.reads[firing], strict=True)}
    reads = tuple(a for pieces in read.values() for a in pieces)
    writes = tuple(
        a for n, span in zip(task.outputs, task.writes[firing], strict=True) for a in rows(n, span)
    )
    in_place = {a.tag for n in task.in_place for a in read[n]}
    scratch = (0, 0)
    if task.op in plan.scratch:
        scratch = (plan.scratch[task.op], plan.scratch[task.op] + task.scratch)
    if task.state:
        at = plan.state[task.op]
        state = Piece((f"state of op {task.op}", 0), at, at + task.state)
        reads += (state,) if firing else ()
        writes += (state,)
        in_place.add(state.tag)
    name = f"op {task.op} firing {firing}" if task.op >= 0 else f"reading row {firing}"
    return Event(name, reads, writes, scratch, frozenset(in_place), view=task.is_view)
