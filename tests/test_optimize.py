"""Item 5: `--optimize` and the budgets mean what they say."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.modelgen import random_model
from tests.stub_model import needs_qemu
from tinyc.compiler import compile_model, read_source
from tinyc.costs import builds
from tinyc.costs.builds import candidates_of
from tinyc.costs.footprint import Costs
from tinyc.errors import FitError
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.report.compile_view import compile_view
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.target.stack import UnboundedStackError
from tinyc.verify.vectors import Samples

pytestmark = [needs_qemu, pytest.mark.emulator]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DIGITS, SPOKEN = EXAMPLES / "digits/digits.tflite", EXAMPLES / "ternary/spoken.tflite"
BOARDS = ("mps2-an386", "mps3-an547")
#: Every way to choose, by the options that say so.
CHOICES: dict[str, dict[str, Any]] = {
    "balanced": {},
    "ram": {"optimize": "ram"},
    "speed": {"optimize": "speed"},
    "flash": {"optimize": "flash"},
    "ref": {"kernels": "ref"},
    "scalar": {"kernels": "scalar"},
}


def figures(model: Path, board: str, **choice: Any) -> dict[str, int]:
    """RAM, flash, instructions and MACs of one compile and run, whose bytes must be the judge's."""
    result = run_model(model, Options(load_board(board), **choice), Samples(1, 1))
    assert result.json["bit_exact"]
    report = result.report
    return {
        "ram": report["ram"]["total"],
        "flash": report["flash"]["total"],
        "instructions": result.json["instructions"],
        "macs": report["schedule"]["macs_executed"],
    }


@cache
def digits(board: str, choice: str) -> dict[str, int]:
    return figures(DIGITS, board, **CHOICES[choice])


def check_item_5(found: dict[str, dict[str, int]]) -> None:
    """No choice has less flash than `flash`, less RAM than `ram`, or is faster than `speed` by more than 1 %."""
    assert found["flash"]["flash"] == min(f["flash"] for f in found.values())
    assert found["ram"]["ram"] == min(f["ram"] for f in found.values())
    assert found["speed"]["instructions"] <= 1.01 * min(f["instructions"] for f in found.values())


@pytest.mark.parametrize("board", [BOARDS[0], pytest.param(BOARDS[1], marks=pytest.mark.slow)])
def test_item_5_on_digits(board: str) -> None:
    found = {choice: digits(board, choice) for choice in CHOICES}
    check_item_5(found)
    assert found["ram"]["macs"] == found["balanced"]["macs"], "nothing is computed twice"
    assert found["flash"]["flash"] < found["ref"]["flash"] < found["balanced"]["flash"]


@pytest.mark.parametrize("seed", [5, 17, 41])
@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.slow
def test_item_5_on_random_models(board: str, seed: int, tmp_path: Path) -> None:
    model = tmp_path / "m.tflite"
    model.write_bytes(random_model(seed).data)
    check_item_5({name: figures(model, board, **choice) for name, choice in CHOICES.items()})


def test_a_ram_budget_is_met_by_kernels_before_anything_is_computed_twice() -> None:
    board = BOARDS[0]
    least, balanced = digits(board, "ram"), digits(board, "balanced")
    budget = (least["ram"] + balanced["ram"]) // 2
    found = figures(DIGITS, board, ram_budget=budget)
    assert found["ram"] <= budget < balanced["ram"]
    assert found["macs"] == balanced["macs"]
    assert found["instructions"] <= 1.01 * least["instructions"]


def test_below_all_kernels_a_ram_budget_is_met_by_computing_twice() -> None:
    least = digits(BOARDS[0], "ram")
    found = figures(DIGITS, BOARDS[0], ram_budget=least["ram"] - 1)
    assert found["ram"] < least["ram"]
    assert found["macs"] > least["macs"]


def test_a_flash_budget_takes_the_fastest_kernels_that_fit() -> None:
    small, fast = digits(BOARDS[0], "flash"), digits(BOARDS[0], "speed")
    budget = (small["flash"] + fast["flash"]) // 2
    found = figures(DIGITS, BOARDS[0], flash_budget=budget)
    assert small["flash"] <= found["flash"] <= budget
    assert fast["instructions"] <= found["instructions"] < small["instructions"]
    assert figures(DIGITS, BOARDS[0], flash_budget=fast["flash"]) == fast, "what fits is the fastest there is"


def test_both_budgets_are_met_together() -> None:
    balanced = digits(BOARDS[0], "balanced")
    ram, flash = balanced["ram"], balanced["flash"] * 3 // 4
    found = figures(DIGITS, BOARDS[0], ram_budget=ram, flash_budget=flash)
    assert found["ram"] <= ram
    assert found["flash"] <= flash


def test_a_budget_that_nothing_meets_is_told() -> None:
    with pytest.raises(FitError, match="the budget is 1,000 bytes"):
        figures(DIGITS, BOARDS[0], flash_budget=1000)


