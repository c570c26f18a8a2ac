"""What more and more ternary layers lose against the flash that is left, as a picture and a table."""

from __future__ import annotations

from typing import Any

from tinyc.report.html_tables import Cell, Row, Table
from tinyc.report.pareto_chart import BOTTOM, LEFT, RIGHT, TOP, Mark, round_values, span
from tinyc.report.search_chart import Chart, Dot
from tinyc.report.ternary_view import COLUMNS, HEAD, ternary_layers, ternary_summary, values
from tinyc.report.text import plural

#: Decibels of answers without noise: more than any others have.
_EXACT = 100.0


def ternary_chart(found: dict[str, Any]) -> Chart:
    """Return the picture of the part "ternary" of the JSON: by accuracy where labels tell it, else by SQNR."""
    has_accuracy = found["chosen"]["accuracy"] is not None
    rows = found["curve"]

    def height(one: dict[str, Any]) -> float:
        if has_accuracy:
            return float(one["accuracy"] * 100)
        return _EXACT if one["sqnr_db"] is None else float(one["sqnr_db"])

    left, right = span([one["flash"] for one in rows])
    bottom, top = span([height(one) for one in rows])

    def x(flash: float) -> float:
        return round(LEFT + (flash - left) / (right - left) * (RIGHT - LEFT), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (value - bottom) / (top - bottom) * (BOTTOM - TOP), 1)

    dots = tuple(
        Dot(
            x(one["flash"]),
            y(height(one)),
            f"{plural(len(one['ternary']), 'ternary layer')}: {', '.join(values(one)[1:])} bytes of flash",
            one == found["chosen"],
            x(one["flash"]) > (LEFT + RIGHT) / 2,
        )
        for one in rows
    )
    path = "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots)
    unit = "%" if has_accuracy else "dB"
    return Chart(
        f"{'Accuracy' if has_accuracy else 'SQNR'} against flash",
        f"{ternary_summary(found)}; {ternary_layers(found)}. {HEAD}",
        "bytes of flash, estimated",
        dots,
        path,
        tuple(Mark(x(v), f"{v:,.0f}") for v in round_values(left, right)),
        tuple(Mark(y(v), f"{v:.0f} {unit}") for v in round_values(bottom, top)),
        Table("ternary", "Ternary layers", HEAD, COLUMNS, 0, tuple(_row(one) for one in rows)),
    )


def _row(one: dict[str, Any]) -> Row:
    sqnr = _EXACT if one["sqnr_db"] is None else one["sqnr_db"]
    order = (len(one["ternary"]), sqnr, one["accuracy"] or 0, one["flash"])
    return Row(tuple(map(Cell, values(one), order)))
