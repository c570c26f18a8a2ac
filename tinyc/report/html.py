"""report.html: one file that shows what a model costs and where its memory goes. Loads nothing, holds no date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyc.render import render
from tinyc.report.memory import MemoryMap
from tinyc.report.memory_chart import (
    memory_chart,
    op_name,
    tenant_holds,
    tenant_styles,
    tenant_title,
)
from tinyc.report.pareto_chart import pareto_chart
from tinyc.report.text import clean, count, per_cent, plural, shape, short_name, size

_NEARLY_FULL = 0.9
#: Who writes what no op writes.
_OTHERS = {"input": "the caller", "scratch": "kernels"}


@dataclass(frozen=True)
class Part:
    """A piece of a bar. share: per cent of the bar."""

    name: str
    bytes: str
    share: float


@dataclass(frozen=True)
class Budget:
    """RAM or flash. parts: of the whole; bound: per cent of the whole, None where none is known; notes: below the bar;

    level: "ok", "near", "over", or "open" where nothing limits; filled: per cent of the limit.
    """

    label: str
    total: str
    parts: tuple[Part, ...]
    bound: float | None
    notes: tuple[str, ...]
    level: str
    filled: float
    limit: str


@dataclass(frozen=True)
class Cell:
    """text: as shown; value: what the column sorts by; share: length of its bar in per cent; hint: more of it."""

    text: str
    value: float | str
    share: float | None = None
    hint: str = ""


@dataclass(frozen=True)
class Row:
    """style: of the tensor's colour; tenant: its number on the map, -1 where it is not there."""

    style: str
    tenant: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """left: how many columns are texts; the others are numbers."""

    caption: str
    columns: tuple[str, ...]
    left: int
    rows: tuple[Row, ...]
    totals: tuple[str, ...]


def report_page(
    report: dict[str, Any],
    memory: MemoryMap,
    ram_limit: int | None,
    flash_limit: int | None,
    made_by: str,
) -> str:
    """The page. report: report.json; limits: bytes the board has, None where it does not limit them."""
    stages = [(stage["kind"], len(stage["ops"]), stage["peak"]) for stage in report["schedule"]["stages"]]
    return render(
        "report/report.html.j2",
        title=clean(report["model"]["file"]),
        subtitle=_subtitle(report),
        command=clean(report["command"], 1000),
        made_by=made_by,
        warnings=_warnings(report),
        facts=_facts(report),
        budgets=(_ram(report["ram"], ram_limit), _flash(report["flash"], flash_limit)),
        chart=memory_chart(memory, stages),
        pareto=pareto_chart(report),
        layers=_layer_table(report, memory),
        buffers=_buffer_table(memory),
    )


def _subtitle(report: dict[str, Any]) -> str:
    mode = {"resident": "input in the arena", "rows": "input row by row"}[report["input"]["mode"]]
    return f"for {clean(report['board'])}, {mode}, arithmetic of {report['reference']}"


def _warnings(report: dict[str, Any]) -> tuple[str, ...]:
    again = report["input"]["reads_per_row_max"]
    if again <= 1 or report["input"]["mode"] != "rows":
        return ()
    return (f"Input rows are asked for up to {again} times. A camera cannot repeat a row.",)


