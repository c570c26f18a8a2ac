"""A plan as the plain values that the model templates print: no graph, no arithmetic left for a template."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.codegen.c_text import array_body, decimal
from tinyc.codegen.model.line_view import HEADER, Steps
from tinyc.codegen.model.names import tensor_symbols
from tinyc.codegen.model.op_view import OpView, op_view
from tinyc.codegen.model.places import C_TYPES, Places, scratch_symbol, shape_text, state_symbol
from tinyc.codegen.model.shared import holders
from tinyc.ir import Port
from tinyc.kernels.base import Constant
from tinyc.plain import plain
from tinyc.schedule import Plan


@dataclass(frozen=True, eq=False)
class ArrayView:
    """A constant array in flash. data: its elements, any shape, of a type as large as `ctype`."""

    symbol: str
    ctype: str
    data: npt.NDArray[np.generic]

    @property
    def length(self) -> int:
        return self.data.size

    @property
    def body(self) -> str:
        """The elements, laid out in lines."""
        return array_body(self.data)


@dataclass(frozen=True)
class PlaceView:
    """Where something lies in the arena. offset: bytes; comment: what it is."""

    symbol: str
    offset: int
    comment: str


@dataclass(frozen=True)
class StepView:
    """One task of a streamed stage. number: in its order table; call: of the op's function, "" to read an input row."""

    number: int
    call: str


@dataclass(frozen=True)
class InputBlock:
    """The reading of rows [begin, end). setup: statements before; at: where row `row` goes."""

    setup: tuple[str, ...]
    at: str


@dataclass(frozen=True)
class StageView:
    """One stage: the call of a layer, or a function that runs its tasks row by row."""

    #: Of the stage's function.
    number: int
    #: "layer" or "stream".
    kind: str
    #: How often the order is run.
    strips: int
    #: Whether it reads rows of the input.
    reads: bool
    #: Its tasks.
    steps: tuple[StepView, ...]
    #: Type of a step's number.
    step_type: str
    #: Body of the table of step numbers.
    order: str
    order_length: int
    #: (first, length, times): table[first : first + length] is run `times` times.
    repeats: tuple[tuple[int, int, int], ...]
    #: The one op of a layer stage.
    layer: OpView | None
    comment: str


@dataclass(frozen=True)
class PortView:
    """One input or output of the C API. suffix: "" for the first, then "_1", ..."""

    suffix: str
    ctype: str
    at: str
    bytes: int
    elements: int
    shape: str
    scale: str
    zero_point: int | None
    comment: str


@dataclass(frozen=True)
class StateView:
    """What outlives an inference. at, next: where it lies, and what it becomes; initial: array of its first value."""

    at: str
    next: str
    initial: str
    bytes: int


@dataclass(frozen=True)
class ModelView:
    """Everything the model templates need."""

    name: str
    macro: str
    arena_bytes: int
    arena_align: int
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    states: tuple[StateView, ...]
    ops: tuple[OpView, ...]
    stages: tuple[StageView, ...]
    places: tuple[PlaceView, ...]
    input_row: str
    input_block: InputBlock | None
    arrays: tuple[ArrayView, ...]
    headers: tuple[str, ...]
    sources: tuple[str, ...]
    rows: int
    row_bytes: int
    reads_per_row_max: int


