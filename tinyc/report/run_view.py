"""The result of `tinyc run` as people read it: who judged, whether every byte agrees, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import count, per_mac, plain_table, plural, short_name

_SHOWN = 8


class Mismatch(Protocol):
    """An output element that differs from the judge's."""

    @property
    def sample(self) -> int: ...
    @property
    def output(self) -> int: ...
    @property
    def index(self) -> tuple[int, ...]: ...
    @property
    def expected(self) -> object: ...
    @property
    def got(self) -> object: ...


class LayerCheck(Protocol):
    """An intermediate tensor against the reference's; `first` is (index, expected, got) of what differs first."""

    @property
    def index(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def elements(self) -> int: ...
    @property
    def differing(self) -> int: ...
    @property
    def first(self) -> tuple[tuple[int, ...], object, object] | None: ...


def run_view(
    result: dict[str, Any],
    report: dict[str, Any],
    mismatches: Sequence[Mismatch] = (),
    layers: Sequence[LayerCheck] = (),
) -> RenderableType:
    """Show a run. result: of `run --json`; report: report.json of the firmware that ran."""
    notes = [Text(note, style="dim") for note in result["input_notes"]]
    lines: list[RenderableType] = [_title(result, report), *notes, verdict(result)]
    if mismatches:
        lines.append(mismatch_table(mismatches))
    lines += [Text(line) for line in cost_lines(result, report)]
    if layers:
        lines += ["", layers_view(layers)]
    if result.get("layers"):
        lines += ["", profile_table(result)]
    return Group(*lines)


def _title(result: dict[str, Any], report: dict[str, Any]) -> Text:
    samples = plural(result["samples"], "sample")
    where = result["board"] if result["emulator"] == "host" else f"{result['board']} in {result['emulator']}"
    if result["emulated"] != result["board"]:
        where += f", which emulates {result['emulated']}"
    title = Text(report["model"]["file"], style="bold")
    return title.append(f" on {where}: {samples}, judge {result['judge']}", style="")


def verdict(result: dict[str, Any]) -> Text:
    """Return "bit-exact", or how many elements are not."""
    elements = plural(result["elements"], "output element")
    if result["bit_exact"]:
        equal = Text("bit-exact", style="bold green").append(f": all {elements} equal", style="")
        return equal.append(_error(result), style="")
    line = Text("not bit-exact", style="bold red")
    return line.append(f": {result['mismatches']:,} of {elements} differ{_error(result)}", style="")


def _error(result: dict[str, Any]) -> str:
    """Return what float32 firmware is equal to, and how far that lies from the judge."""
    if result.get("largest_error") is None:
        return ""
    if not result["largest_error"]:
        return f" to {result['judge']}'s"
    return (
        f" to the same C on this computer, which lies {result['largest_error']:.2g} of the largest output from "
        f"{result['judge']} (bound {result['error_bound']:.2g})"
    )


def mismatch_table(mismatches: Sequence[Mismatch]) -> RenderableType:
    """Return the first elements that differ."""
    table = plain_table("sample", "output", "index", "expected", "got", left=3)
    for m in mismatches[:_SHOWN]:
        table.add_row(str(m.sample), f"out{m.output}", _position(m.index), str(m.expected), str(m.got))
    return table


def _position(index: tuple[int, ...]) -> Text:
    return Text(f"[{', '.join(str(i) for i in index)}]")


def layers_view(layers: Sequence[LayerCheck]) -> RenderableType:
    """Return every intermediate tensor equal, or the first operator of the model file whose output is not."""
    elements = sum(layer.elements for layer in layers)
    wrong = [layer for layer in layers if layer.differing]
    compared = f"{plural(len(layers), 'layer')}, {plural(elements, 'element')}"
    if not wrong:
        return Text("every layer equal", style="bold green").append(f": {compared}", style="")
    first = wrong[0]
    told = Text("first layer that differs", style="bold red")
    told.append(f": operator {first.index}, {first.kind} '{short_name(first.name)}'", style="")
    if first.first is not None:
        index, expected, got = first.first
        told.append(f", at {_position(index)}: expected {expected}, got {got}", style="")
    table = plain_table("operator", "kind", "name", "elements", "differ", left=3, elastic=(2,))
    for layer in wrong[:_SHOWN]:
        name = Text(short_name(layer.name))
        table.add_row(str(layer.index), layer.kind, name, count(layer.elements), count(layer.differing))
    return Group(told, f"{len(wrong)} of {compared} differ", table)


def cost_lines(result: dict[str, Any], report: dict[str, Any]) -> list[str]:
    """Return instructions, RAM and flash, where they were measured."""
    lines = []
    if result["instructions"] is not None:
        rate = _rate(result["instructions"], report)
        lines.append(f"instructions  {count(result['instructions'])} per inference{rate}")
    if result.get("estimated_cycles") is not None:
        rate = _rate(result["estimated_cycles"], report)
        lines.append(
            f"cycles        estimated {count(result['estimated_cycles'])}{rate} "
            f"(cost model of {result['cycle_model']}, docs/cycles.md)"
        )
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


def _rate(spent: float, report: dict[str, Any]) -> str:
    told = per_mac(spent, report)
    return f", {told}" if told else ""


def profile_table(result: dict[str, Any]) -> RenderableType:
    """Return instructions of each layer of one inference, and cycles where they were estimated."""
    estimated = any("estimated_cycles" in layer for layer in result["layers"])
    cycles = ("est. cycles",) if estimated else ()
    columns = ("#", "layer", "op", "kernel", "MACs", "instructions", "share", "per MAC", *cycles)
    table = plain_table(*columns, left=4, elastic=(1, 2, 3))
    total = sum(layer["instructions"] or 0 for layer in result["layers"]) or 1
    for index, layer in enumerate(result["layers"]):
        spent, macs = layer["instructions"], layer.get("macs")
        table.add_row(
            str(index),
            Text(short_name(layer["name"])),
            layer.get("op", ""),
            layer.get("kernel", ""),
            count(macs),
            count(spent),
            "" if spent is None else f"{spent / total:.1%}",
            f"{spent / macs:.2f}" if spent is not None and macs else "-",
            *([count(layer["estimated_cycles"])] if estimated else []),
        )
    return table
