"""One op as the C function that the model template prints: parameter structs, calls, and addresses in the arena."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tinyc.codegen.c_text import initializer
from tinyc.codegen.model.line_view import Block, Steps
from tinyc.codegen.model.places import (
    KERNEL_TYPES,
    SHORT_NAMES,
    Places,
    scratch_symbol,
    shape_text,
    state_symbol,
    times,
)
from tinyc.codegen.structs import check_struct
from tinyc.ir import DTYPES, Op
from tinyc.kernels.access import RowByRow, RowWindow, SameUnit, Units, Whole
from tinyc.kernels.base import Call, Ref
from tinyc.plain import plain
from tinyc.schedule import Plan
from tinyc.schedule.timeline import Columns


@dataclass(frozen=True)
class StructView:
    symbol: str
    ctype: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class CallView:
    """One kernel call. prepare: a statement before it, or ""; args: all arguments, in order.

    loop: how often it is called, for i from 0 on, or "" for once.
    """

    symbol: str
    prepare: str
    args: tuple[str, ...]
    loop: str = ""


@dataclass(frozen=True)
class OpView:
    """One op as a C function."""

    #: Its position among the graph's ops, the number of its hook.
    index: int
    #: The function's name.
    function: str
    #: What it is.
    comment: str
    structs: tuple[StructView, ...]
    #: Whether the function computes row y of `rows`, else everything.
    by_row: bool
    #: Whether it needs the number of its row.
    uses_row: bool
    #: Whether it computes of row y only the columns of strip s.
    in_strips: bool
    rows: int
    #: Declaration of the rows that a call points at, or "".
    window: str
    #: (begin, end, origin of the input rows) of the segment that is computed, one for each strip.
    spans: tuple[tuple[int, int, int], ...]
    #: Further parameters beside y, of each the task whose firings it counts; and statements before the calls.
    params: tuple[tuple[str, int], ...]
    setup: tuple[str, ...]
    #: First column per strip of the inputs that hold other columns than the output.
    origins: tuple[tuple[str, tuple[int, ...]], ...]
    calls: tuple[CallView, ...]
    #: What one call has written, and how many bytes, for the hooks.
    out: str
    out_bytes: str


@dataclass(frozen=True)
class _Op:
    """What the functions below know of one op.

    by_row: its C function computes row y of the output or, of an input taken row by row, takes row y; else everything.
    """

    places: Places
    index: int
    symbol_of: Mapping[str, str]
    by_row: bool

    @cached_property
    def task(self) -> int:
        return next(k for k, task in enumerate(self.plan.tasks) if task.op == self.index)

    @property
    def steps(self) -> Steps | None:
        """Where the function computes block y of a line."""
        return Steps(self.plan, self.task) if self.by_row and self.plan.tasks[self.task].block else None

    @property
    def plan(self) -> Plan:
        return self.places.plan

    @property
    def op(self) -> Op:
        return self.plan.graph.ops[self.index]

    @property
    def calls(self) -> tuple[Call, ...]:
        return self.plan.lowerings[self.index].calls

    @property
    def columns(self) -> Columns:
        """Columns of the output's rows that each strip computes; empty where rows are computed whole."""
        return self.plan.columns.get(self.op.outputs[0], ())

    @property
    def window(self) -> tuple[str, RowWindow] | None:
        """The input that is read by rows around y, and which these are."""
        windows = ((i, a) for i, a in self.plan.lowerings[self.index].operands if isinstance(a, RowWindow))
        return next(((self.op.inputs[i], access) for i, access in windows), None)

    @property
    def begin(self) -> str:
        """The first column that the strip makes."""
        return f"op{self.index}_spans[s].begin"


def _made_at(o: _Op, tensor: str) -> str:
    """Where row y of an output goes; in a strip, the first column that the strip makes."""
    if o.steps:
        return o.steps.at(tensor, o.places.whole(tensor))
    part = tensor in o.plan.columns and not o.plan.buffers[tensor].columns
    return o.places.row(tensor, o.begin if part else "")


def _read_at(o: _Op, tensor: str) -> str:
    """Where a kernel that walks units reads row y of an input; in a strip, from the first column it makes on."""
    if o.steps:
        return o.steps.at(tensor, o.places.whole(tensor))
    if not o.columns:
        return o.places.row(tensor)
    held = o.plan.buffers[tensor].columns
    if not held:
        return o.places.row(tensor, o.begin)
    if held == o.columns:
        return o.places.row(tensor)
    return o.places.row(tensor, f"({o.begin} - op{o.index}_{_origin_name(o, tensor)}[s])")


