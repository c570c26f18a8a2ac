"""The plans that no other beats in both RAM and MACs, as a picture and a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinyc.report.text import count

#: Units of the picture: the field of the points, from left to right and from top to bottom.
LEFT, RIGHT, TOP, BOTTOM = 64, 540, 20, 210


@dataclass(frozen=True)
class Point:
    """A plan."""

    #: in the picture, as is y
    x: float
    y: float
    ram: str
    macs: str
    ratio: str
    #: how often a row of the input is read, at most
    again: int
    chosen: bool
    #: its text goes to the left of it
    end: bool


@dataclass(frozen=True)
class Mark:
    """A line across the field at `at`, and its label."""

    at: float
    label: str


@dataclass(frozen=True)
class ParetoChart:
    """The plans as a picture."""

    #: by RAM
    points: tuple[Point, ...]
    #: the steps between them
    path: str
    x_ticks: tuple[Mark, ...]
    y_ticks: tuple[Mark, ...]
    #: None where it is not within the picture
    budget: Mark | None


def pareto_chart(report: dict[str, Any]) -> ParetoChart:
    """Return the Pareto set of a report.json; the chosen plan is marked, and added where it is not one of them."""
    ram, executed = report["ram"], report["schedule"]["macs_executed"]
    used = ram["arena"] if ram["total"] is None else ram["total"]
    plans = [
        (used if p["ram"] is None else p["ram"], p["macs"], p["reads_per_row_max"])
        for p in report["schedule"]["pareto"]
    ]
    chosen = (used, executed, report["input"]["reads_per_row_max"])
    if chosen[:2] not in [p[:2] for p in plans]:
        plans.append(chosen)
    plans.sort()
    low, high = span([p[0] for p in plans])
    least = min(p[1] for p in plans) or 1
    bottom, top = span([p[1] / least for p in plans])

    def x(value: float) -> float:
        return round(LEFT + (value - low) / (high - low) * (RIGHT - LEFT), 1)

    def y(value: float) -> float:
        return round(BOTTOM - (value - bottom) / (top - bottom) * (BOTTOM - TOP), 1)

    points = tuple(
        Point(
            x(size), y(macs / least), count(size), count(macs), f"{macs / least:.2f}", again,
            (size, macs) == chosen[:2], x(size) > (LEFT + RIGHT) / 2,
        )
        for size, macs, again in plans
    )  # fmt: skip
    path = f"M{points[0].x} {points[0].y}" + "".join(f"H{p.x}V{p.y}" for p in points[1:])
    budget = ram["budget"]
    return ParetoChart(
        points,
        path,
        tuple(Mark(x(v), count(v)) for v in round_values(low, high)),
        tuple(Mark(y(v), f"{v:.2f}") for v in round_values(bottom, top)),
        Mark(x(budget), count(budget)) if budget is not None and low <= budget <= high else None,
    )


def span(values: list[int] | list[float]) -> tuple[float, float]:
    """Return the range of an axis, with some air."""
    low, high = min(values), max(values)
    air = (high - low) * 0.12 or high * 0.05 or 1
    return low - air, high + air


def round_values(low: float, high: float) -> list[float]:
    """Return four to ten round values within the range."""
    step = 10.0 ** len(str(int(high)))
    while (high - low) / step < 4:
        step /= 2 if str(step).strip("0.").startswith(("1", "2")) else 2.5
    first = int(low // step) + 1
    return [n * step for n in range(first, int(high // step) + 1)]
