"""report.html: one file that shows what a model costs and where its memory goes. Loads nothing, holds no date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tinyc.render import render
from tinyc.report.html_tables import Fact, buffer_table, code_table, interface_table, layer_table
from tinyc.report.memory import MemoryMap
from tinyc.report.memory_chart import memory_chart
from tinyc.report.pareto_chart import pareto_chart
from tinyc.report.text import clean, count, per_cent, per_mac, plural, removed_macs, size

_NEARLY_FULL = 0.9


@dataclass(frozen=True)
class Part:
    """A piece of a bar."""

    name: str
    bytes: str
    #: per cent of the bar
    share: float


@dataclass(frozen=True)
class Budget:
    """RAM or flash."""

    label: str
    total: str
    #: of the whole
    parts: tuple[Part, ...]
    #: per cent of the whole, None where none is known
    bound: float | None
    #: below the bar
    notes: tuple[str, ...]
    #: "ok", "near", "over", or "open" where nothing limits
    level: str
    #: per cent of the limit
    filled: float
    limit: str


def report_page(
    report: dict[str, Any],
    memory: MemoryMap | None,
    ram_limit: int | None,
    flash_limit: int | None,
    made_by: str,
    run: dict[str, Any] | None = None,
) -> str:
    """Return the page. report: report.json; memory: None where the plan is not known, and no map is drawn.

    limits: bytes the board has, None where it does not limit them; run: the JSON of `tinyc run`, where it ran.
    """
    stages = [(stage["kind"], len(stage["ops"]), stage["peak"]) for stage in report["schedule"]["stages"]]
    layers = (run and run["layers"]) or report["layers"]
    tables = (
        interface_table(report),
        layer_table(report, layers, memory),
        code_table(report),
        buffer_table(memory) if memory else None,
    )
    return render(
        "report/report.html.j2",
        title=clean(report["model"]["file"]),
        what="memory report" if run is None else "run",
        subtitle=_subtitle(report),
        command=clean(report["command"], 1000),
        made_by=made_by,
        warnings=_warnings(report),
        facts=[*_facts(report), *(_run_facts(report, run) if run else ())],
        budgets=(_ram(report["ram"], ram_limit), _flash(report["flash"], flash_limit)),
        chart=memory_chart(memory, stages) if memory else None,
        pareto=pareto_chart(report),
        tables=[table for table in tables if table],
    )


def _subtitle(report: dict[str, Any]) -> str:
    mode = {"resident": "input in the arena", "rows": "input row by row"}[report["input"]["mode"]]
    return f"for {clean(report['board'])}, {mode}, arithmetic of {report['reference']}"


def _warnings(report: dict[str, Any]) -> tuple[str, ...]:
    again = report["input"]["reads_per_row_max"]
    if again <= 1 or report["input"]["mode"] != "rows":
        return ()
    return (f"Input rows are asked for up to {again} times. A camera cannot repeat a row.",)


def _facts(report: dict[str, Any]) -> list[Fact]:
    """Return the numbers at the top."""
    model, schedule, ram = report["model"], report["schedule"], report["ram"]
    executed, ratio = schedule["macs_executed"], schedule["recompute_ratio"]
    again = "nothing is computed twice" if ratio <= 1 else f"{ratio:.2f} times what the layers need"
    stages = schedule["stages"]
    kinds = ", ".join(dict.fromkeys(stage["kind"] for stage in stages))
    used = ram["arena"] if ram["total"] is None else ram["total"]
    removed = removed_macs(report)
    file = f"; {removed}" if removed else f"; the model file has {count(model['macs'])}"
    layers = plural(len(report["layers"]), "layer")
    return [
        Fact("RAM", count(used), "bytes", _gap(used, ram["lower_bound"])),
        Fact("Flash", count(report["flash"]["total"]), "bytes", f"{count(model['parameters'])} parameters"),
        Fact("MACs executed per inference", count(executed), "", f"{again}{file}"),
        Fact("Schedule", str(len(stages)), "stage" if len(stages) == 1 else "stages", f"{kinds}; {layers}"),
    ]


def _run_facts(report: dict[str, Any], run: dict[str, Any]) -> list[Fact]:
    """Return what a run found out."""
    where = run["emulator"] if run["emulator"] != "host" else "this computer"
    told = f"{plural(run['samples'], 'sample')} in {where}, judge {run['judge']}"
    of = plural(run["elements"], "element")
    facts = [
        Fact("Outputs", "bit-exact", "", f"all {of} equal; {told}")
        if run["bit_exact"]
        else Fact("Outputs", count(run["mismatches"]), "differ", f"of {of}; {told}")
    ]
    spent, cycles, measured = run["instructions"], run.get("estimated_cycles"), run["ram"]["measured"]
    if spent is not None:
        facts.append(Fact("Instructions per inference", count(spent), "", per_mac(spent, report)))
    if cycles is not None:
        model = f"{per_mac(cycles, report)}; cost model of {clean(run['cycle_model'])}"
        facts.append(Fact("Estimated cycles per inference", count(cycles), "", model))
    if measured is not None:
        stack = f"stack {count(run['ram']['stack_high_water'])} of it"
        facts.append(Fact("RAM measured", count(measured), "bytes", stack))
    return facts


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
