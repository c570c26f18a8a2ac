"""The options of a search for float32 layers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyc.cli.options import board_option, size_of
from tinyc.errors import UsageError
from tinyc.options import wanted_of


def _option(flag: str, **more: Any) -> Any:
    return typer.Option(flag, rich_help_panel="Search", **more)


SearchOption = Annotated[
    bool,
    _option(
        "--search",
        help="Search for layers that had better stay float32, and write them as a precision file. With --max-drop or "
        "--min-sqnr the cheapest choice is taken, else the most accurate one within the budgets.",
    ),
]
SearchBoard = Annotated[str | None, board_option("Whose RAM, flash and instructions --search counts.")]
MaxDrop = Annotated[
    float | None,
    _option("--max-drop", metavar="POINTS", min=0, help="Most accuracy to lose against float32, in points."),
]
MinSqnr = Annotated[
    float | None,
    _option("--min-sqnr", metavar="DB", help="Least signal to noise of the answers, in decibels."),
]
RamBudget = Annotated[
    int | None,
    _option("--ram-budget", parser=size_of, metavar="SIZE", help="Most RAM, as estimated for the board."),
]
FlashBudget = Annotated[
    int | None,
    _option("--flash-budget", parser=size_of, metavar="SIZE", help="Most flash, as estimated for the board."),
]
InstructionBudget = Annotated[
    int | None,
    _option(
        "--instruction-budget", metavar="N", min=1, help="Most instructions, as estimated for the board."
    ),
]
Trials = Annotated[
    int | None,
    _option("--trials", metavar="N", min=2, max=10_000, help="Choices to try. [dim]\\[default: 60][/dim]"),
]
PrecisionOut = Annotated[
    Path | None,
    _option(
        "--precision-out",
        metavar="FILE.toml",
        help="The precision file to write. [dim]\\[default: OUT.toml][/dim]",
    ),
]


def check_search(
    is_wanted: bool,
    precision: Path | None,
    ram: int | None,
    flash: int | None,
    instructions: int | None,
    min_sqnr: float | None,
    max_drop: float | None,
    others: Mapping[str, object],
) -> Any:
    """Return the budgets of a search, None where none is asked for. Raises UsageError, ToolError without optuna.

    others: options that go with a search.
    """
    budgets = {"ram_budget": ram, "flash_budget": flash, "instruction_budget": instructions}
    if not is_wanted:
        for name, value in {**budgets, "min_sqnr": min_sqnr, "max_drop": max_drop, **others}.items():
            if value is not None:
                raise UsageError(f"--{name.replace('_', '-')} goes with --search")
        return None
    if precision is not None:
        raise UsageError("--search writes a precision file, --precision reads one: leave one of them out")
    return wanted_of(ram, flash, instructions, min_sqnr, max_drop)
