"""How numbers are written: thousands separated, shapes as 48x48x8, memory as a bar against its limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from tinyc.plain import printable

_BAR = 24  # characters
_ELASTIC = 36  # characters an elastic column takes at most
_NEARLY_FULL = 0.9


def count(value: float | None) -> str:
    """Return "12,345"; a dash where there is nothing to tell."""
    return "-" if value is None else f"{value:,.0f}"


def size(value: int | None) -> str:
    """Return bytes as on a board's box, 256 kB or 4 MB, where that is exact (k = 1024); else in full."""
    if value is None:
        return "-"
    for unit, bytes_ in (("MB", 1024 * 1024), ("kB", 1024)):
        if value and value % bytes_ == 0:
            return f"{value // bytes_:,} {unit}"
    return f"{value:,} bytes"


def shape(dims: Sequence[int] | None) -> str:
    """Return "1x48x48x8"."""
    return "-" if dims is None else "x".join(str(dim) for dim in dims)


def short_name(name: str) -> str:
    """Return what tells layers apart in the long names of converters: `model/a/conv;model/a/bias` is `a/conv`."""
    return "/".join(name.partition(";")[0].split("/")[-2:]) or "-"


def clean(text: str, longest: int = 200) -> str:
    """Return a name from a file as text that any page can show."""
    shown = printable(text)
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


def per_cent(share: float) -> str:
    """Return "7.3 %"; below a thousandth, "< 0.1 %"."""
    return "< 0.1 %" if 0 < share < 0.001 else f"{share * 100:.1f} %"


def plural(number: int, noun: str) -> str:
    """Return "1 sample", "2 samples"."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def removed_macs(report: Mapping[str, Any]) -> str:
    """Return why the layers have other MACs than the model file; "" where they have the same."""
    nominal, kept = report["model"]["macs"], sum(layer["macs"] for layer in report["layers"])
    if nominal == kept:
        return ""
    if kept < nominal:
        share = per_cent(1 - kept / nominal)
        return f"{share} of the file's {nominal:,} need no computing: channels that are constant or that nothing reads"
    return f"the model file counts {nominal:,}"


def per_mac(spent: float, report: Mapping[str, Any]) -> str:
    """Return "2.05 per MAC"; of the model file and of those executed, where these differ."""
    nominal, executed = report["model"]["macs"], report["schedule"]["macs_executed"]
    if not nominal or not executed:
        return ""
    of_file, of_executed = f"{spent / nominal:.2f}", f"{spent / executed:.2f}"
    if of_file == of_executed:
        return f"{of_file} per MAC"
    return f"{of_file} per MAC of the model file, {of_executed} per MAC executed"


def weight_bits(layer: Mapping[str, Any]) -> str:
    """Return the bits of flash of each weight of a layer of report.json; "-" for one without weights."""
    return "-" if layer.get("zero_weights") is None else f"{layer['weight_bits']:.3g}"


def zero_weights(layer: Mapping[str, Any]) -> str:
    """Return the share of a layer's weights that are 0; "-" for one without weights."""
    share = layer.get("zero_weights")
    return "-" if share is None else f"{100 * share:.0f} %"


def plain_table(*columns: str | Text, left: int = 1, elastic: tuple[int, ...] = ()) -> Table:
    """Return a table without frames; the first `left` columns are aligned left, the rest right.

    elastic: columns that give way where the terminal is narrow; the others are never cut.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, column in enumerate(columns):
        justify: JustifyMethod = "left" if index < left else "right"
        if index in elastic:
            table.add_column(column, justify=justify, overflow="ellipsis", max_width=_ELASTIC)
        else:
            table.add_column(column, justify=justify, no_wrap=True)
    return table


def budget_line(label: str, used: int | None, limit: int | None, what: str) -> Text:
    """Return "RAM    ███░░░  12,345 of 65,536 bytes, 18.8 % of what"; without a limit only the number."""
    line = Text(f"{label:<6}", style="bold")
    if used is None:
        return line.append("-", style="")
    if limit is None:
        return line.append(f"{used:,} bytes", style="")
    share = used / limit
    filled = min(_BAR, max(round(share * _BAR), 1 if used else 0))
    colour = "red" if share > 1 else "yellow" if share > _NEARLY_FULL else "green"
    line.append("█" * filled, style=colour).append("░" * (_BAR - filled), style="dim")
    return line.append(f"  {used:,} of {limit:,} bytes, {per_cent(share)} of {what}", style="")


def parts(values: dict[str, Any], names: Sequence[str]) -> str:
    """Return "arena 1,024 + static 12 + stack 300", leaving out what is not known."""
    known = [f"{name} {values[name]:,}" for name in names if values.get(name) is not None]
    return " + ".join(known)