def _constant_at(o: _Op, ref: Ref) -> str:
    """Where a kernel that walks units reads row y of a constant that has the rows of its output."""
    view = o.plan.rows[o.op.outputs[0]]
    (constant,) = (c for c in o.plan.lowerings[o.index].constants if c.name == ref.constant)
    row = constant.data.size // view.count
    symbol = o.symbol_of[ref.constant]
    if o.steps:
        return f"{symbol} + {times('begin', row)}"
    text = f"{symbol} + {times('y', row)}" if view.count > 1 else symbol
    return f"{text} + {times(o.begin, row // view.columns)}" if o.columns else text


def _origin_name(o: _Op, tensor: str) -> str:
    return f"origin{o.op.inputs.index(tensor)}"


def _origins(o: _Op) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(name, first column per strip) of the inputs walked unit by unit that hold other columns than the output."""
    if not o.columns or o.window is not None:
        return ()
    return tuple(
        (_origin_name(o, n), tuple(a for a, _ in o.plan.buffers[n].columns))
        for n in dict.fromkeys(o.plan.graph.activations(o.op))
        if o.plan.buffers[n].columns and o.plan.buffers[n].columns != o.columns
    )


def _spans(o: _Op) -> tuple[tuple[int, int, int], ...]:
    """(begin, end, origin of the rows in the window) per strip; one where a kernel is told a segment of whole rows."""
    window = o.window
    if o.steps:
        return ()
    if not o.columns:
        view = o.plan.rows[o.op.outputs[0]]
        return ((0, view.count if view.side_by_side else view.columns, 0),) if window else ()
    held = o.plan.buffers[window[0]].columns if window else ()
    origins = [a for a, _ in held] if held else [0] * len(o.columns)
    return tuple((a, b, at) for (a, b), at in zip(o.columns, origins, strict=True))


def op_view(places: Places, index: int, symbol_of: Mapping[str, str], *, by_row: bool) -> OpView:
    """symbol_of: of the op's constants; by_row: its C function computes a row, else everything."""
    graph, low = places.plan.graph, places.plan.lowerings[index]
    o = _Op(places, index, symbol_of, by_row)
    op = o.op
    structs, calls = [], []
    for n, call in enumerate(low.calls):
        for s in call.structs:
            check_struct(s, low.constants)
        names = tuple(f"op{index}_params{n or ''}{'_' * m}" for m in range(len(call.structs)))
        structs += [
            StructView(symbol, s.ctype, tuple(f".{key} = {initializer(v, symbol_of)}" for key, v in s.fields))
            for symbol, s in zip(names, call.structs, strict=True)
        ]
        calls.append(_call_view(o, call, names))
    out = graph.type(op.outputs[0])
    shapes = " x ".join(shape_text(graph.type(i)) for i in graph.activations(op))
    title = f"op {op.origin.index} {plain(op.origin.kind)} '{plain(op.origin.name.partition(';')[0])}'"
    rows, where, size = _result(o)
    window = _declared(o)
    text = [*(t for call in calls for t in (call.prepare, *call.args, call.loop)), where, size, window]
    block = o.steps.block(text, dict(places.symbol_of)) if o.steps else Block((), ())
    return OpView(
        index=index,
        function=f"op{index}_{op.kind}",
        comment=f"{title}: {shapes} -> {shape_text(out)}",
        structs=tuple(structs),
        by_row=by_row,
        uses_row=any(re.search(r"\by\b", t) for t in (*block.setup, *text[:-3])),
        in_strips=bool(o.columns),
        rows=rows,
        window=window,
        spans=_spans(o),
        params=block.params,
        setup=block.setup,
        origins=_origins(o),
        calls=tuple(calls),
        out=where,
        out_bytes=size,
    )


def _declared(o: _Op) -> str:
    """The declaration of the rows that the kernel is passed, or ""; of a line they are known before."""
    if o.window is None:
        return ""
    source, access = o.window
    ctype = KERNEL_TYPES[o.plan.graph.type(source).dtype]
    if not o.plan.rows[source].side_by_side:
        return f"const {ctype} *rows[{access.count}]"
    held = access.rows(0, 1)
    first = access.first(0)
    rows = (
        "NULL" if first + k * access.step not in held else o.places.whole(source) for k in range(access.count)
    )
    return f"const {ctype} *const rows[{access.count}] = {{{', '.join(rows)}}}"


