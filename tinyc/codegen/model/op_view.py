"""One op as the C function that the model template prints: parameter structs, calls, and addresses in the arena."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.codegen.c_text import initializer
from tinyc.ir import DTYPES, TensorType
from tinyc.kernels.base import Call, Form, Operand, Ref
from tinyc.plain import plain
from tinyc.schedule import Plan
from tinyc.schedule.tasks import row_form

C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


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
    """One op as a C function. index: position among the graph's ops, the number of its hook; comment: what it is;

    by_row: the function computes row y of `rows`, else everything; in_strips: of row y only the columns of strip s;
    window: rows that a call points at, 0 for none; spans: (begin, end, origin) of a WINDOW kernel's output row, or of
    each strip; origins: first columns that inputs of a RUN kernel hold per strip; out, out_bytes: what one call has
    written, for the hooks.
    """

    index: int
    comment: str
    structs: tuple[StructView, ...]
    by_row: bool
    in_strips: bool
    rows: int
    window: int
    spans: tuple[tuple[int, int, int], ...]
    origins: tuple[tuple[str, tuple[int, ...]], ...]
    calls: tuple[CallView, ...]
    out: str
    out_bytes: str


def shape_text(t: TensorType) -> str:
    return "[" + ", ".join(map(str, t.shape)) + "]"


def address(plan: Plan, tensor: str) -> str:
    ctype = C_TYPES[plan.graph.type(tensor).dtype]
    return f"AT({ctype}, {plan.buffers[tensor].offset})"


def _element_bytes(plan: Plan, tensor: str) -> int:
    return DTYPES[plan.graph.type(tensor).dtype].itemsize


def _row_at(plan: Plan, tensor: str, column: str = "") -> str:
    """Address in row y of a tensor, as an expression in y; column: of the slot, "" for the first."""
    buffer = plan.buffers[tensor]
    height, _, channels = plan.graph.type(tensor).hwc
    text = address(plan, tensor)
    if height > 1:
        row = "y" if buffer.ring >= height else f"y % {buffer.ring}"
        text += f" + ({row}) * {buffer.pitch // _element_bytes(plan, tensor)}"
    return f"{text} + {column} * {channels}" if column else text


def _made_at(plan: Plan, index: int) -> str:
    """Where row y of the op's output goes; in a strip, the first column that the strip makes."""
    tensor = plan.graph.ops[index].outputs[0]
    part = tensor in plan.columns and not plan.buffers[tensor].columns
    return _row_at(plan, tensor, f"op{index}_spans[s].begin" if part else "")


def _read_at(plan: Plan, index: int, tensor: str) -> str:
    """Where a RUN kernel reads row y of an input; in a strip, from the first column that the strip makes on."""
    if plan.graph.ops[index].outputs[0] not in plan.columns:
        return _row_at(plan, tensor)
    begin = f"op{index}_spans[s].begin"
    held = plan.buffers[tensor].columns
    if not held:
        return _row_at(plan, tensor, begin)
    if held == plan.columns[plan.graph.ops[index].outputs[0]]:
        return _row_at(plan, tensor)
    return _row_at(plan, tensor, f"({begin} - op{index}_{_origin_name(plan, index, tensor)}[s])")


def _constant_at(plan: Plan, index: int, symbol: str, ref: Ref) -> str:
    """Where a RUN kernel reads row y of a constant that has the rows of its output."""
    output = plan.graph.ops[index].outputs[0]
    height, width, _ = plan.graph.type(output).hwc
    (constant,) = (c for c in plan.lowerings[index].constants if c.name == ref.constant)
    row = constant.data.size // height
    text = f"{symbol} + y * {row}" if height > 1 else symbol
    return f"{text} + op{index}_spans[s].begin * {row // width}" if output in plan.columns else text


def _origin_name(plan: Plan, index: int, tensor: str) -> str:
    return f"origin{plan.graph.ops[index].inputs.index(tensor)}"


