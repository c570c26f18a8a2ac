"""The choices of float32 layers that no other beats in both SQNR and cost, as a picture and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinyc.report.html_tables import Cell, Row, Table
from tinyc.report.pareto_chart import BOTTOM, LEFT, RIGHT, TOP, Mark, round_values, span
from tinyc.report.search_view import COLUMNS, HEAD, chosen_layers, search_summary, shown, values
from tinyc.report.sensitivity_view import in_db

#: Decibels by which an answer without noise is drawn above the others.
_EXACT = 10.0


@dataclass(frozen=True)
class Dot:
    """A candidate in the picture."""

    x: float
    y: float
    told: str
    chosen: bool
    #: its text goes to the left of it
    end: bool


@dataclass(frozen=True)
class Chart:
    """Candidates as points, and what stands beside them."""

    title: str
    lead: str
    x_axis: str
    dots: tuple[Dot, ...]
    #: the lines between the points
    path: str
    x_ticks: tuple[Mark, ...]
    y_ticks: tuple[Mark, ...]
    table: Table


def search_chart(found: dict[str, Any]) -> Chart:
    """Return the picture of the part "search" of the JSON."""
    rows = shown(found)
    known = [one["sqnr_db"] for one in rows if one["sqnr_db"] is not None]
    exact = max(known, default=0.0) + _EXACT
    left, right = span([one["cost"] for one in rows])
    bottom, top = span([exact if one["sqnr_db"] is None else one["sqnr_db"] for one in rows])

    def x(value: float) -> float:
        return round(LEFT + (value - left) / (right - left) * (RIGHT - LEFT), 1)

    def y(value: float | None) -> float:
        real = exact if value is None else value
        return round(BOTTOM - (real - bottom) / (top - bottom) * (BOTTOM - TOP), 1)

    dots = tuple(
        Dot(
            x(one["cost"]),
            y(one["sqnr_db"]),
            f"{len(one['float32'])} layers in float32, {in_db(one['sqnr_db'])}, {one['cost']:.3f} times all-int8",
            one == found["chosen"],
            x(one["cost"]) > (LEFT + RIGHT) / 2,
        )
        for one in rows
    )
    front = [(x(one["cost"]), y(one["sqnr_db"])) for one in found["pareto"]]
    path = f"M{front[0][0]} {front[0][1]}" + "".join(f"H{a}V{b}" for a, b in front[1:])
    told = f"{search_summary(found)}; {chosen_layers(found)}"
    return Chart(
        "SQNR against cost",
        f"{told}. Each point is one that no other beats in both, or all-int8.",
        "cost, times all-int8",
        dots,
        path,
        tuple(Mark(x(v), f"{v:.2f}\N{MULTIPLICATION SIGN}") for v in round_values(left, right)),
        tuple(Mark(y(v), f"{v:.0f} dB") for v in round_values(bottom, top)),
        Table("choices", "Choices", HEAD, COLUMNS, 0, tuple(_row(one) for one in rows)),
    )


def _row(one: dict[str, Any]) -> Row:
    sqnr = 999.0 if one["sqnr_db"] is None else one["sqnr_db"]
    order = (len(one["float32"]), sqnr, one["accuracy"] or 0, one["ram"], one["flash"], one["instructions"])
    return Row(tuple(map(Cell, values(one), (*order, one["cost"]))))
