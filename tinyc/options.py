"""What the user chose, and what follows from it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tinyc
from tinyc.codegen.projects import cmsis_nn
from tinyc.data import AS_IS, Preprocess
from tinyc.errors import UsageError, did_you_mean
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.select import NamedShape
from tinyc.kernels.cmsis_nn import NAME, NAME_MVE
from tinyc.plain import plain
from tinyc.quantize import Effort
from tinyc.quantize.budget import Wanted
from tinyc.quantize.precision import INT8, Precision, read_precision
from tinyc.quantize.ranges import Observer
from tinyc.quantize.search import check_optuna
from tinyc.target.boards import Board

Goal = Literal["balanced", "ram", "speed", "flash"]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the command line chose."""

    board: Board
    #: Whose arithmetic to follow.
    reference: Literal["litert", "tflm"] = "litert"
    #: "auto" or an instruction set.
    kernels: str = "auto"
    #: The user's CMSIS-NN, called where it has a kernel.
    library: Path | None = None
    input_mode: Literal["resident", "rows"] = "resident"
    #: "balanced" is the least RAM with the fastest kernels; else what to minimise.
    optimize: Goal = "balanced"
    #: Bytes of ram.total and flash.total.
    ram_budget: int | None = None
    flash_budget: int | None = None
    #: How much is searched: for plans, and for the scales and weights of a float model.
    effort: Effort = "good"
    #: Of the C identifiers; the model file's stem where None.
    name: str | None = None
    #: What of the file is meant.
    signature: str | None = None
    shapes: tuple[NamedShape, ...] = ()
    #: By which samples a float model becomes int8, and what files in a folder become; None: it stays as it is.
    calibration: Path | None = None
    preprocess: Preprocess = AS_IS
    #: Whether float32 was asked for.
    in_float: bool = False
    #: Which of its layers become int8, and by what ranges are chosen.
    precision: Precision = INT8
    #: The command line as the generated files quote it, without -o.
    command: str = "tinyc"

    @property
    def has_budget(self) -> bool:
        return self.ram_budget is not None or self.flash_budget is not None


def precision_of(file: Path | None, observer: Observer | None, *, is_ternary: bool = False) -> Precision:
    """Return what --precision and --observer say; is_ternary: and --quantize ternary, where the file does not.

    Raises UsageError.
    """
    read = INT8 if file is None else read_precision(file)
    if is_ternary and "default" not in read.model_fields_set:
        read = read.model_copy(update={"default": "ternary"})
    return read if observer is None else read.model_copy(update={"observer": observer})


def wanted_of(
    ram_budget: int | None,
    flash_budget: int | None,
    instruction_budget: int | None,
    min_sqnr: float | None,
    max_drop: float | None,
    *,
    flag: str = "--search",
) -> Wanted:
    """Return the budgets of --search, or of --ternary auto.

    Raises UsageError where there are none, ToolError without optuna for --search.
    """
    limits = {"ram": ram_budget, "flash": flash_budget, "instructions": instruction_budget}
    wanted = Wanted({k: v for k, v in limits.items() if v is not None}, min_sqnr, max_drop)
    if not wanted.limits and not wanted.is_bounded:
        more = (
            "--ram-budget, --flash-budget or --instruction-budget" if flag == "--search" else "--flash-budget"
        )
        raise UsageError(
            f"{flag} needs a budget",
            f"--max-drop or --min-sqnr for the cheapest that is as accurate; {more} for the most accurate that fits",
        )
    if flag == "--search":
        check_optuna()
    return wanted


def silent(_: str) -> None:
    """Progress that nobody watches."""


PORTABLE = ("scalar", "ref")
"""Kernels in plain C, which every board can run."""


def instruction_sets(options: Options) -> tuple[str, ...]:
    """Instruction sets whose kernels may be used, best first."""
    if options.library is not None:
        reason = cmsis_nn.problem(options.library)
        if reason is not None:
            raise UsageError(f"--kernels cmsis-nn: {reason}", "give the path of a checkout of CMSIS-NN")
        if not options.board.cpu.startswith("cortex-m"):
            raise UsageError(
                f"--kernels cmsis-nn: it is for Cortex-M, and board {options.board.name} has another core",
                "choose another board or --kernels auto",
            )
        return (NAME_MVE if "mve" in options.board.isa else NAME, *options.board.isa)
    if options.kernels == "auto":
        return options.board.isa
    known = tuple(dict.fromkeys((*options.board.isa, *PORTABLE)))
    if options.kernels not in known:
        raise UsageError(
            f"board {options.board.name} has no {options.kernels} kernels",
            f"{did_you_mean(options.kernels, known)} "
            f"Choose --kernels auto or one of {', '.join(known)}".strip(),
        )
    return tuple(dict.fromkeys((options.kernels, "ref")))


_COMMAND_LENGTH = 400
"""Characters of a command line that generated files quote."""


def banner(model: ModelFile, options: Options) -> tuple[str, ...]:
    """First lines of every generated file: what made it, and nothing that changes from day to day."""
    return (
        f"Generated by tinyc {tinyc.__version__} for {options.board.name}; do not edit.",
        f"model {plain(model.name)}, sha256 {model.sha256}",
        plain(options.command, _COMMAND_LENGTH),
    )
