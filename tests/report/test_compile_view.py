"""What the report of a compilation says about memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tests.report.pages import page_of_model
from tinyc.report.compile_view import compile_view, memory_lines
from tinyc.report.run_view import cost_lines

RUN = {"ram": {"measured": None}}


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


def test_macs_that_need_no_computing_are_explained_where_they_appear(digits: Path) -> None:
    report = page_of_model(digits).report
    run = {**RUN, "instructions": 110_304, "estimated_cycles": 220_608, "cycle_model": "Cortex-M4"}
    for doubled in (False, True):
        report["model"]["macs"] = 110_304 * (1 + doubled)
        shown = Console(width=200)
        with shown.capture() as capture:
            shown.print(compile_view(report, None, None))
            shown.print(*cost_lines(run, report), sep="\n")
        told = capture.get()
        assert ("220,608 MACs in the file" in told) == doubled
        assert ("MACs as executed: 50.0 % of the file's 220,608 need no computing" in told) == doubled
        assert ("0.50 per MAC of the model file, 1.00 per MAC executed" in told) == doubled
        assert ("1.00 per MAC of the model file, 2.00 per MAC executed" in told) == doubled
        assert ("110,304 per inference, 1.00 per MAC\n" in told) == (not doubled)


def test_bits_and_zeros_are_shown_where_weights_are_no_bytes(digits: Path) -> None:
    report = page_of_model(digits).report
    weighted = [layer for layer in report["layers"] if layer["zero_weights"] is not None]
    for bits in (8, 1.612):
        weighted[0].update(weight_bits=bits, zero_weights=0.334)
        shown = Console(width=200)
        with shown.capture() as capture:
            shown.print(compile_view(report, None, None))
        head, *rows = capture.get().splitlines()[2:]
        assert ("bits  zeros" in head) == (bits != 8)
        assert ("1.61   33 %" in "".join(rows)) == (bits != 8)
        assert any(row.rstrip().endswith("-") or "-      -" in row for row in rows) == (bits != 8)
