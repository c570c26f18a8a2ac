"""A plan as the plain values that the model templates print: no graph, no arithmetic left for a template."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.codegen.c_text import array_body, initializer, plain
from tinyc.ir import Graph, Port, TensorType
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref
from tinyc.schedule import Plan

C_TYPES = {"int8": "int8_t", "uint8": "uint8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


@dataclass(frozen=True)
class ArrayView:
    """A constant array in flash. body: its elements, laid out in lines."""

    symbol: str
    ctype: str
    length: int
    body: str


@dataclass(frozen=True)
class StructView:
    symbol: str
    ctype: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class WindowView:
    """The loop around a WINDOW kernel. first: C expression, in y, of the first input row."""

    out_rows: int
    count: int
    source: str
    first: str
    step: int
    height: int
    pitch: int
    ring: int
    out_pitch: int
    out_ring: int
    span: str
    out_w: int


@dataclass(frozen=True)
class CallView:
    """head: arguments before the output; tail: arguments after it. window: None for RUN and WHOLE."""

    symbol: str
    head: tuple[str, ...]
    output: str
    tail: tuple[str, ...]
    window: WindowView | None


@dataclass(frozen=True)
class OpView:
    """index: position among the graph's ops, the number of its hook; comment: what it is, for the reader."""

    index: int
    comment: str
    structs: tuple[StructView, ...]
    calls: tuple[CallView, ...]
    output: str
    output_bytes: int


@dataclass(frozen=True)
class PortView:
    """One input or output of the C API. suffix: "" for the first, then "_1", ..."""

    suffix: str
    ctype: str
    offset: int
    bytes: int
    elements: int
    shape: str
    scale: str
    zero_point: int | None
    comment: str


@dataclass(frozen=True)
class ModelView:
    """Everything the model templates need."""

    name: str
    macro: str
    arena_bytes: int
    arena_align: int
    inputs: tuple[PortView, ...]
    outputs: tuple[PortView, ...]
    ops: tuple[OpView, ...]
    arrays: tuple[ArrayView, ...]
    headers: tuple[str, ...]
    sources: tuple[str, ...]
    rows: int
    row_bytes: int
    reads_per_row_max: int


def model_view(plan: Plan, name: str) -> ModelView:
    graph = plan.graph
    ops: list[OpView] = []
    arrays: list[ArrayView] = []
    for index, low in enumerate(plan.lowerings):
        if low.is_view:
            continue
        symbol_of = {c.name: f"{name}_op{index}_{c.name}" for c in low.constants}
        arrays += [
            ArrayView(symbol_of[c.name], c.ctype, c.data.size, array_body(c.data)) for c in low.constants
        ]
        ops.append(_op_view(plan, index, low, symbol_of))
    calls = [call for low in plan.lowerings for call in low.calls]
    first = graph.type(graph.inputs[0].tensor)
    return ModelView(
        name=name,
        macro=name.upper(),
        arena_bytes=plan.arena,
        arena_align=8,
        inputs=tuple(_port_view(plan, p, i) for i, p in enumerate(graph.inputs)),
        outputs=tuple(_port_view(plan, p, i) for i, p in enumerate(graph.outputs)),
        ops=tuple(ops),
        arrays=tuple(arrays),
        headers=tuple(sorted({f"tinyc/{call.folder}.h" for call in calls})),
        sources=tuple(sorted({f"{call.folder}/{call.symbol}.c" for call in calls})),
        rows=first.hwc[0],
        row_bytes=first.row_bytes,
        reads_per_row_max=1,
    )


def _port_view(plan: Plan, port: Port, index: int) -> PortView:
    t = plan.graph.type(port.tensor)
    folded = port.type.dtype != t.dtype
    return PortView(
        suffix=f"_{index}" if index else "",
        ctype=C_TYPES[t.dtype],
        offset=plan.buffers[port.tensor].offset,
        bytes=t.bytes,
        elements=t.elements,
        shape=_shape(t),
        scale="" if t.quant is None else f"{float(t.quant.scale).hex()}f",
        zero_point=None if t.quant is None else t.quant.zero_point,
        comment=f"{port.name}: {t}" + (f"; {port.type.dtype} in the model file" if folded else ""),
    )


def _shape(t: TensorType) -> str:
    return "[" + ", ".join(map(str, t.shape)) + "]"


def _op_view(plan: Plan, index: int, low: Lowering, symbol_of: dict[str, str]) -> OpView:
    graph, op = plan.graph, plan.graph.ops[index]
    structs, calls = [], []
    for n, call in enumerate(low.calls):
        names = tuple(f"op{index}_params{n or ''}{'_' * m}" for m in range(len(call.structs)))
        structs += [
            StructView(symbol, s.ctype, tuple(f".{key} = {initializer(v, symbol_of)}" for key, v in s.fields))
            for symbol, s in zip(names, call.structs, strict=True)
        ]
        calls.append(_call_view(plan, index, call, names, symbol_of))
    out = graph.type(op.outputs[0])
    shapes = " x ".join(_shape(graph.type(i)) for i in graph.activations(op))
    return OpView(
        index=index,
        comment=f"op {op.origin.index} {op.origin.kind} '{plain(op.origin.name)}': {shapes} -> {_shape(out)}",
        structs=tuple(structs),
        calls=tuple(calls),
        output=_at(plan, op.outputs[0]),
        output_bytes=out.bytes,
    )


def _at(plan: Plan, tensor: str) -> str:
    ctype = C_TYPES[plan.graph.type(tensor).dtype]
    return f"AT({ctype}, {plan.buffers[tensor].offset})"


def _call_view(
    plan: Plan, index: int, call: Call, structs: tuple[str, ...], symbol_of: dict[str, str]
) -> CallView:
    graph: Graph = plan.graph
    op = graph.ops[index]
    out = graph.type(op.outputs[0])
    window = None
    head = [f"&{s}" for s in structs]
    if call.form is Form.WINDOW:
        assert call.rows is not None and isinstance(call.inputs[0], Operand)
        source = op.inputs[call.inputs[0].index]
        height, width, _ = out.hwc
        first = f"{symbol_of['first']}[y]" if call.rows.table else f"y * {call.rows.stride} - {call.rows.top}"
        buffer, target = plan.buffers[source], plan.buffers[op.outputs[0]]
        window = WindowView(
            height, call.rows.count, _at(plan, source), first, call.rows.step, graph.type(source).hwc[0],
            buffer.pitch, buffer.ring, target.pitch, target.ring, f"op{index}_span", width,
        )  # fmt: skip
        head += ["rows", f"&op{index}_span"]
    else:
        head += [
            symbol_of[i.constant] if isinstance(i, Ref) else _at(plan, op.inputs[i.index])
            for i in call.inputs
        ]
    head += ["NULL" if c is None else symbol_of[c.constant] for c in call.constants]
    tail = [str(call.units)] if call.form is Form.RUN else []
    tail += [f"AT(uint8_t, {plan.scratch[index]})"] if call.scratch else []
    return CallView(call.symbol, tuple(head), _at(plan, op.outputs[0]), tuple(tail), window)
