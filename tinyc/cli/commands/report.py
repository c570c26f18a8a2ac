"""tinyc report: what a model costs on a board, or how two reports differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

import tinyc
from tinyc import compiler
from tinyc.cli.console import Terminal
from tinyc.cli.files import STDOUT, Html, Json, check_writable, write_json, write_text
from tinyc.cli.options import CompileOptions, Quiet, board_option, make_options, takes_compile_options
from tinyc.errors import FitError, UsageError
from tinyc.report.compare import compare_view, lookup
from tinyc.report.compare_html import compare_page
from tinyc.report.compile_view import compile_view
from tinyc.target.report_file import read_report
from tinyc.verify.vectors import Samples

_Files = Annotated[
    list[Path],
    typer.Argument(metavar="MODEL | A.json B.json", help="As for compile, or two report.json to compare."),
]
_Board = Annotated[str | None, board_option("Needed for a model.")]


@takes_compile_options
def report(
    files: _Files,
    *,
    board: _Board = None,
    json_file: Json = None,
    html: Html = None,
    quiet: Quiet = False,
    chosen: CompileOptions,
) -> None:
    """Show what a model costs on a board: RAM, flash, layers. Or compare two report.json."""
    if len(files) == 2:
        others = replace(chosen, ram_budget=None, flash_budget=None)
        if board is not None or json_file is not None or others != CompileOptions():
            raise UsageError("Two reports are compared as they are: only budgets and --html go with them.")
        check_writable(html)
        _compare(files[0], files[1], html, chosen, Terminal(quiet))
        return
    if len(files) != 1:
        raise UsageError("report takes one model, or two report.json.")
    if board is None:
        raise UsageError("Missing option '--board'.", "tinyc boards lists them.")
    options = make_options(files[0], board, chosen)
    check_writable(json_file, html)
    terminal = Terminal(quiet, json_file == STDOUT)
    with terminal.progress() as step:
        compiled = compiler.compile_model(files[0], options, Samples(), step)
    terminal.show(compile_view(compiled.report, options.board.ram_bytes, options.board.flash_bytes))
    write_json(json_file, compiled.report)
    if html is not None:
        write_text(html, compiler.report_html(compiled.report, compiled.board, compiled.plan))


def _compare(
    first: Path, second: Path, html: Path | None, chosen: CompileOptions, terminal: Terminal
) -> None:
    """Show two reports side by side; the budgets, if any, are for the second."""
    a, b = read_report(first), read_report(second)
    terminal.show(compare_view(a, b))
    if html is not None:
        write_text(html, compare_page(a, b, f"tinyc {tinyc.__version__}"))
    over = []
    for what, budget in (("ram", chosen.ram_budget), ("flash", chosen.flash_budget)):
        used = lookup(b, (what, "total"))
        if budget is not None and used is None:
            raise UsageError(
                f"{second}: {what}.total is not known for board {b['board']}.", "compile for a board"
            )
        if budget is not None and used is not None and used > budget:
            over.append(f"{what}.total is {used:,} bytes, the budget {budget:,}")
    if over:
        raise FitError(f"{second}: {'; '.join(over)}.")