def _result(o: _Op) -> tuple[int, str, str]:
    """How many rows the op's function is called for, where it puts its first output, and how many bytes of it."""
    name = o.op.outputs[0]
    view, size = o.plan.rows[name], o.plan.graph.type(name).bytes
    taken = [o.op.inputs[i] for i, a in o.plan.lowerings[o.index].operands if isinstance(a, RowByRow)]
    if taken:
        rows = o.plan.tasks[o.task].firings
        return rows, o.places.whole(name), f"y == {rows - 1} ? {size} : 0"
    if not o.by_row:
        return view.count, o.places.whole(name), str(size)
    if o.steps:
        return o.plan.tasks[o.task].firings, _made_at(o, name), o.steps.count(view.row_bytes)
    span = f"op{o.index}_spans[s]"
    made = times(f"({span}.end - {span}.begin)", view.column_bytes) if o.columns else str(view.row_bytes)
    return view.count, _made_at(o, name), made


def _call_view(o: _Op, call: Call, structs: tuple[str, ...]) -> CallView:
    """The statements that make one kernel call: of row y where the op's function is called by row, else of all."""
    prepare, loop = "", ""
    units = [r.access for r in call.writes if isinstance(r.access, Units)]
    step = f" + i * {units[0].each}" if units and units[0].each else ""
    args = [f"&{s}" for s in structs]
    for argument in call.reads:
        source, access = argument.source, argument.access
        if isinstance(access, RowWindow) and isinstance(source, int):
            args += _window_arguments(o, o.op.inputs[source], access)
            if not o.plan.rows[o.op.inputs[source]].side_by_side:
                prepare = _window(o, o.op.inputs[source], access)
        elif isinstance(access, RowByRow) and isinstance(source, int):
            args += [_read_at(o, o.op.inputs[source]), "y"]
        elif isinstance(access, SameUnit):
            args.append((_same_row(o, source) if o.by_row else _whole_at(o, source)) + step)
        else:
            args.append(_whole_at(o, source))
    args += ["NULL" if c is None else o.symbol_of[c.constant] for c in call.constants]
    for result in call.writes:
        tensor = o.op.outputs[result.index]
        whole = isinstance(result.access, Whole) or not o.by_row
        args.append((o.places.whole(tensor) if whole else _made_at(o, tensor)) + step)
    if units:
        count = _units(o, units[0].count)
        args.append(str(units[0].each) if step else count)
        loop = count if step else ""
    args += [f"AT(void, {scratch_symbol(o.index)})"] if call.scratch else []
    args += [f"AT(void, {state_symbol(o.index)})"] if o.index in o.plan.state else []
    return CallView(call.symbol, prepare, tuple(args), loop)


def _window_arguments(o: _Op, source: str, window: RowWindow) -> tuple[str, ...]:
    """What a kernel is told of the rows around output row y: an image of one row has no other than row 0."""
    if o.steps:
        held = f"&(const tc_span){{begin, end, {o.steps.origin(source)}}}"
        return ("rows", held, *(["0"] if window.numbered else []))
    row = "0" if o.plan.rows[source].side_by_side else "y"
    return ("rows", f"&op{o.index}_spans[{'s' if o.columns else 0}]", *([row] if window.numbered else []))


def _units(o: _Op, count: int) -> str:
    """How many units a call computes, of `count` in the whole tensor."""
    if not o.by_row:
        return str(count)
    view = o.plan.rows[o.op.outputs[0]]
    row = count // view.count
    if o.steps:
        return o.steps.count(row)
    span = f"op{o.index}_spans[s]"
    return times(f"({span}.end - {span}.begin)", row // view.columns) if o.columns else str(row)


def _same_row(o: _Op, source: int | Ref) -> str:
    return _constant_at(o, source) if isinstance(source, Ref) else _read_at(o, o.op.inputs[source])


def _whole_at(o: _Op, source: int | Ref) -> str:
    """The whole of an input."""
    if isinstance(source, Ref):
        return o.symbol_of[source.constant]
    return o.places.whole(o.op.inputs[source])


def _window(o: _Op, source: str, window: RowWindow) -> str:
    """The statement that points `rows` at the input rows of output row y."""
    buffer, dtype = o.plan.buffers[source], o.plan.graph.type(source).dtype
    first = f"{o.symbol_of['first']}[y]" if window.table else _affine(window)
    pitch = buffer.pitch // DTYPES[dtype].itemsize
    numbers = ", ".join(map(str, (window.step, o.plan.rows[source].count, pitch, buffer.ring)))
    where = o.places.whole(source)
    return f"tc_window_{SHORT_NAMES[dtype]}(rows, {window.count}, {where}, {first}, {numbers});"


def _affine(window: RowWindow) -> str:
    """The first row of the window around row y."""
    text = times("y", window.stride)
    return text if not window.top else f"{text} {'-' if window.top > 0 else '+'} {abs(window.top)}"