def model_view(plan: Plan, name: str) -> ModelView:
    graph = plan.graph
    whole = {s.tasks[0] for s in plan.stages if s.kind == "layer" and not s.by_row}
    running = {task.op: k for k, task in enumerate(plan.tasks) if task.op >= 0 and not task.is_view}
    arrays = {f"{name}_op{op}_{c.name}": c for op in running for c in plan.lowerings[op].constants}
    arrays |= {
        f"{name}_initial{i}": Constant(f"initial{i}", C_TYPES[graph.type(s.tensor).dtype], s.initial)
        for i, s in enumerate(graph.states)
    }
    found_at = holders(arrays.items())
    places = Places(plan, tensor_symbols(name, plan.buffers, {*arrays, *_api(plan, name)}))
    ops: dict[int, OpView] = {}
    for op, k in running.items():
        symbol_of = {c.name: found_at[f"{name}_op{op}_{c.name}"] for c in plan.lowerings[op].constants}
        ops[op] = op_view(places, op, symbol_of, by_row=plan.tasks[k].by_row and k not in whole)
    calls = [call for low in plan.lowerings for call in low.calls]
    first = plan.rows[graph.inputs[0].tensor]
    return ModelView(
        name=name,
        macro=name.upper(),
        arena_bytes=plan.arena,
        arena_align=8,
        inputs=tuple(_port_view(places, p, i) for i, p in enumerate(graph.inputs)),
        outputs=tuple(_port_view(places, p, i) for i, p in enumerate(graph.outputs)),
        states=tuple(
            StateView(
                places.whole(s.tensor),
                places.whole(s.next),
                found_at[f"{name}_initial{i}"],
                graph.type(s.tensor).bytes,
            )
            for i, s in enumerate(graph.states)
        ),
        ops=tuple(ops.values()),
        stages=tuple(_stage_view(plan, i, ops) for i in range(len(plan.stages))),
        places=_places(places, running),
        input_row=places.row_bytes(graph.inputs[0].tensor),
        input_block=_input_block(places),
        arrays=tuple(
            ArrayView(symbol, c.ctype, c.data) for symbol, c in arrays.items() if found_at[symbol] == symbol
        ),
        headers=tuple(sorted({f"tinyc/{call.folder}.h" for call in calls} | _slides(plan))),
        sources=tuple(sorted({f"{call.folder}/{call.symbol}.c" for call in calls})),
        rows=first.count,
        row_bytes=first.row_bytes,
        reads_per_row_max=plan.reads_per_row,
    )


def _stage_view(plan: Plan, number: int, ops: dict[int, OpView]) -> StageView:
    stage = plan.stages[number]
    first, last = stage.tasks
    running = [k for k in range(first, last) if not plan.tasks[k].is_view]
    step_of = {k: i for i, k in enumerate(running)}
    reads = any(plan.tasks[k].op < 0 for k in running)
    steps = tuple(
        StepView(i, _step_call(ops[plan.tasks[k].op], step_of) if plan.tasks[k].op >= 0 else "")
        for k, i in step_of.items()
    )
    streamed = stage.kind != "layer" or reads
    table, repeats = compress([step_of[k] for k, _, strip in stage.order if k in step_of and strip == 0])
    layer = None if streamed or not running else ops[plan.tasks[running[0]].op]
    numbers = np.array(table, np.min_scalar_type(max(len(steps) - 1, 0)))
    return StageView(
        number,
        "stream" if streamed else "layer",
        stage.strips,
        reads,
        steps,
        f"{numbers.dtype}_t",
        array_body(numbers) if streamed else "",
        len(table),
        repeats,
        layer,
        f"stage {number}: {stage.peak} bytes live at most",
    )


def _step_call(op: OpView, step_of: Mapping[int, int]) -> str:
    """step_of: by task, its number among the steps of the stage."""
    if not op.by_row:
        return f"{op.function}()"
    more = ["s"] if op.in_strips else [f"next[{step_of[task]}]" for _, task in op.params]
    return f"{op.function}({', '.join(['y', *more])})"


def _slides(plan: Plan) -> set[str]:
    """The header that is needed where a buffer slides."""
    return {HEADER} if any(buffer.slide for buffer in plan.buffers.values()) else set()


def _input_block(places: Places) -> InputBlock | None:
    """The reading of the input's rows where they are the steps of a line."""
    plan = places.plan
    name = plan.graph.inputs[0].tensor
    if not (plan.rows_in and plan.rows[name].side_by_side):
        return None
    steps = Steps(plan, 0)
    at = steps.at(name, f"(uint8_t *){places.whole(name)}", "row")
    return InputBlock(steps.block([at, "begin", "end"], dict(places.symbol_of)).setup, at)


