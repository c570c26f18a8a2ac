"""The commands: each makes of its command line one call of the compiler, and shows the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import tinyc
from tinyc import compiler, runner
from tinyc.cli.console import progress, show
from tinyc.cli.doctor import check_all
from tinyc.cli.files import check_writable, read_report, save_arrays, write_json, write_text
from tinyc.cli.options import (
    BoardName,
    EmulatorName,
    FlashBudget,
    Goal,
    Html,
    Input,
    InputMode,
    Json,
    Kernels,
    Name,
    Optimize,
    RamBudget,
    Reference,
    ReferenceOption,
    make_options,
    make_request,
)
from tinyc.emulate.run import emulators_for
from tinyc.errors import FitError, MismatchError, ToolError, UsageError
from tinyc.frontends.tflite.operators import OPERATORS
from tinyc.report.compare import compare_view, lookup
from tinyc.report.compile_view import compile_view
from tinyc.report.listing import BoardRow, boards_table, doctor_table, ops_markdown, ops_table
from tinyc.report.run_view import run_view
from tinyc.target.boards import Board, board_names, load_board
from tinyc.target.folder import check_replaceable
from tinyc.verify.vectors import Samples

app = typer.Typer(
    name="tinyc",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"tinyc {tinyc.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compiles trained INT8 neural networks (.tflite) into small, exact C firmware.

    Start with: tinyc report MODEL --board mps2-an386
    """


@app.command("compile")
def compile_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A .tflite file.")],
    board: BoardName,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="DIR",
            help="Folder to write. One that tinyc wrote is replaced, any other is left alone.",
        ),
    ],
    *,
    ram_budget: RamBudget = None,
    flash_budget: FlashBudget = None,
    optimize: Optimize = Goal.ram,
    input_mode: Input = InputMode.resident,
    reference: ReferenceOption = Reference.litert,
    kernels: Kernels = "auto",
    name: Name = None,
) -> None:
    """Write a C project that builds with make alone, and its report.json."""
    options = make_options(
        model,
        board,
        ram_budget=ram_budget,
        flash_budget=flash_budget,
        optimize=optimize,
        input_mode=input_mode,
        reference=reference,
        kernels=kernels,
        name=name,
    )
    check_replaceable(out)
    with progress() as step:
        compiled = compiler.compile_model(model, options, Samples(), step)
        compiler.write_folder(compiled, out)
    _show_report(compiled.report, options.board)
    show(f"\n{out}: build it with make, run it with make run")


@app.command()
def run(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL|DIR", help="A .tflite file, or a folder that tinyc compile wrote."),
    ],
    *,
    board: Annotated[
        str | None,
        typer.Option(
            "--board", "-b", metavar="BOARD", help="Name, or path of a board.toml. A folder knows its own."
        ),
    ] = None,
    emulator: Annotated[EmulatorName, typer.Option(help="What runs the firmware.")] = EmulatorName.auto,
    inputs: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Test inputs: .npz (in0, in1 ...) or .npy, samples along axis 0."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help=f"How many random inputs. [dim]\\[default: {Samples().count}][/dim]"
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="S", help=f"Seed of the random inputs. [dim]\\[default: {Samples().seed}][/dim]"
        ),
    ] = None,
    save_outputs: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what the firmware computed to an .npz.")
    ] = None,
    original: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="FILE",
            help="With a folder: judge by this model file, not by the stored outputs.",
        ),
    ] = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="Compare every intermediate tensor with the reference's.")
    ] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Count the instructions of each layer (not on host).")
    ] = False,
    cycles: Annotated[
        bool,
        typer.Option(
            "--cycles/--no-cycles",
            help="Estimate cycles, by a model of the core (docs/cycles.md; QEMU only).",
        ),
    ] = True,
    json_file: Json = None,
    ram_budget: RamBudget = None,
    flash_budget: FlashBudget = None,
    optimize: Optimize = Goal.ram,
    input_mode: Input = InputMode.resident,
    reference: ReferenceOption = Reference.litert,
    kernels: Kernels = "auto",
    name: Name = None,
) -> None:
    """Run on an emulated board and compare every output byte with the reference."""
    request = make_request(inputs, samples, seed)
    check_writable(json_file, save_outputs)
    chosen = emulator.value
    if model.is_dir():
        options = (ram_budget, flash_budget, optimize.value, input_mode.value, reference.value, kernels, name)
        if options != (None, None, "ram", "resident", "litert", "auto", None):
            raise UsageError(f"{model} is compiled already: compile options do not go with a folder.")
        with progress() as step:
            result = runner.run_folder(
                model,
                original,
                board,
                request,
                chosen,
                profile=profile,
                layers=layers,
                cycles=cycles,
                progress=step,
            )
    else:
        if board is None:
            raise UsageError(
                f"{model} is no firmware folder: a model needs --board.", "tinyc boards lists them."
            )
        if original is not None:
            raise UsageError("--model goes with a folder only.")
        with progress() as step:
            result = runner.run_model(
                model,
                make_options(
                    model,
                    board,
                    ram_budget=ram_budget,
                    flash_budget=flash_budget,
                    optimize=optimize,
                    input_mode=input_mode,
                    reference=reference,
                    kernels=kernels,
                    name=name,
                ),
                request or Samples(),
                chosen,
                profile=profile,
                layers=layers,
                cycles=cycles,
                progress=step,
            )
    show(run_view(result.json, result.report, result.mismatches, result.layers))
    write_json(json_file, result.json)
    if save_outputs is not None:
        save_arrays(save_outputs, {f"out{i}": array for i, array in enumerate(result.outputs)})
    if not result.json["bit_exact"] or any(layer.differing for layer in result.layers):
        raise MismatchError("The firmware computed something else than the reference.")


