"""tinyc boards, ops and doctor: what there is, and what is missing here."""

from __future__ import annotations

from typing import Annotated

import typer

from tinyc.cli.console import show
from tinyc.cli.doctor import check_all
from tinyc.emulate.run import emulators_for
from tinyc.errors import ToolError
from tinyc.frontends.meanings import columns
from tinyc.frontends.onnx.supported import supported_onnx
from tinyc.frontends.tflite.operators import OPERATORS
from tinyc.report.listing import BoardRow, boards_table, doctor_table, ops_markdown, ops_table
from tinyc.target.boards import Board, board_names, load_board


def boards() -> None:
    """List the boards that ship with tinyc."""
    show(boards_table([_board_row(load_board(name)) for name in board_names()]))


def ops(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As Markdown, for docs/supported_ops.md.")
    ] = False,
) -> None:
    """List the operators that tinyc reads."""
    rows = [(operator.kind, operator.supported) for operator in OPERATORS]
    if markdown:
        print(ops_markdown(list(columns()), rows, supported_onnx()), end="")
    else:
        show(ops_table(rows))
        show(ops_table(supported_onnx(), "ONNX operator"))


def doctor() -> None:
    """Check the tools that tinyc calls, and say how to get what is missing."""
    rows = check_all()
    show(doctor_table(rows))
    missing = [row for row in rows if row.needed and row.found is None]
    if missing:
        raise ToolError(f"Missing: {', '.join(row.name for row in missing)}.")


def _board_row(board: Board) -> BoardRow:
    ready = emulators_for(board)
    missing = tuple(name for name in board.emulators if name not in ready)
    return BoardRow(
        board.name, board.cpu, board.flash_bytes, board.ram_bytes, ready, missing, board.description
    )