def _api(plan: Plan, name: str) -> Iterator[str]:
    """Names of the functions and arrays that the generated sources declare beside constants."""
    yield from (f"{name}_{word}" for word in ("arena", "run", "run_rows", "run_copy", "reset"))
    for kind, ports in (("input", plan.graph.inputs), ("output", plan.graph.outputs)):
        yield from (f"{name}_{kind}{_suffix(i)}" for i in range(len(ports)))


def _suffix(port: int) -> str:
    return f"_{port}" if port else ""


def _places(places: Places, running: Iterable[int]) -> tuple[PlaceView, ...]:
    """Every tensor and whatever else has its place in the arena, in the order of the graph."""
    plan = places.plan
    tensors = [
        PlaceView(places.symbol_of[n], b.offset, _place_text(plan, n)) for n, b in plan.buffers.items()
    ]
    scratch = [
        PlaceView(scratch_symbol(op), plan.scratch[op], "scratch") for op in running if op in plan.scratch
    ]
    state = [PlaceView(state_symbol(op), at, "kept from row to row") for op, at in plan.state.items()]
    return (*tensors, *scratch, *state)


def _place_text(plan: Plan, tensor: str) -> str:
    kind, buffer = plan.graph.type(tensor), plan.buffers[tensor]
    rows = "row" if buffer.ring == 1 else "rows"
    ring = f", a ring of {buffer.ring} {rows}" if buffer.ring < plan.rows[tensor].count else ""
    strip = f", {buffer.pitch // plan.rows[tensor].column_bytes} columns wide" if buffer.columns else ""
    return f"{shape_text(kind)} {kind.dtype}{ring}{strip}"


#: Steps after which a pattern that repeats is looked for.
_LONGEST_PATTERN = 64


def compress(steps: list[int]) -> tuple[list[int], tuple[tuple[int, int, int], ...]]:
    """A sequence as patterns that repeat: (table, ((first, length, times), ...)), greedily the longest saving.

    Concatenating table[first : first + length] `times` times for every entry gives the sequence back.
    """
    table: list[int] = []
    entries: list[tuple[int, int, int]] = []
    at = 0
    while at < len(steps):
        best_length, best_times = 1, 1
        for length in range(1, min(_LONGEST_PATTERN, len(steps) - at) + 1):
            pattern = steps[at : at + length]
            times = 1
            while steps[at + times * length : at + (times + 1) * length] == pattern:
                times += 1
            if (times - 1) * length > (best_times - 1) * best_length:
                best_length, best_times = length, times
        if best_times == 1 or (best_times - 1) * best_length <= _ENTRY_BYTES:
            best_length, best_times = 1, 1
        if best_times == 1 and entries and entries[-1][2] == 1:
            entries[-1] = (entries[-1][0], entries[-1][1] + 1, 1)
        else:
            entries.append((len(table), best_length, best_times))
        table += steps[at : at + best_length]
        at += best_length * best_times
    return table, tuple(entries)


#: Bytes of flash that one more entry of the run-length code takes.
_ENTRY_BYTES = 6


def _port_view(places: Places, port: Port, index: int) -> PortView:
    t = places.plan.graph.type(port.tensor)
    notes = [f"; {port.type.dtype} in the model file"] if port.type.dtype != t.dtype else []
    notes += [f"; {shape_text(port.type)} in the model file"] if port.channels_second else []
    return PortView(
        suffix=_suffix(index),
        ctype=C_TYPES[t.dtype],
        at=places.port(port.tensor),
        bytes=t.bytes,
        elements=t.elements,
        shape=shape_text(t),
        scale="" if t.quant is None else decimal(t.q.scale),
        zero_point=None if t.quant is None else t.q.zero_point,
        comment=f"{plain(port.name)}: {t}{''.join(notes)}",
    )