def test_two_budgets_that_nothing_meets_are_told_with_what_can_be_reached() -> None:
    ram, flash = digits(BOARDS[0], "ram")["ram"] - 100, digits(BOARDS[0], "flash")["flash"] - 500
    with pytest.raises(FitError, match="the budget is") as told:
        figures(DIGITS, BOARDS[0], ram_budget=ram, flash_budget=flash)
    assert told.value.exit_code == 4
    found = re.search(
        r"RAM goes down to about ([\d,]+) bytes and flash to about ([\d,]+)", told.value.message
    )
    assert found is not None
    least_ram, least_flash = (int(n.replace(",", "")) for n in found.groups())
    assert least_ram <= digits(BOARDS[0], "ram")["ram"], "no more than without computing anything twice"
    assert least_flash <= 1.01 * digits(BOARDS[0], "flash")["flash"]


def report_of(**choice: Any) -> dict[str, Any]:
    return compile_model(DIGITS, Options(load_board(BOARDS[0]), **choice), Samples(1)).report


def test_the_report_says_which_option_chose_a_kernel_and_what_it_saves() -> None:
    first = {layer["kernel"] for layer in report_of()["layers"]}
    said = []
    for choice, goal in (
        ({}, ""),
        ({"optimize": "speed"}, "--optimize speed"),
        ({"optimize": "ram"}, "--optimize ram"),
        ({"optimize": "flash"}, "--optimize flash"),
        ({"ram_budget": 2200}, "--ram-budget 2200"),
        ({"flash_budget": 14_000}, "--flash-budget 14000"),
        ({"ram_budget": 2200, "flash_budget": 14_000}, "--ram-budget 2200 --flash-budget 14000"),
    ):
        report = report_of(**choice)
        assert report["choice"]["goal"] == goal
        others = [layer for layer in report["layers"] if layer["instead_of"]]
        assert {layer["instead_of"] for layer in others} <= first
        for layer in others:
            assert layer["why"].startswith(f"for {goal}, in place of {layer['instead_of']}: ")
            assert re.search(r" bytes (less|more) ", layer["why"])
            assert "times the instructions" in layer["why"]
        with (shown := Console(width=200)).capture() as capture:
            shown.print(compile_view(report, None, None))
        level = report["choice"]["level"]
        assert (f"For {goal}: compiled with {level}, " in capture.get()) == bool(goal)
        assert all(f"{layer['instead_of']} -> {layer['kernel']}, " in capture.get() for layer in others)
        said.append((report["choice"]["level"], [layer["why"] for layer in report["layers"]]))
    assert not any(" in place of " in why for _, whys in said[:2] for why in whys)
    assert all(any(" in place of " in why for why in whys) for _, whys in said[2:])


def test_a_candidate_whose_stack_has_no_bound_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """What GCC makes of `-Os` may call through pointers where `-O2` does not, or the other way round."""
    measured, bad = builds.footprint.costs, ["-Os"]

    def costs(place: Path, *rest: Any) -> Costs:
        makefile = (place / "Makefile").read_text(encoding="utf-8")
        if any(f" {level} " in makefile for level in bad):
            raise UnboundedStackError("has a call through a pointer")
        return measured(place, *rest)

    monkeypatch.setattr(builds.footprint, "costs", costs)
    assert report_of(optimize="flash")["choice"]["level"] == "-O2"
    bad.append("-O2")
    with pytest.raises(UnboundedStackError) as told:
        report_of(optimize="flash")
    assert told.value.exit_code == 5


@pytest.mark.parametrize("choice", [{"optimize": "speed"}, {"flash_budget": 60_000}, {"ram_budget": 65_536}])
def test_what_the_board_has_is_a_budget(choice: dict[str, Any]) -> None:
    """The fastest kernels of this network take more RAM than the micro:bit has."""
    board = load_board("microbit")
    graph = optimize(read_source(SPOKEN, Options(board)).graph)
    assert candidates_of(graph, Options(board)).fast()[0].ram > (board.ram_bytes or 0)
    found = figures(SPOKEN, board.name, **choice)
    assert found["ram"] <= (board.ram_bytes or 0)


def test_kernels_restrict_what_is_chosen_from() -> None:
    options = Options(load_board(BOARDS[0]), kernels="ref", optimize="speed")
    report = run_model(DIGITS, options, Samples(1, 1)).report
    kernels = {kernel for layer in report["layers"] for kernel in layer["kernel"].split(" + ")}
    assert all(kernel.endswith("_ref") for kernel in kernels)


def test_the_number_of_builds_is_told() -> None:
    steps: list[str] = []
    run_model(DIGITS, Options(load_board(BOARDS[0]), optimize="flash"), Samples(1, 1), progress=steps.append)
    builds = [step for step in steps if step.endswith("of at most 6")]
    assert 1 < len(builds) <= 6


def test_cycles_are_estimated_of_code_for_size_too() -> None:
    """`-Os` calls helpers of GCC's library, some of them labels without a size."""
    options = Options(load_board(BOARDS[0]), optimize="ram")
    assert run_model(DIGITS, options, Samples(1, 1), cycles=True).json["estimated_cycles"] > 0
