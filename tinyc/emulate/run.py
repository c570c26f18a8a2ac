"""Runs a built demo: the one entry for every emulator."""

from __future__ import annotations

import shutil
from pathlib import Path

from tinyc.emulate.renode import find_renode, require_renode, run_in_renode
from tinyc.emulate.result import RawRun, read_run
from tinyc.errors import BoardError, ToolError
from tinyc.paths import temporary_folder
from tinyc.target.boards import Board, Emulator, board_names, load_board
from tinyc.target.tools import Finished, apt_hint, find_tool, run_tool

_HOST_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def emulators_for(board: Board) -> tuple[str, ...]:
    """The board's emulators that this machine has, best first."""
    return tuple(name for name, emulator in board.emulators.items() if _is_here(emulator))


def _is_here(emulator: Emulator) -> bool:
    if emulator.platform is not None:
        found = find_renode()
        return found is not None and found.is_new_enough
    return not emulator.program or shutil.which(emulator.program) is not None


def choose_emulator(board: Board, wanted: str = "auto") -> str:
    """The emulator to use; BoardError if the board has no such, ToolError if it is not installed."""
    if board.is_library:
        alike = _alike(board)
        raise BoardError(
            f"Board {board.name} is for a library alone: it has no program that could run.",
            "tinyc compile and tinyc report work."
            + (f" To run on the same core: --board {alike[0]}." if alike else ""),
        )
    if wanted == "auto":
        available = emulators_for(board)
        if available:
            return available[0]
        wanted = next(iter(board.emulators))
    if wanted not in board.emulators:
        known = ", ".join(board.emulators)
        raise BoardError(f"Board {board.name} does not run in {wanted}.", f"It runs in: {known}.")
    emulator = board.emulators[wanted]
    if emulator.platform is not None:
        try:
            require_renode()
        except ToolError as error:
            raise ToolError(error.message, f"{error.hint} {_instead(board)}".rstrip()) from error
    elif not _is_here(emulator):
        raise ToolError(f"{emulator.program} is not installed.", apt_hint(emulator.packages))
    return wanted


def _instead(board: Board) -> str:
    """What runs the board, else a board with its core, on this machine."""
    here = emulators_for(board)
    if here:
        return f"Or take --emulator {here[0]}."
    alike = _alike(board)
    return f"With the same core, and installed: --board {alike[0]}." if alike else ""


def _alike(board: Board) -> list[str]:
    """Boards that ship with tinyc, have the same core, and run on this machine."""
    return [b.name for b in map(load_board, board_names()) if b.cpu == board.cpu and emulators_for(b)]


def run(elf: Path, vectors: bytes, board: Board, emulator: str = "auto", timeout: float = 120.0) -> RawRun:
    """Runs the demo in an empty temporary folder of its own; several runs may go on at once.

    timeout: seconds, after which the emulator is killed (ToolError). A firmware that faults raises at once,
    naming the function it happened in.
    """
    chosen = board.emulators[choose_emulator(board, emulator)]
    with temporary_folder("tinyc-run-") as folder:
        if chosen.platform is not None:
            finished = run_in_renode(elf, vectors, board, folder, timeout)
        else:
            finished = _run_directly(elf, vectors, chosen, folder, timeout)
        return read_run(elf, folder, vectors, finished.text, finished.status)


def _run_directly(elf: Path, vectors: bytes, chosen: Emulator, folder: Path, timeout: float) -> Finished:
    """Natively or in QEMU: a program that takes the ELF and lets it read and write files in its folder."""
    command = chosen.command(str(elf.resolve()))
    if chosen.program:
        command = (find_tool(chosen.program, chosen.packages), *command[1:])
    (folder / "vectors.bin").write_bytes(vectors)
    return run_tool(command, timeout, folder, {} if chosen.program else _HOST_ENVIRONMENT)
