"""The tiles and tables of pages: interface, layers, code and buffers, as cells that the page only lays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from tinyc.report.memory import MemoryMap
from tinyc.report.memory_chart import op_name, tenant_holds, tenant_styles, tenant_title
from tinyc.report.text import clean, count, shape, short_name, weight_bits, zero_weights

#: Who writes what no op writes.
_OTHERS = {"input": "the caller", "scratch": "kernels"}


@dataclass(frozen=True)
class Fact:
    """A tile at the top of a page."""

    label: str
    value: str
    unit: str
    #: a line below
    more: str
    #: "better" or "worse" where it is a change
    mood: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table."""

    #: as shown
    text: str
    #: what the column sorts by
    value: float | str
    #: length of its bar in per cent
    share: float | None = None
    #: more of it
    hint: str = ""
    #: "better" or "worse" where it is a change
    mood: str = ""


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    cells: tuple[Cell, ...]
    #: of the tensor's colour
    style: str = ""
    #: its number on the map, -1 where it is not there
    tenant: int = -1


@dataclass(frozen=True)
class Table:
    """A table on a card of its own."""

    #: of the HTML element
    id: str
    title: str
    caption: str
    columns: tuple[str, ...]
    #: how many columns are texts; the others are numbers
    left: int
    rows: tuple[Row, ...]
    totals: tuple[str, ...] = ()
    #: whether rows have the colour of their tensor
    swatches: bool = False


def text_cell(text: str, hint: str = "") -> Cell:
    """Return a name from a file, as shown and as sorted by."""
    return Cell(clean(text), clean(text), None, clean(hint))


def number_cell(value: float | None, largest: float | None = None) -> Cell:
    """Return a count; with `largest`, a bar that is full for it."""
    share = None if largest is None or value is None else round(value / (largest or 1) * 100, 1)
    return Cell(count(value), value or 0, share)


def interface_table(report: Mapping[str, Any]) -> Table:
    """Return inputs and outputs: what the C functions take and give, and what it means."""
    rows = []
    for key, what in (("inputs", "input"), ("outputs", "output")):
        for number, one in enumerate(report["interface"][key]):
            scale, zero = one["scale"], one["zero_point"]
            cells = (
                Cell(f"{what} {number}", f"{what} {number:03}"),
                text_cell(one["name"]),
                text_cell(one["dtype"]),
                text_cell(one["model_dtype"]),
                Cell(shape(one["shape"]), prod(one["shape"])),
                Cell("-" if scale is None else f"{scale:.9g}", scale or 0),
                Cell("-" if zero is None else str(zero), zero or 0),
            )
            rows.append(Row(cells))
    return Table(
        "interface",
        "Inputs and outputs",
        "As the C functions take and give them: real value = scale * (integer - zero point).",
        ("", "name", "in C", "in the model", "shape", "scale", "zero point"),
        4,
        tuple(rows),
    )


def layer_table(report: Mapping[str, Any], layers: Sequence[Any], memory: MemoryMap | None) -> Table:
    """Return report.json's layers. layers: the same with instructions and cycles, where a run counted them."""
    stage_of = {op: i for i, s in enumerate(report["schedule"]["stages"], start=1) for op in s["ops"]}
    styles, tenants = _tenants(memory)
    keys = [key for key in ("instructions", "estimated_cycles") if any(layer.get(key) for layer in layers)]
    counted = "instructions" in keys
    bars = ("macs", "weights_bytes", *keys)
    largest = {key: max((layer.get(key) or 0 for layer in layers), default=0) for key in bars}
    rows = []
    for layer in layers:
        tenant, stage = tenants.get(layer["index"], -1), stage_of.get(layer["index"], 0)
        spent, macs = layer.get("instructions"), layer["macs"]
        per_mac = spent / macs if spent is not None and macs else None
        cells = (
            Cell(str(layer["index"]), layer["index"]),
            text_cell(short_name(layer["name"]), layer["name"]),
            text_cell(layer["op"]),
            text_cell(layer["kernel"], layer.get("why", "")),
            Cell(str(stage or "-"), stage),
            Cell(shape(layer["output_shape"]), prod(layer["output_shape"])),
            *(number_cell(layer[key], largest[key]) for key in ("macs", "weights_bytes")),
            Cell(weight_bits(layer), layer.get("weight_bits", 0)),
            Cell(zero_weights(layer), layer.get("zero_weights") or 0),
            number_cell(layer["live_ram"]),
            *(number_cell(layer.get(key), largest[key]) for key in keys),
            *([Cell("-" if per_mac is None else f"{per_mac:.2f}", per_mac or 0)] if counted else []),
        )
        rows.append(Row(cells, styles[tenant] if tenant >= 0 else "", tenant))
    totals = [sum(layer.get(key) or 0 for layer in layers) for key in bars]
    live = max((layer["live_ram"] for layer in layers), default=0)
    return Table(
        "layers",
        "Layers",
        "Layers of the optimised network, in the order of the graph. Bits are those of a weight in flash, zeros the "
        "share of weights that are 0. Live RAM is that of the layer's stage.",
        (
            "#", "layer", "op", "kernel", "stage", "output", "MACs", "weights", "bits", "zeros", "live RAM",
            *({"instructions": "instructions", "estimated_cycles": "est. cycles"}[key] for key in keys),
            *(("per MAC",) if counted else ()),
        ),
        4,
        tuple(rows),
        (*[""] * 6, *map(count, totals[:2]), "", "", count(live), *map(count, totals[2:]), *([""] if counted else [])),
        memory is not None,
    )  # fmt: skip


