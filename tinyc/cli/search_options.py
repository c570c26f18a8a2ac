"""The options of a search for float32 layers, and of the choice of ternary ones."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyc.cli.options import board_option, size_of
from tinyc.errors import UsageError
from tinyc.options import wanted_of

#: Whose flash --ternary counts where nobody says: the host has no kernels for such weights.
USUAL_BOARD = "mps2-an386"


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
SearchBoard = Annotated[
    str | None,
    board_option(
        "Whose RAM, flash and instructions --search and --ternary count: host without, of --ternary "
        f"{USUAL_BOARD}."
    ),
]


class Ternary(StrEnum):
    auto = "auto"


TernaryOption = Annotated[
    Ternary | None,
    _option(
        "--ternary",
        help="auto: make layers ternary, those that lose least for the flash that they save, and write them as a "
        "precision file. With --flash-budget the most accurate choice within it is taken, with --max-drop or "
        "--min-sqnr the smallest that is as accurate.",
    ),
]
Png = Annotated[
    Path | None,
    _option(
        "--png", metavar="FILE", help="Write the curve of --ternary, accuracy against flash, as a picture."
    ),
]
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
    is_search: bool,
    is_ternary: bool,
    precision: Path | None,
    budgets: tuple[Any, ...],
    others: Mapping[str, object],
) -> Any:
    """Return the budgets of a search or of ternary layers, None where neither is asked for.

    budgets: of `wanted_of`; others: options that go with one of both. Raises UsageError, ToolError without optuna.
    """
    flag = "--search" if is_search else "--ternary auto"
    known = dict(zip(_BUDGETS, budgets, strict=True))
    for name, value in {**known, **others}.items():
        homes = _HOMES.get(name, ("--search", "--ternary auto"))
        if value is not None and not (flag in homes and (is_search or is_ternary)):
            raise UsageError(f"--{name.replace('_', '-')} goes with {' or '.join(homes)}")
    if is_search and is_ternary:
        raise UsageError("--search and --ternary choose layers each for itself: leave one of them out")
    if not (is_search or is_ternary):
        return None
    if precision is not None:
        raise UsageError(f"{flag} writes a precision file, --precision reads one: leave one of them out")
    return wanted_of(**known, flag=flag)


_BUDGETS = ("ram_budget", "flash_budget", "instruction_budget", "min_sqnr", "max_drop")
#: Options that only one of the two has.
_HOMES: Mapping[str, tuple[str, ...]] = {
    "ram_budget": ("--search",),
    "instruction_budget": ("--search",),
    "trials": ("--search",),
    "png": ("--ternary auto",),
}