def _facts(report: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    """(label, value, more) of the numbers at the top."""
    model, schedule, ram = report["model"], report["schedule"], report["ram"]
    executed, ratio = schedule["macs_executed"], schedule["recompute_ratio"]
    again = "nothing is computed twice" if ratio <= 1 else f"{ratio:.2f} times what the layers need"
    kinds = ", ".join(dict.fromkeys(stage["kind"] for stage in schedule["stages"]))
    used = ram["arena"] if ram["total"] is None else ram["total"]
    return (
        ("RAM", count(used), _gap(used, ram["lower_bound"])),
        ("Flash", count(report["flash"]["total"]), f"{count(model['parameters'])} parameters"),
        ("MACs executed", count(executed), f"{again}; the model file has {count(model['macs'])}"),
        ("Stages", str(len(schedule["stages"])), f"{kinds}; {plural(len(report['layers']), 'layer')}"),
    )


def _gap(used: int, bound: int) -> str:
    if used <= bound:
        return "lower bound reached: this schedule cannot take less"
    return f"{plural(used - bound, 'byte')} ({per_cent((used - bound) / bound)}) above the lower bound"


def _ram(ram: dict[str, Any], board: int | None) -> Budget:
    used = ram["arena"] + ram["static"] if ram["total"] is None else ram["total"]
    bound = ram["lower_bound"]
    unknown = " The stack is not counted on the host." if ram["total"] is None else ""
    return _budget(
        "RAM",
        used,
        _parts(ram, ("arena", "static", "stack")),
        round(min(bound / used, 1) * 100, 2) if used else None,
        (f"Lower bound {count(bound)}.{unknown}",),
        ram["budget"],
        board,
    )


def _flash(flash: dict[str, Any], board: int | None) -> Budget:
    parts = _parts(flash, ("weights", "code"))
    rest = (flash["total"] or 0) - (flash["weights"] or 0) - (flash["code"] or 0)
    notes = (f"{plural(rest, 'byte')} more are initial values of data.",) if rest > 0 else ()
    return _budget("Flash", flash["total"], parts, None, notes, flash["budget"], board)


def _parts(memory: dict[str, Any], names: Sequence[str]) -> list[tuple[str, int]]:
    return [(name, memory[name]) for name in names if memory.get(name)]


def _budget(
    label: str,
    used: int | None,
    parts: Sequence[tuple[str, int]],
    bound: float | None,
    notes: tuple[str, ...],
    budget: int | None,
    board: int | None,
) -> Budget:
    limit, what = (board, "the board") if budget is None else (budget, "the budget")
    share = None if limit is None or used is None else used / limit
    whole = sum(number for _, number in parts) or 1
    level = "open" if share is None else "over" if share > 1 else "near" if share > _NEARLY_FULL else "ok"
    told = "no limit" if share is None else f"{per_cent(share)} of {what}: {size(limit)}"
    return Budget(
        label,
        count(used),
        tuple(Part(name, count(number), round(number / whole * 100, 2)) for name, number in parts),
        bound,
        notes,
        level,
        0 if share is None else round(min(share, 1) * 100, 2),
        f"over by {plural((used or 0) - (limit or 0), 'byte')}; {told}" if level == "over" else told,
    )


def _layer_table(report: dict[str, Any], memory: MemoryMap) -> Table:
    """report.json's layers, with instructions where they were counted."""
    layers = report["layers"]
    counted = any(layer.get("instructions") for layer in layers)
    stage_of = {op: i for i, s in enumerate(report["schedule"]["stages"], start=1) for op in s["ops"]}
    styles = tenant_styles(memory)
    tenants = {
        memory.ops[t.op].index: i
        for i, t in enumerate(memory.tenants)
        if t.kind in ("tensor", "output") and t.op is not None
    }
    macs = max((layer["macs"] for layer in layers), default=0) or 1
    weights = max((layer["weights_bytes"] for layer in layers), default=0) or 1
    rows = []
    for layer in layers:
        tenant = tenants.get(layer["index"], -1)
        stage = stage_of.get(layer["index"], 0)
        cells = [
            Cell(str(layer["index"]), layer["index"]),
            Cell(
                clean(short_name(layer["name"])), clean(short_name(layer["name"])), None, clean(layer["name"])
            ),
            Cell(clean(layer["op"]), clean(layer["op"])),
            Cell(layer["kernel"], layer["kernel"], None, clean(layer.get("why", ""))),
            Cell(str(stage or "-"), stage),
            Cell(shape(layer["output_shape"]), _elements(layer["output_shape"])),
            Cell(count(layer["macs"]), layer["macs"], round(layer["macs"] / macs * 100, 1)),
            Cell(
                count(layer["weights_bytes"]),
                layer["weights_bytes"],
                round(layer["weights_bytes"] / weights * 100, 1),
            ),
            Cell(count(layer["live_ram"]), layer["live_ram"]),
        ]
        if counted:
            cells.append(Cell(count(layer.get("instructions")), layer.get("instructions") or 0))
        rows.append(Row(styles[tenant] if tenant >= 0 else "", tenant, tuple(cells)))
    totals = (
        count(sum(layer["macs"] for layer in layers)),
        count(sum(layer["weights_bytes"] for layer in layers)),
        count(max((layer["live_ram"] for layer in layers), default=0)),
    )
    instructions = (count(sum(layer.get("instructions") or 0 for layer in layers)),) if counted else ()
    return Table(
        "Layers of the optimised network, in the order of the graph. Live RAM is that of the layer's stage.",
        (
            "#", "layer", "op", "kernel", "stage", "output", "MACs", "weights", "live RAM",
            *(("instructions",) if counted else ()),
        ),
        4,
        tuple(rows),
        ("", "", "", "", "", "", *totals, *instructions),
    )  # fmt: skip


def _elements(dims: Sequence[int]) -> int:
    product = 1
    for dim in dims:
        product *= dim
    return product


def _buffer_table(memory: MemoryMap) -> Table:
    """The memory map in words: where each buffer lies, and from which step to which."""
    lives: dict[int, tuple[int, int]] = {}
    for span in memory.spans:
        start, stop = lives.get(span.tenant, (span.start, span.stop))
        lives[span.tenant] = min(start, span.start), max(stop, span.stop)
    rows = []
    for number, (tenant, style) in enumerate(zip(memory.tenants, tenant_styles(memory), strict=True)):
        start, stop = lives[number]
        writer = op_name(memory, tenant.op) if tenant.op is not None else _OTHERS[tenant.kind]
        cells = (
            Cell(tenant_title(tenant), tenant_title(tenant), None, clean(tenant.name)),
            Cell(writer, -1 if tenant.op is None else tenant.op),
            Cell(tenant_holds(tenant), tenant.slots / tenant.rows),
            Cell(shape(tenant.shape if tenant.is_tensor else None) or "scalar", _elements(tenant.shape)),
            Cell(count(tenant.offset), tenant.offset),
            Cell(
                count(tenant.bytes), tenant.bytes, round(min(tenant.bytes / max(memory.arena, 1), 1) * 100, 1)
            ),
            Cell(count(start), start),
            Cell(count(stop), stop),
        )
        rows.append(Row(style, number, cells))
    return Table(
        "Buffers in the arena. A step is one firing of an op; each holds data in steps [from, to).",
        ("tensor", "written by", "held", "shape", "offset", "bytes", "from", "to"),
        3,
        tuple(rows),
        (),
    )
