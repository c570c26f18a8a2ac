"""Two report.json side by side: what a change of model, board or option cost or saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import count, plain_table, short_name

#: What is compared: a label, and the keys that lead to it.
NUMBERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("RAM total", ("ram", "total")),
    ("  arena", ("ram", "arena")),
    ("  static", ("ram", "static")),
    ("  stack", ("ram", "stack")),
    ("flash total", ("flash", "total")),
    ("  weights", ("flash", "weights")),
    ("  code", ("flash", "code")),
    ("MACs", ("model", "macs")),
    ("MACs executed", ("schedule", "macs_executed")),
)


def lookup(report: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """A number somewhere in a report; None where it is missing."""
    value: Any = report
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, int) else None


def compare_view(a: dict[str, Any], b: dict[str, Any]) -> RenderableType:
    """Every number of both with its change, then the layers whose kernel changed."""
    table = plain_table("", _name(a), _name(b), "change", "")
    for label, keys in NUMBERS:
        left, right = lookup(a, keys), lookup(b, keys)
        if left is not None or right is not None:
            table.add_row(label, count(left), count(right), *_change(left, right))
    kernels = kernel_changes(a, b)
    return Group(table, *([Text(""), *(Text(line) for line in kernels)] if kernels else []))


def _name(report: dict[str, Any]) -> Text:
    return Text(f"{report['model']['file']}, {report['board']}")


def _change(left: int | None, right: int | None) -> tuple[str, Text]:
    if left is None or right is None:
        return "-", Text("")
    share = f"{(right - left) / left:+.1%}".replace("%", " %") if left and right != left else ""
    return f"{right - left:+,}" if right != left else "=", Text(
        share, style="red" if right > left else "green"
    )


def kernel_changes(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    """One line per layer that both have, by name, and that another kernel now computes."""
    before = {layer["name"]: layer for layer in a["layers"]}
    return [
        f"{short_name(layer['name'])}: {before[layer['name']]['kernel']} -> {layer['kernel']}"
        for layer in b["layers"]
        if layer["name"] in before and before[layer["name"]]["kernel"] != layer["kernel"]
    ]