def _tenants(memory: MemoryMap | None) -> tuple[Sequence[str], dict[int, int]]:
    """Return the colours of the buffers, and by operator index the buffer of its output."""
    if memory is None:
        return (), {}
    found = {
        memory.ops[t.op].index: i
        for i, t in enumerate(memory.tenants)
        if t.kind in ("tensor", "output") and t.op is not None
    }
    return tenant_styles(memory), found


def code_table(report: Mapping[str, Any]) -> Table | None:
    """Return code bytes of each kernel and of the rest; None where report.json does not tell them."""
    kernels, code = report.get("kernels"), report["flash"]["code"]
    if not kernels or code is None:
        return None
    largest = max(*kernels.values(), code - sum(kernels.values()))
    users: dict[str, list[str]] = {}
    for layer in report["layers"]:
        for symbol in layer["kernel"].split(" + "):
            users.setdefault(symbol, []).append(str(layer["index"]))
    rows = [
        Row((text_cell(name), text_cell(", ".join(users.get(name, ())) or "-"), number_cell(size, largest)))
        for name, size in sorted(kernels.items(), key=lambda item: -item[1])
    ]
    rest = code - sum(kernels.values())
    rows.append(
        Row(
            (
                text_cell("the network's functions, tables, C library"),
                text_cell("-"),
                number_cell(rest, largest),
            )
        )
    )
    return Table(
        "code",
        "Code",
        "Bytes of each kernel, however many layers call it; those without a layer are called by other kernels.",
        ("function", "layers", "bytes"),
        2,
        tuple(rows),
        ("", "", count(code)),
    )


def buffer_table(memory: MemoryMap) -> Table:
    """Return the memory map in words: where each buffer lies, and from which step to which."""
    lives: dict[int, tuple[int, int]] = {}
    for span in memory.spans:
        start, stop = lives.get(span.tenant, (span.start, span.stop))
        lives[span.tenant] = min(start, span.start), max(stop, span.stop)
    rows = []
    for number, (tenant, style) in enumerate(zip(memory.tenants, tenant_styles(memory), strict=True)):
        start, stop = lives[number]
        writer = op_name(memory, tenant.op) if tenant.op is not None else _OTHERS[tenant.kind]
        cells = (
            text_cell(tenant_title(tenant), tenant.name),
            Cell(writer, -1 if tenant.op is None else tenant.op),
            Cell(tenant_holds(tenant), tenant.slots / tenant.rows),
            Cell(shape(tenant.shape if tenant.is_tensor else None) or "scalar", prod(tenant.shape)),
            number_cell(tenant.offset),
            number_cell(min(tenant.bytes, memory.arena), memory.arena),
            number_cell(start),
            number_cell(stop),
        )
        rows.append(Row(cells, style, number))
    return Table(
        "buffers",
        "Buffers",
        "Buffers in the arena. A step is one firing of an op; each holds data in steps [from, to).",
        ("tensor", "written by", "held", "shape", "offset", "bytes", "from", "to"),
        3,
        tuple(rows),
        (),
        True,
    )
