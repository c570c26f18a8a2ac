"""The options that several commands share, and what they make of the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tinyc.errors import UsageError
from tinyc.options import Options
from tinyc.target.boards import load_board, parse_size
from tinyc.verify.vectors import InputFile, Request, Samples


class Goal(StrEnum):
    ram = "ram"
    speed = "speed"
    flash = "flash"


class InputMode(StrEnum):
    resident = "resident"
    rows = "rows"


class Reference(StrEnum):
    litert = "litert"
    tflm = "tflm"


class EmulatorName(StrEnum):
    auto = "auto"
    qemu = "qemu"
    renode = "renode"
    host = "host"


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


_CMSIS_NN = "cmsis-nn="
_COMPILE = "Compile options"
_SIZE = "Bytes, or with k or M (1024)."

BoardName = Annotated[
    str,
    typer.Option(
        "--board",
        "-b",
        metavar="BOARD",
        help="Name of a board (tinyc boards lists them), or path of a board.toml.",
    ),
]
RamBudget = Annotated[
    int | None,
    typer.Option(
        parser=_size,
        metavar="SIZE",
        help=f"Most RAM: the fastest plan that fits is taken. {_SIZE}",
        rich_help_panel=_COMPILE,
    ),
]
FlashBudget = Annotated[
    int | None,
    typer.Option(
        parser=_size, metavar="SIZE", help=f"Most flash; else exit 4. {_SIZE}", rich_help_panel=_COMPILE
    ),
]
Optimize = Annotated[
    Goal,
    typer.Option(
        help="ram: least RAM without computing anything twice; speed: fewest instructions; flash: least code.",
        rich_help_panel=_COMPILE,
    ),
]
Input = Annotated[
    InputMode,
    typer.Option(
        "--input",
        help="The first input lies in RAM, or a callback delivers it row by row.",
        rich_help_panel=_COMPILE,
    ),
]
ReferenceOption = Annotated[
    Reference,
    typer.Option(
        help="Whose arithmetic to follow, byte for byte: LiteRT's or TFLite Micro's.",
        rich_help_panel=_COMPILE,
    ),
]
Kernels = Annotated[
    str,
    typer.Option(
        metavar="auto|ISA|cmsis-nn=PATH",
        help="auto: the board's best kernels; ref: portable C; or another ISA of the board; or your own CMSIS-NN, "
        "and the board's best where it has none.",
        rich_help_panel=_COMPILE,
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Prefix of the C names. [dim]\\[default: the file's name][/dim]",
        rich_help_panel=_COMPILE,
    ),
]
Html = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write the report as a page, with its memory map."),
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")]


def make_options(
    model: Path,
    board: str,
    *,
    ram_budget: int | None,
    flash_budget: int | None,
    optimize: Goal,
    input_mode: InputMode,
    reference: Reference,
    kernels: str,
    name: str | None,
) -> Options:
    """The compiler's options, with the command line as generated files quote it.

    That line holds what shapes the firmware and nothing else, in one order, so that the same firmware is the
    same bytes.
    """
    facts = load_board(board)
    library = Path(kernels.removeprefix(_CMSIS_NN)) if kernels.startswith(_CMSIS_NN) else None
    told = f"{_CMSIS_NN}{library.name}" if library else kernels
    chosen = {
        "--board": facts.name,
        "--ram-budget": None if ram_budget is None else str(ram_budget),
        "--flash-budget": None if flash_budget is None else str(flash_budget),
        "--optimize": None if optimize is Goal.ram else optimize.value,
        "--input": None if input_mode is InputMode.resident else input_mode.value,
        "--reference": None if reference is Reference.litert else reference.value,
        "--kernels": None if kernels == "auto" else told,
        "--name": name,
    }
    words = [word for key, value in chosen.items() if value is not None for word in (key, value)]
    return Options(
        board=facts,
        reference=reference.value,
        kernels="auto" if library else kernels,
        library=library,
        input_mode=input_mode.value,
        optimize=optimize.value,
        ram_budget=ram_budget,
        flash_budget=flash_budget,
        name=name,
        command=" ".join(["tinyc", "compile", model.name, *words]),
    )


def make_request(inputs: Path | None, samples: int | None, seed: int | None) -> Request | None:
    """Where the test inputs come from; None where the command line does not say."""
    if inputs is not None:
        if samples is not None or seed is not None:
            raise UsageError("--inputs brings its own samples: --samples and --seed do not go with it.")
        return InputFile(inputs)
    if samples is None and seed is None:
        return None
    default = Samples()
    return Samples(default.count if samples is None else samples, default.seed if seed is None else seed)
