"""What each layer of a quantized network loses, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import clean, per_cent, plain_table, plural, short_name


def sensitivity_view(result: dict[str, Any]) -> RenderableType:
    """Show the JSON that `tinyc quantize --sensitivity` makes."""
    return Group(Text(summary(result)), "", layers_table(result), "", *map(Text, advice_lines(result)))


def summary(result: dict[str, Any]) -> str:
    """Return what the whole network loses."""
    samples = plural(result["samples"], "sample")
    told = f"int8 against float32 on {samples}: SQNR of the answers {in_db(result['sqnr_db'])}"
    accuracy = result["accuracy"]
    if accuracy is None:
        return told
    return f"{told}, accuracy {accuracy['float32'] * 100:.2f} % in float32, {accuracy['int8'] * 100:.2f} % in int8"


def layers_table(result: dict[str, Any]) -> RenderableType:
    """Return a row for each layer that loses anything: its activation in the int8 network, and what it does alone."""
    has_accuracy = result["accuracy"] is not None
    more = ("accuracy by weights", "by activation") if has_accuracy else ()
    columns = ("layer", "op", "SQNR", "cosine", "share of error", "by weights", "by activation", *more)
    table = plain_table(*columns, left=2, elastic=(0,))
    for layer in result["layers"]:
        effects = layer["weights"], layer["activation"]
        if not any(effects):
            continue
        changes = [points(effect) for effect in effects] if has_accuracy else []
        table.add_row(
            Text(clean(short_name(layer["name"]))),
            layer["kind"],
            in_db(layer["sqnr_db"]),
            f"{layer['cosine']:.5f}",
            per_cent(layer["share"]),
            *(in_db(effect["sqnr_db"]) if effect else "-" for effect in effects),
            *changes,
        )
    return table


def advice_lines(result: dict[str, Any]) -> list[str]:
    """Return a sentence for each layer that costs most, and what helps it."""
    lines = []
    for one in result["advice"]:
        name = clean(short_name(one["layer"]))
        lines.append(f"{name}: {per_cent(one['share'])} of the error, mostly by its {one['mostly']}.")
        for way in one["helps"]:
            gain = "" if way["gain_db"] is None else f": {way['gain_db']:+.1f} dB"
            lines.append(f"  {way['what']}{gain}")
        if not one["helps"]:
            lines.append("  nothing that was tried helps by itself")
    return lines


def in_db(value: float | None) -> str:
    """Return "31.4 dB"; "exact" where there is no noise."""
    return "exact" if value is None else f"{value:.1f} dB"


def points(effect: dict[str, Any] | None) -> str:
    """Return the change of accuracy in points, "-" where there is none to tell."""
    if effect is None or effect["accuracy_change"] is None:
        return "-"
    change = effect["accuracy_change"] * 100
    return "0" if not change else f"{change:+.2f}"
