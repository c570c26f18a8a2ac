"""tinyc compile: a model becomes a firmware folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyc import compiler
from tinyc.cli.console import Terminal
from tinyc.cli.options import CompileOptions, Quiet, board_option, make_options, takes_compile_options
from tinyc.report.compile_view import compile_view
from tinyc.target.folder import check_replaceable, named
from tinyc.verify.vectors import Samples

_Output = Annotated[
    Path,
    typer.Option(
        "-o",
        "--output",
        metavar="DIR",
        help="Folder to write. In one that tinyc wrote, only its own files are replaced.",
    ),
]

_Dump = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the graph after each pass: as text, and as DOT, which Graphviz draws.",
    ),
]


@takes_compile_options
def compile_(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A .tflite, ONNX or Keras file, or a SavedModel folder."),
    ],
    board: Annotated[str, board_option("")],
    out: _Output,
    *,
    dump: _Dump = None,
    quiet: Quiet = False,
    chosen: CompileOptions,
) -> None:
    """Write a C project that builds with make alone, and its report.json."""
    options = make_options(model, board, chosen)
    check_replaceable(out)
    terminal = Terminal(quiet)
    with terminal.progress() as step:
        compiled = compiler.compile_model(model, options, Samples(), step, dump=dump)
        kept = compiler.write_folder(compiled, out)
    terminal.show(compile_view(compiled.report, options.board.ram_bytes, options.board.flash_bytes))
    if kept:
        terminal.show(f"\n{out}: kept what tinyc did not write: {named(kept)}")
    run_it = "" if compiled.board.is_library else ", run it with make run"
    terminal.show(f"\n{out}: build it with make{run_it}")
