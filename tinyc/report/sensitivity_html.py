"""What each layer of a quantized network loses, as a page: bars for weights and activations, a table, advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinyc.render import render
from tinyc.report.html_tables import Cell, Fact, Row, Table, text_cell
from tinyc.report.search_chart import Chart, search_chart
from tinyc.report.sensitivity_view import in_db, points, summary
from tinyc.report.ternary_chart import ternary_chart
from tinyc.report.text import clean, per_cent, short_name


@dataclass(frozen=True)
class Bar:
    """A layer's part of the error. weights, activation: widths in per cent of the longest bar."""

    name: str
    hint: str
    weights: float
    activation: float
    told: str


@dataclass(frozen=True)
class Advised:
    """A layer that costs much, and what helps."""

    name: str
    told: str
    ways: tuple[str, ...]


def sensitivity_page(result: dict[str, Any], made_by: str) -> str:
    """Return the page of the JSON that `tinyc quantize` makes."""
    return render(
        "report/sensitivity.html.j2",
        title=clean(result["model"]["file"]),
        what="sensitivity",
        subtitle=f"{summary(result)}; quantized with --effort {result['effort']}",
        made_by=made_by,
        facts=_facts(result),
        chart=_chart(result),
        bars=bars(result),
        advice=[_advised(one) for one in result["advice"]],
        tables=(_table(result),),
    )


def _chart(result: dict[str, Any]) -> Chart | None:
    """Return the picture of what chose layers, where something did."""
    if "search" in result:
        return search_chart(result["search"])
    return ternary_chart(result["ternary"]) if "ternary" in result else None


def bars(result: dict[str, Any]) -> list[Bar]:
    """Return a bar for each layer that costs anything, in the network's order."""
    layers = [layer for layer in result["layers"] if layer["share"] > 0]
    longest = max((layer["share"] for layer in layers), default=1.0)

    def width(effect: dict[str, Any] | None) -> float:
        return round(effect["share"] / longest * 100, 2) if effect else 0.0

    return [
        Bar(
            clean(short_name(layer["name"])),
            clean(layer["name"]),
            width(layer["weights"]),
            width(layer["activation"]),
            per_cent(layer["share"]),
        )
        for layer in layers
    ]


def _facts(result: dict[str, Any]) -> list[Fact]:
    sqnr = result["sqnr_db"]
    value, unit = ("exact", "") if sqnr is None else (f"{sqnr:.1f}", "dB")
    facts = [Fact("Answers against float32", value, unit, "signal to quantization noise")]
    accuracy = result["accuracy"]
    if accuracy is not None:
        more = f"{accuracy['float32'] * 100:.2f} % in float32, on the calibration data"
        facts.append(Fact("Accuracy in int8", f"{accuracy['int8'] * 100:.2f}", "%", more))
    if result["advice"]:
        first = result["advice"][0]
        more = f"{per_cent(first['share'])} of the error, mostly by its {first['mostly']}"
        facts.append(Fact("Costs most", clean(short_name(first["layer"])), "", more))
    return facts


def _advised(one: dict[str, Any]) -> Advised:
    gains = ("" if way["gain_db"] is None else f": {way['gain_db']:+.1f} dB" for way in one["helps"])
    ways = tuple(f"{way['what']}{gain}" for way, gain in zip(one["helps"], gains, strict=True))
    told = f"{per_cent(one['share'])} of the error, mostly by its {one['mostly']}"
    return Advised(clean(one["layer"]), told, ways or ("nothing that was tried helps by itself",))


def _table(result: dict[str, Any]) -> Table:
    rows = []
    for layer in result["layers"]:
        effects = layer["weights"], layer["activation"]
        cells = (
            text_cell(short_name(layer["name"]), layer["name"]),
            text_cell(layer["kind"]),
            text_cell(layer["type"]),
            _decibels(layer["sqnr_db"]),
            Cell(f"{layer['cosine']:.6f}", layer["cosine"]),
            Cell(per_cent(layer["share"]), layer["share"]),
            *(_decibels(effect["sqnr_db"]) if effect else Cell("-", 0) for effect in effects),
            *(Cell(points(effect), (effect or {}).get("accuracy_change") or 0) for effect in effects),
        )
        rows.append(Row(cells))
    columns = (
        "layer", "op", "type", "SQNR", "cosine", "share of error",
        "answers by weights", "by activation", "accuracy by weights", "by activation",
    )  # fmt: skip
    return Table(
        "layers",
        "Layers",
        "SQNR and cosine: of the layer's activation in the int8 network. Then what the answers lose if its weights, "
        "or its activation, are quantized and nothing else.",
        columns,
        3,
        tuple(rows),
    )


def _decibels(value: float | None) -> Cell:
    return Cell(in_db(value), 999.0 if value is None else value)
