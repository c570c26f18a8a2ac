"""What the report of a compilation says about memory."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from tinyc.report.compile_view import memory_lines


def lines(total: int, bound: int, *plans: tuple[int, int]) -> str:
    ram = {"total": total, "arena": total - 300, "static": 0, "stack": 300, "lower_bound": bound}
    report: dict[str, Any] = {
        "ram": ram,
        "flash": {"total": 900, "weights": 500, "code": 400},
        "schedule": {"pareto": [{"ram": size, "macs": macs} for size, macs in plans]},
    }
    return "\n".join(line.plain for line in memory_lines(report, 4096, 4096) if isinstance(line, Text))


def test_a_reached_bound_is_told() -> None:
    assert "stack 300; lower bound of this schedule 2,332, reached\n" in lines(2332, 2332, (2332, 100))
    assert "lower bound of this schedule 2,000\n" in lines(2332, 2000, (2332, 100))


def test_what_a_budget_could_get_is_told() -> None:
    assert "--ram-budget" not in lines(2332, 2332, (2332, 100))
    told = lines(2332, 2332, (2332, 100), (2036, 120), (1716, 160))
    assert "with --ram-budget as little as about 1,716, for 1.60 times the MACs" in told
    assert "about 2,308, for no extra MACs" in lines(4012, 3920, (2308, 100))
