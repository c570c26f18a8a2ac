"""The result of `tinyc run` as people read it: who judged, whether every byte agrees, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import count, plain_table, plural

_SHOWN = 8

#: sample, output, index, expected, got
Mismatch = tuple[int, int, tuple[int, ...], object, object]


def run_view(
    result: dict[str, Any], report: dict[str, Any], mismatches: Sequence[Mismatch] = (), profile: bool = False
) -> RenderableType:
    """A run. result: of `run --json`; report: report.json of the firmware that ran."""
    lines: list[RenderableType] = [_title(result, report), verdict(result)]
    if mismatches:
        lines += [mismatch_table(mismatches)]
    lines += [Text(line) for line in cost_lines(result, report)]
    if profile and result.get("layers"):
        lines += ["", profile_table(result)]
    return Group(*lines)


def _title(result: dict[str, Any], report: dict[str, Any]) -> Text:
    samples = plural(result["samples"], "sample")
    where = result["board"] if result["emulator"] == "host" else f"{result['board']} in {result['emulator']}"
    title = Text(report["model"]["file"], style="bold")
    return title.append(f" on {where}: {samples}, judge {result['judge']}", style="")


def verdict(result: dict[str, Any]) -> Text:
    """bit-exact, or how many elements are not."""
    elements = plural(result["elements"], "output element")
    if result["bit_exact"]:
        return Text("bit-exact", style="bold green").append(f": all {elements} equal", style="")
    line = Text("not bit-exact", style="bold red")
    return line.append(f": {result['mismatches']:,} of {elements} differ", style="")


def mismatch_table(mismatches: Sequence[Mismatch]) -> RenderableType:
    """The first elements that differ."""
    table = plain_table("sample", "output", "index", "expected", "got", left=3)
    for sample, output, index, expected, got in mismatches[:_SHOWN]:
        position = f"[{', '.join(str(i) for i in index)}]"
        table.add_row(str(sample), f"out{output}", Text(position), str(expected), str(got))
    return table


def cost_lines(result: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """Instructions, RAM and flash, where they were measured."""
    lines = []
    if result["instructions"] is not None:
        each = result["instructions_per_mac"]
        rate = "" if each is None else f", {each:.2f} per MAC"
        lines.append(f"instructions  {count(result['instructions'])} per inference{rate}")
    measured = result["ram"]["measured"]
    ram, flash = report["ram"], report["flash"]
    if measured is not None:
        stack = result["ram"]["stack_high_water"]
        lines.append(
            f"RAM           {count(measured)} bytes measured: arena {count(ram['arena'])} + static "
            f"{count(ram['static'])} + stack {count(stack)}; {count(ram['total'])} guaranteed"
        )
    else:
        lines.append(f"RAM           arena {count(ram['arena'])} bytes")
    if flash["total"] is not None:
        lines.append(
            f"flash         {count(flash['total'])} bytes: weights {count(flash['weights'])} "
            f"+ code {count(flash['code'])}"
        )
    return lines


def profile_table(result: dict[str, Any]) -> RenderableType:
    """Instructions of each layer of one inference."""
    table = plain_table("#", "layer", "op", "kernel", "MACs", "instructions", "share", "per MAC", left=4)
    table.columns[1].max_width = 28
    table.columns[1].overflow = "ellipsis"
    total = sum(layer["instructions"] or 0 for layer in result["layers"]) or 1
    for index, layer in enumerate(result["layers"]):
        spent, macs = layer["instructions"], layer.get("macs")
        table.add_row(
            str(index),
            Text(layer["name"].split(";", maxsplit=1)[0]),
            layer.get("op", ""),
            layer.get("kernel", ""),
            count(macs),
            count(spent),
            "" if spent is None else f"{spent / total:.1%}",
            f"{spent / macs:.2f}" if spent is not None and macs else "-",
        )
    return table
