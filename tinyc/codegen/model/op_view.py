"""One op as the C function that the model template prints: parameter structs, calls, and addresses in the arena."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tinyc.codegen.c_text import initializer
from tinyc.codegen.structs import check_struct
from tinyc.ir import DTYPES, Op, TensorType
from tinyc.kernels.access import RowByRow, RowWindow, SameUnit, Units, Whole
from tinyc.kernels.base import Call, Ref
from tinyc.plain import plain
from tinyc.schedule import Buffer, Plan
from tinyc.schedule.rows import RowView
from tinyc.schedule.timeline import Columns

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "float32": "float",
    "bool": "uint8_t",
}

#: Element types as kernels take them: a uint8 or bool as the int8 of the same bits.
KERNEL_TYPES = C_TYPES | {"uint8": "int8_t", "bool": "int8_t"}

#: Element types in the names of C functions.
SHORT_NAMES = {"int8": "s8", "uint8": "s8", "int16": "s16", "int32": "s32", "float32": "f32"}


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
    #: First column per strip of the inputs that hold other columns than the output.
    origins: tuple[tuple[str, tuple[int, ...]], ...]
    calls: tuple[CallView, ...]
    #: What one call has written, and how many bytes, for the hooks.
    out: str
    out_bytes: str


def scratch_symbol(op: int) -> str:
    return f"op{op}_scratch"


def state_symbol(op: int) -> str:
    return f"op{op}_state"


def shape_text(t: TensorType) -> str:
    return "[" + ", ".join(map(str, t.shape)) + "]"


@dataclass(frozen=True)
class Places:
    """Addresses in the arena as C expressions. symbol_of: identifiers of tensors, each an enumerator of its offset."""

    plan: Plan
    symbol_of: Mapping[str, str]

    def whole(self, tensor: str) -> str:
        """The first element, as a kernel takes it."""
        return self._at(KERNEL_TYPES[self.plan.graph.type(tensor).dtype], tensor)

    def port(self, tensor: str) -> str:
        """The first element, in the C type of the model's interface."""
        return self._at(C_TYPES[self.plan.graph.type(tensor).dtype], tensor)

    def _at(self, ctype: str, tensor: str) -> str:
        return f"AT({ctype}, {self.symbol_of[tensor]})"

    def row(self, tensor: str, column: str = "") -> str:
        """Row y, as an expression in y; column: of the slot, "" for the first."""
        buffer, view = self.plan.buffers[tensor], self.plan.rows[tensor]
        size = DTYPES[self.plan.graph.type(tensor).dtype].itemsize
        text = self.whole(tensor) + _ring_offset(buffer, view, buffer.pitch // size)
        return f"{text} + {_times(column, view.column_bytes // size)}" if column else text

    def row_bytes(self, tensor: str) -> str:
        """Row y as bytes."""
        buffer = self.plan.buffers[tensor]
        text = f"(uint8_t *){self.whole(tensor)}"
        return text + _ring_offset(buffer, self.plan.rows[tensor], buffer.pitch)


def _ring_offset(buffer: Buffer, view: RowView, pitch: int) -> str:
    """What to add to an address for row y: nothing where there is one slot."""
    if buffer.ring == 1:
        return ""
    return f" + {_times('y' if buffer.ring >= view.count else f'(y % {buffer.ring})', pitch)}"


def _times(expression: str, factor: int) -> str:
    return expression if factor == 1 else f"{expression} * {factor}"


@dataclass(frozen=True)
class _Op:
    """What the functions below know of one op.

    by_row: its C function computes row y of the output or, of an input taken row by row, takes row y; else everything.
    """

    places: Places
    index: int
    symbol_of: Mapping[str, str]
    by_row: bool

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
    part = tensor in o.plan.columns and not o.plan.buffers[tensor].columns
    return o.places.row(tensor, o.begin if part else "")


def _read_at(o: _Op, tensor: str) -> str:
    """Where a kernel that walks units reads row y of an input; in a strip, from the first column it makes on."""
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
    text = f"{symbol} + {_times('y', row)}" if view.count > 1 else symbol
    return f"{text} + {_times(o.begin, row // view.columns)}" if o.columns else text


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
    if not o.columns:
        return ((0, o.plan.rows[o.op.outputs[0]].columns, 0),) if window else ()
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
    return OpView(
        index=index,
        function=f"op{index}_{op.kind}",
        comment=f"{title}: {shapes} -> {shape_text(out)}",
        structs=tuple(structs),
        by_row=by_row,
        uses_row=any(re.search(r"\by\b", text) for call in calls for text in (call.prepare, *call.args)),
        in_strips=bool(o.columns),
        rows=rows,
        window=f"const {KERNEL_TYPES[graph.type(o.window[0]).dtype]} *rows[{o.window[1].count}]"
        if o.window
        else "",
        spans=_spans(o),
        origins=_origins(o),
        calls=tuple(calls),
        out=where,
        out_bytes=size,
    )


def _result(o: _Op) -> tuple[int, str, str]:
    """How many rows the op's function is called for, where it puts its first output, and how many bytes of it."""
    name = o.op.outputs[0]
    view, size = o.plan.rows[name], o.plan.graph.type(name).bytes
    taken = [o.op.inputs[i] for i, a in o.plan.lowerings[o.index].operands if isinstance(a, RowByRow)]
    if taken:
        rows = o.plan.rows[taken[0]].count
        return rows, o.places.whole(name), f"y == {rows - 1} ? {size} : 0"
    if not o.by_row:
        return view.count, o.places.whole(name), str(size)
    span = f"op{o.index}_spans[s]"
    made = _times(f"({span}.end - {span}.begin)", view.column_bytes) if o.columns else str(view.row_bytes)
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
            prepare = _window(o, o.op.inputs[source], access)
            span = f"&op{o.index}_spans[{'s' if o.columns else 0}]"
            args += ["rows", span, *(["y"] if access.numbered else [])]
        elif isinstance(access, RowByRow) and isinstance(source, int):
            args += [o.places.row(o.op.inputs[source]), "y"]
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


def _units(o: _Op, count: int) -> str:
    """How many units a call computes, of `count` in the whole tensor."""
    if not o.by_row:
        return str(count)
    view = o.plan.rows[o.op.outputs[0]]
    row = count // view.count
    span = f"op{o.index}_spans[s]"
    return _times(f"({span}.end - {span}.begin)", row // view.columns) if o.columns else str(row)


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
    text = _times("y", window.stride)
    return text if not window.top else f"{text} {'-' if window.top > 0 else '+'} {abs(window.top)}"