@app.command()
def report(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL | A.json B.json", help="A .tflite file, or two report.json to compare."
        ),
    ],
    *,
    board: Annotated[
        str | None,
        typer.Option(
            "--board", "-b", metavar="BOARD", help="Name, or path of a board.toml; needed for a model."
        ),
    ] = None,
    json_file: Json = None,
    html: Html = None,
    ram_budget: RamBudget = None,
    flash_budget: FlashBudget = None,
    optimize: Optimize = Goal.ram,
    input_mode: Input = InputMode.resident,
    reference: ReferenceOption = Reference.litert,
    kernels: Kernels = "auto",
    name: Name = None,
) -> None:
    """Show what a model costs on a board: RAM, flash, layers. Or compare two report.json."""
    if len(files) == 2:
        if board is not None or json_file is not None or html is not None:
            raise UsageError("Two reports are compared as they are: only budgets go with them.")
        _compare(files[0], files[1], ram_budget, flash_budget)
        return
    if len(files) != 1:
        raise UsageError("report takes one model, or two report.json.")
    if board is None:
        raise UsageError("Missing option '--board'.", "tinyc boards lists them.")
    options = make_options(
        files[0],
        board,
        ram_budget=ram_budget,
        flash_budget=flash_budget,
        optimize=optimize,
        input_mode=input_mode,
        reference=reference,
        kernels=kernels,
        name=name,
    )
    check_writable(json_file, html)
    with progress() as step:
        compiled = compiler.compile_model(files[0], options, Samples(), step)
    _show_report(compiled.report, options.board)
    write_json(json_file, compiled.report)
    if html is not None:
        write_text(html, compiler.report_html(compiled))


@app.command()
def boards() -> None:
    """List the boards that ship with tinyc."""
    show(boards_table([_board_row(load_board(name)) for name in board_names()]))


@app.command()
def ops(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As Markdown, for docs/supported_ops.md.")
    ] = False,
) -> None:
    """List the operators that tinyc reads."""
    rows = [(operator.kind, operator.supported) for operator in OPERATORS]
    if markdown:
        print(ops_markdown(rows), end="")
    else:
        show(ops_table(rows))


@app.command()
def doctor() -> None:
    """Check the tools that tinyc calls, and say how to get what is missing."""
    rows = check_all()
    show(doctor_table(rows))
    missing = [row for row in rows if row.needed and row.found is None]
    if missing:
        raise ToolError(f"Missing: {', '.join(row.name for row in missing)}.")


def _show_report(found: dict[str, Any], board: Board) -> None:
    show(compile_view(found, board.ram_bytes, board.flash_bytes))


def _board_row(board: Board) -> BoardRow:
    ready = emulators_for(board)
    missing = tuple(name for name in board.emulators if name not in ready)
    return BoardRow(
        board.name, board.cpu, board.flash_bytes, board.ram_bytes, ready, missing, board.description
    )


def _compare(first: Path, second: Path, ram_budget: int | None, flash_budget: int | None) -> None:
    """Shows two reports side by side; the budgets, if any, are for the second."""
    a, b = read_report(first), read_report(second)
    show(compare_view(a, b))
    over = []
    for what, budget in (("ram", ram_budget), ("flash", flash_budget)):
        used = lookup(b, (what, "total"))
        if budget is not None and used is None:
            raise UsageError(
                f"{second}: {what}.total is not known for board {b['board']}.", "compile for a board"
            )
        if budget is not None and used is not None and used > budget:
            over.append(f"{what}.total is {used:,} bytes, the budget {budget:,}")
    if over:
        raise FitError(f"{second}: {'; '.join(over)}.")