def _origins(plan: Plan, index: int, form: Form | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """(name, first column per strip) of the inputs of a RUN kernel that hold other columns than its output."""
    op = plan.graph.ops[index]
    columns = plan.columns.get(op.outputs[0])
    if columns is None or form is not Form.RUN:
        return ()
    return tuple(
        (_origin_name(plan, index, n), tuple(a for a, _ in plan.buffers[n].columns))
        for n in dict.fromkeys(plan.graph.activations(op))
        if plan.buffers[n].columns and plan.buffers[n].columns != columns
    )


def _spans(plan: Plan, index: int, form: Form | None) -> tuple[tuple[int, int, int], ...]:
    """(begin, end, origin of a WINDOW kernel's input rows) per strip; one for one that runs over whole rows."""
    op = plan.graph.ops[index]
    columns = plan.columns.get(op.outputs[0])
    if columns is None:
        width = plan.graph.type(op.outputs[0]).hwc[1]
        return ((0, width, 0),) if form is Form.WINDOW else ()
    held = plan.buffers[op.inputs[0]].columns if form is Form.WINDOW else ()
    origins = [a for a, _ in held] if held else [0] * len(columns)
    return tuple((a, b, o) for (a, b), o in zip(columns, origins, strict=True))


def op_view(plan: Plan, index: int, symbol_of: dict[str, str], *, whole: bool) -> OpView:
    graph, low = plan.graph, plan.lowerings[index]
    op = graph.ops[index]
    form = None if whole else row_form(graph, index, low)
    spans = _spans(plan, index, form)
    in_strips = op.outputs[0] in plan.columns
    structs, calls = [], []
    for n, call in enumerate(low.calls):
        names = tuple(f"op{index}_params{n or ''}{'_' * m}" for m in range(len(call.structs)))
        structs += [
            StructView(symbol, s.ctype, tuple(f".{key} = {initializer(v, symbol_of)}" for key, v in s.fields))
            for symbol, s in zip(names, call.structs, strict=True)
        ]
        calls.append(_call_view(plan, index, call, names, symbol_of, form))
    out = graph.type(op.outputs[0])
    shapes = " x ".join(shape_text(graph.type(i)) for i in graph.activations(op))
    where, size = address(plan, op.outputs[0]), str(out.bytes)
    rows = out.hwc[0]
    if form in (Form.WINDOW, Form.RUN):
        span = f"op{index}_spans[s]"
        where = _made_at(plan, index)
        size = f"({span}.end - {span}.begin) * {out.hwc[2]}" if in_strips else str(out.row_bytes)
    elif form is Form.REDUCE:
        rows = graph.type(op.inputs[0]).hwc[0]
        size = f"y == {rows - 1} ? {out.bytes} : 0"
    window = low.calls[0].rows
    title = f"op {op.origin.index} {plain(op.origin.kind)} '{plain(op.origin.name)}'"
    return OpView(
        index=index,
        comment=f"{title}: {shapes} -> {shape_text(out)}",
        structs=tuple(structs),
        by_row=form is not None,
        in_strips=in_strips,
        rows=rows,
        window=window.count if window else 0,
        spans=spans,
        origins=_origins(plan, index, form),
        calls=tuple(calls),
        out=where,
        out_bytes=size,
    )


def _call_view(
    plan: Plan, index: int, call: Call, structs: tuple[str, ...], symbol_of: dict[str, str], form: Form | None
) -> CallView:
    """form: how the op's function runs the call, row y of it or, where None, all of it."""
    op = plan.graph.ops[index]
    height, width, _ = plan.graph.type(op.outputs[0]).hwc
    span = f"op{index}_spans[s]" if op.outputs[0] in plan.columns else ""
    prepare = ""
    args = [f"&{s}" for s in structs]
    sources: list[str] = []
    output = address(plan, op.outputs[0])
    units = str(call.units)
    if form is Form.WINDOW:
        assert isinstance(call.inputs[0], Operand)
        prepare = _window(plan, op.inputs[call.inputs[0].index], call, symbol_of)
        args += ["rows", f"&op{index}_spans[{'s' if span else 0}]", *(["y"] if call.takes_row else [])]
        output = _made_at(plan, index)
    elif form is Form.REDUCE:
        args += [_row_at(plan, op.inputs[0]), "y"]
    elif form is Form.RUN:
        sources = [
            _whole_at(plan, index, i, symbol_of)
            if position in call.repeated
            else _constant_at(plan, index, symbol_of[i.constant], i)
            if isinstance(i, Ref)
            else _read_at(plan, index, op.inputs[i.index])
            for position, i in enumerate(call.inputs)
        ]
        output = _made_at(plan, index)
        per_row = call.units // height
        units = f"({span}.end - {span}.begin) * {per_row // width}" if span else str(per_row)
    else:
        sources = [_whole_at(plan, index, i, symbol_of) for i in call.inputs]
    loop = ""
    if call.per_unit:
        step = f" + i * {call.per_unit}"
        sources = [s if position in call.repeated else s + step for position, s in enumerate(sources)]
        output, loop, units = output + step, units, str(call.per_unit)
    args += sources
    args += ["NULL" if c is None else symbol_of[c.constant] for c in call.constants]
    args += [output]
    args += [units] if call.form is Form.RUN else []
    args += [f"AT(void, {plan.scratch[index]})"] if call.scratch else []
    args += [f"AT(void, {plan.state[index]})"] if call.state else []
    return CallView(call.symbol, prepare, tuple(args), loop)


def _whole_at(plan: Plan, index: int, source: Operand | Ref, symbol_of: dict[str, str]) -> str:
    """The whole of an input."""
    if isinstance(source, Ref):
        return symbol_of[source.constant]
    return address(plan, plan.graph.ops[index].inputs[source.index])


def _window(plan: Plan, source: str, call: Call, symbol_of: dict[str, str]) -> str:
    """The statement that points `rows` at the input rows of output row y."""
    rows = call.rows
    assert rows is not None
    buffer = plan.buffers[source]
    first = f"{symbol_of['first']}[y]" if rows.table else f"y * {rows.stride} - {rows.top}"
    numbers = (rows.step, plan.graph.type(source).hwc[0], buffer.pitch, buffer.ring)
    return f"tc_window(rows, {rows.count}, {address(plan, source)}, {first}, {', '.join(map(str, numbers))});"
