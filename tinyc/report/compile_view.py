"""A report.json as people read it: the layers, and memory against its limits."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import (
    budget_line,
    count,
    parts,
    plain_table,
    plural,
    removed_macs,
    shape,
    short_name,
    weight_bits,
    zero_weights,
)

_INDENT = " " * 6

#: Bits of a weight that need no column.
_BYTE = 8


def compile_view(
    report: dict[str, Any], ram_limit: int | None, flash_limit: int | None, layers: bool = True
) -> RenderableType:
    """Show the whole report. limits: bytes the board has; None where it does not limit them."""
    lines: list[RenderableType] = [_title(report), *_precision(report)]
    if layers:
        lines += ["", layer_table(report), *_mac_note(report), ""]
    return Group(*lines, *memory_lines(report, ram_limit, flash_limit), *_choices(report), *_warnings(report))


def _choices(report: dict[str, Any]) -> list[RenderableType]:
    """Return which kernels are not those of first choice, and for which options; nothing where none was given.

    What each saves and costs is in report.json and report.html, layer by layer.
    """
    choice = report.get("choice", {})
    if not choice.get("goal"):
        return []
    others = Counter((a["instead_of"], a["kernel"]) for a in report["layers"] if a.get("instead_of"))
    kernels = "other kernels than the first choice" if others else "all kernels are the first choice"
    return [
        Text(f"For {choice['goal']}: compiled with {choice['level']}, {kernels}"),
        *(
            Text(f"{_INDENT}{first} -> {taken}, {plural(number, 'layer')}", style="dim")
            for (first, taken), number in others.items()
        ),
    ]


def _warnings(report: dict[str, Any]) -> list[RenderableType]:
    """Return what a user must know before building on the result."""
    reads = report["input"]["reads_per_row_max"]
    if reads <= 1:
        return []
    warning = f"warning: input rows are read up to {reads} times; a camera cannot repeat a row"
    return [Text(warning, style="yellow")]


def _mac_note(report: dict[str, Any]) -> list[RenderableType]:
    """Return why the table's MACs are not the header's, where they are not."""
    removed = removed_macs(report)
    return [Text(f"MACs as executed: {removed}", style="dim")] if removed else []


def _title(report: dict[str, Any]) -> Text:
    model = report["model"]
    title = Text(f"{model['file']}", style="bold")
    facts = f"{count(model['macs'])} MACs, {count(model['parameters'])} parameters"
    if removed_macs(report):
        facts = f"{count(model['macs'])} MACs in the file, {count(model['parameters'])} parameters"
    return title.append(f" for {report['board']}: {facts}, reference {report['reference']}", style="")


def _precision(report: dict[str, Any]) -> list[RenderableType]:
    """Return what a float model is computed in, where it was not quantized."""
    if report["model"].get("precision") != "float32":
        return []
    return [Text("computes in float32: --quantize int8 --calibration DATA makes it int8", style="dim")]


def layer_table(report: dict[str, Any]) -> RenderableType:
    """Return one line per layer of the optimised network, in the order of execution.

    Layers of one stage are computed together, row by row: its RAM is told once, with the first of them. The bits of
    a weight and the share of weights that are 0 are shown where the weights of some layer are no bytes.
    """
    layers = report["layers"]
    packed = any(layer.get("weight_bits", _BYTE) != _BYTE for layer in layers)
    more = ("bits", "zeros") if packed else ()
    columns = ("#", "stage", "layer", "op", "output", "kernel", "MACs", "weights", *more, "live RAM")
    table = plain_table(*columns, left=6, elastic=(2, 3, 5))
    table.columns[0].justify = "right"
    stages = stage_names(report)
    before = None
    for layer in layers:
        stage = stages.get(layer["index"], "")
        table.add_row(
            str(layer["index"]),
            stage,
            Text(short_name(layer["name"])),
            layer["op"],
            shape(layer["output_shape"]),
            layer["kernel"],
            count(layer["macs"]),
            count(layer["weights_bytes"]),
            *((weight_bits(layer), zero_weights(layer)) if packed else ()),
            count(layer["live_ram"]) if stage != before or stage == "" else "",
        )
        before = stage
    table.columns[6].footer = count(sum(layer["macs"] for layer in layers))
    table.columns[7].footer = count(sum(layer["weights_bytes"] for layer in layers))
    table.columns[-1].footer = count(max((layer["live_ram"] for layer in layers), default=0))
    table.show_footer = True
    table.footer_style = "bold"
    return table


def stage_names(report: dict[str, Any]) -> dict[int, str]:
    """Return "2 stream" for the second stage's layers, by operator index; stages of one whole layer have no name."""
    named = [stage for stage in report["schedule"]["stages"] if stage["kind"] != "layer"]
    return {
        op: f"{number} {stage['kind']}" for number, stage in enumerate(named, start=1) for op in stage["ops"]
    }


def memory_lines(
    report: dict[str, Any], ram_limit: int | None, flash_limit: int | None
) -> list[RenderableType]:
    """Return RAM and flash, each with its parts and as a share of the budget, or else of the board."""
    ram, flash = report["ram"], report["flash"]
    return [
        _bar("RAM", ram, ram_limit),
        Text(f"{_INDENT}{parts(ram, ('arena', 'static', 'stack'))}; {_gap(ram)}", style="dim"),
        *_smaller(report),
        *_interrupted(report),
        _bar("Flash", flash, flash_limit),
        Text(f"{_INDENT}{parts(flash, ('weights', 'code'))}", style="dim"),
    ]


def _bar(label: str, memory: dict[str, Any], board: int | None) -> Text:
    budget = memory.get("budget")
    limit, what = (board, "the board") if budget is None else (budget, "the budget")
    return budget_line(label, memory["total"], limit, what)


def _interrupted(report: dict[str, Any]) -> list[RenderableType]:
    if not report["schedule"].get("search", {}).get("interrupted"):
        return []
    return [
        Text(f"{_INDENT}the search was interrupted: this is the best plan that it had found", style="yellow")
    ]


def _gap(ram: dict[str, Any]) -> str:
    """Return how far the placement is from the most bytes that live at once."""
    bound, used = ram["lower_bound"], ram["total"] if ram["total"] is not None else ram["arena"]
    return f"lower bound of this schedule {bound:,}" + ("" if used > bound else ", reached")


def _smaller(report: dict[str, Any]) -> list[RenderableType]:
    """Return what a RAM budget could get. Its figure is about right: the stack is that of the plan shown."""
    ram, plans = report["ram"], report["schedule"]["pareto"]
    used = ram["total"] if ram["total"] is not None else ram["arena"]
    least = min(plans, key=lambda plan: int(plan["ram"]), default=None)
    if least is None or least["ram"] >= used:
        return []
    most = min(int(plan["macs"]) for plan in plans)
    rate = "no extra" if least["macs"] <= most else f"{least['macs'] / most:.2f} times the"
    return [
        Text(f"{_INDENT}with --ram-budget as little as about {least['ram']:,}, for {rate} MACs", style="dim")
    ]
