"""Two report.json side by side: what a change of model, board or option cost or saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import clean, count, plain_table, plural, short_name

#: What is compared: a label, and the keys that lead to it.
NUMBERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("RAM total", ("ram", "total")),
    ("  arena", ("ram", "arena")),
    ("  static", ("ram", "static")),
    ("  stack", ("ram", "stack")),
    ("  lower bound", ("ram", "lower_bound")),
    ("flash total", ("flash", "total")),
    ("  weights", ("flash", "weights")),
    ("  code", ("flash", "code")),
    ("MACs", ("model", "macs")),
    ("MACs executed", ("schedule", "macs_executed")),
    ("reads per row", ("input", "reads_per_row_max")),
)
#: Of each layer: a label and its key.
OF_LAYERS = (("MACs", "macs"), ("weights", "weights_bytes"), ("live RAM", "live_ram"))

Layer = Mapping[str, Any]


def lookup(report: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """Return a number somewhere in a report; None where it is missing."""
    value: Any = report
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, int) else None


def compare_view(a: dict[str, Any], b: dict[str, Any]) -> RenderableType:
    """Show every number of both with its change, then the layers that changed, came or went."""
    table = plain_table("", _name(a), _name(b), "change", "")
    for label, keys in NUMBERS:
        left, right = lookup(a, keys), lookup(b, keys)
        if left is not None or right is not None:
            table.add_row(label, count(left), count(right), *_change(left, right))
    return Group(table, Text(""), *_layers_view(pair_layers(a["layers"], b["layers"])))


def pair_layers(a: Sequence[Layer], b: Sequence[Layer]) -> list[tuple[Layer | None, Layer | None]]:
    """Return layers of the same name, in the order of `b`, then those that only `a` has.

    Of several with one name, the first belongs to the first, and so on.
    """
    waiting: dict[str, list[Layer]] = {}
    for layer in a:
        waiting.setdefault(str(layer.get("name")), []).append(layer)
    pairs: list[tuple[Layer | None, Layer | None]] = []
    for layer in b:
        same = waiting.get(str(layer.get("name")))
        pairs.append((same.pop(0) if same else None, layer))
    return pairs + [(layer, None) for left in waiting.values() for layer in left]


def _layers_view(pairs: Sequence[tuple[Layer | None, Layer | None]]) -> list[RenderableType]:
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    if pairs and not both:
        return [Text("no layer in common", style="dim")]
    changed = [(a, b) for a, b in pairs if a is None or b is None or _differs(a, b)]
    if not changed:
        return [Text(f"{plural(len(both), 'layer')}, all the same", style="dim")]
    table = plain_table("layer", "op", "kernel", *(label for label, _ in OF_LAYERS), left=3, elastic=(0, 2))
    for left, right in changed:
        layer = right or left or {}
        table.add_row(
            Text(clean(short_name(str(layer.get("name"))))),
            Text(clean(str(layer.get("op", "-")))),
            _kernel(left, right),
            *(_step(left, right, key) for _, key in OF_LAYERS),
        )
    same = len(pairs) - len(changed)
    return [table, *([Text(f"{plural(same, 'layer')} the same", style="dim")] if same else [])]


def _differs(a: Layer, b: Layer) -> bool:
    return any(a.get(key) != b.get(key) for key in ("kernel", *(key for _, key in OF_LAYERS)))


def _kernel(a: Layer | None, b: Layer | None) -> Text:
    if b is None:
        return Text("gone", style="green")
    if a is None:
        return Text(f"new: {b.get('kernel', '-')}", style="red")
    before, after = str(a.get("kernel", "-")), str(b.get("kernel", "-"))
    return Text(after if before == after else f"{before} -> {after}")


def _step(a: Layer | None, b: Layer | None, key: str) -> Text:
    """Return "12 -> 8"; one number where it stayed."""
    left, right = lookup(a or {}, (key,)), lookup(b or {}, (key,))
    if a is None or b is None or left == right:
        return Text(
            count(right if a is None else left), style="dim" if a is not None and b is not None else ""
        )
    grew = left is not None and right is not None and right > left
    return Text(f"{count(left)} -> {count(right)}", style="red" if grew else "green")


def _name(report: dict[str, Any]) -> Text:
    return Text(clean(f"{report['model'].get('file', '?')}, {report['board']}"))


def _change(left: int | None, right: int | None) -> tuple[str, Text]:
    if left is None or right is None:
        return "-", Text("")
    share = f"{(right - left) / left:+.1%}".replace("%", " %") if left and right != left else ""
    return f"{right - left:+,}" if right != left else "=", Text(
        share, style="red" if right > left else "green"
    )
