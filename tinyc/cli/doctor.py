"""What of the tools tinyc calls is installed here, and the one line that installs what is not."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tinyc.emulate.renode import INSTALL, find_renode
from tinyc.report.listing import CheckRow
from tinyc.target.boards import Board, board_names, load_board
from tinyc.target.tools import run_tool, tool_version

#: Their tools are needed; those of other boards are worth having.
_DEFAULT_BOARDS = ("host", "mps2-an386")


def check_all() -> tuple[CheckRow, ...]:
    """Return every tool, those needed first."""
    boards = [load_board(name) for name in board_names()]
    return (
        CheckRow("python", sys.version.split()[0], "", "tinyc itself", needed=True),
        _program("make", ("make",), "building firmware", needed=True),
        *_compilers(boards),
        *_emulators(boards),
        _renode(),
        _wheel("ai-edge-litert", "judge litert (without it our numpy reference judges)"),
        _wheel("tflite-micro", "judge tflm", "pip install --pre tflite-micro"),
    )


def _program(name: str, packages: tuple[str, ...], purpose: str, needed: bool) -> CheckRow:
    return CheckRow(name, tool_version(name), _apt(packages), purpose, needed)


def _apt(packages: tuple[str, ...]) -> str:
    return f"sudo apt-get install {' '.join(packages)}"


def _compilers(boards: list[Board]) -> list[CheckRow]:
    """Return one line per toolchain; a cross compiler without its C library does not count as found."""
    checks = []
    for prefix in dict.fromkeys(board.toolchain.prefix for board in boards):
        users = [board for board in boards if board.toolchain.prefix == prefix]
        chain = users[0].toolchain
        check = _program(f"{prefix}gcc", chain.packages, *_users(users))
        if check.found is not None and not _has_c_library(check.name, chain.cflags):
            check = replace(check, name=f"{check.name}, C library", found=None)
        checks.append(check)
    return checks


def _users(boards: list[Board]) -> tuple[str, bool]:
    """Return who needs a tool, and whether that makes it a must."""
    names = [board.name for board in boards]
    return "boards " + ", ".join(names), not set(names).isdisjoint(_DEFAULT_BOARDS)


def _has_c_library(compiler: str, cflags: tuple[str, ...]) -> bool:
    """Return whether the linker would find libc, or the specs that lead to it: gcc then prints its full path."""
    specs = [flag.removeprefix("--specs=") for flag in cflags if flag.startswith("--specs=")]
    others = [flag for flag in cflags if not flag.startswith("--specs=")]
    wanted = specs[0] if specs else "libc.a"
    path = run_tool((compiler, *others, f"-print-file-name={wanted}"), timeout=30).text.strip()
    return Path(path).is_absolute()


def _emulators(boards: list[Board]) -> list[CheckRow]:
    checks = []
    for program, packages in _emulator_programs(boards).items():
        users = [b for b in boards if any(e.program == program for e in b.emulators.values())]
        checks.append(_program(program, packages, *_users(users)))
    return checks


def _emulator_programs(boards: list[Board]) -> dict[str, tuple[str, ...]]:
    """Return packages by program; Renode comes as no package and has a line of its own."""
    return {
        emulator.program: emulator.packages
        for board in boards
        for name, emulator in board.emulators.items()
        if emulator.program and name != "renode"
    }


def _renode() -> CheckRow:
    found = find_renode()
    text = None
    if found is not None and found.is_new_enough:
        text = f"{'.'.join(map(str, found.version))}, {found.path}"
    purpose = "running on " + ", ".join(
        b.name for b in map(load_board, board_names()) if "renode" in b.emulators
    )
    return CheckRow("renode", text, INSTALL, purpose, needed=False)


def _wheel(name: str, purpose: str, install: str = "") -> CheckRow:
    try:
        found: str | None = version(name)
    except PackageNotFoundError:
        found = None
    return CheckRow(name, found, install or f"pip install {name}", purpose, needed=False)
