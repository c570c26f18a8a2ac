"""Runs `make` in a firmware folder and turns what goes wrong into errors a user can act on."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tinyc.errors import FitError, ToolError
from tinyc.target.boards import Board
from tinyc.target.tools import apt_hint, find_tool, run_tool

Variant = Literal["demo", "trace", "profile", "shared", "lib", "footprint"]
_TIMEOUT = 600.0
_ERROR_LINES = 8


@dataclass(frozen=True)
class Program:
    """What make left: the file asked for, and GCC's call graphs of what it was compiled from."""

    elf: Path
    build_dir: Path
    call_graphs: tuple[Path, ...]


class RegionOverflowError(FitError):
    """The linker ran out of memory. regions: bytes that are missing, by the names of the regions."""

    def __init__(self, message: str, regions: dict[str, int]) -> None:
        super().__init__(message)
        self.regions = regions


def check_toolchain(board: Board) -> None:
    """ToolError naming the apt line if make or the board's compiler is missing."""
    for tool in ("make", board.toolchain.prefix + "gcc", board.toolchain.prefix + "gcc-ar"):
        find_tool(tool, board.toolchain.packages)


def build(
    directory: Path,
    board: Board,
    *,
    name: str,
    variant: Variant = "demo",
    emulator: str | None = None,
    build_dir: Path | None = None,
    jobs: int = 2,
    extra_cflags: str = "",
) -> Program:
    """Builds one variant of the firmware in `directory`; objects go to build_dir, default its `build`.

    shared: the host's library for Python. footprint: the model alone, linked from its API. lib: an archive.
    RegionOverflowError when the linker runs out of memory, ToolError for whatever else fails.
    """
    check_toolchain(board)
    out = (build_dir or directory / "build").resolve()
    # make's targets must not hold a blank, as the path to the folder may
    target = os.path.relpath(out, directory.resolve())
    goal = variant if variant in {"shared", "lib", "footprint"} else "all"
    # make's built-in rules and the caller's own make variables must not reach the firmware
    arguments = [f"-j{jobs}", "--no-builtin-rules", "--no-print-directory", f"BUILD={target}", goal]
    if goal == "all":
        arguments.append(f"VARIANT={variant}")
    if emulator is not None and not board.is_host:
        arguments.append(f"EMULATOR={emulator}")
    if extra_cflags:
        arguments.append(f"EXTRA_CFLAGS={extra_cflags}")
    make = find_tool("make", board.toolchain.packages)
    clean = {"MAKEFLAGS": "", "MAKELEVEL": "", "MFLAGS": "", "CFLAGS": "", "LDFLAGS": ""}
    finished = run_tool((make, *arguments), timeout=_TIMEOUT, folder=directory, environment=clean)
    if finished.status != 0:
        raise _explain(finished.text, board)
    elf = out / _target(name, variant, board)
    if not elf.is_file():
        raise ToolError(f"make in {directory} ended well but left no {elf.name}.")
    return Program(elf, out, _call_graphs(out, name, variant))


def _call_graphs(out: Path, name: str, variant: Variant) -> tuple[Path, ...]:
    """The .ci files of a variant: trace and profile have their own model and main, all else is shared."""
    shared = sorted((out / "obj").rglob("*.ci"))
    own = sorted((out / f"obj-{variant}").rglob("*.ci"))
    hooked = {out / "obj" / f"{name}.ci", out / "obj" / "main.ci"} if own else set()
    return tuple(path for path in [*shared, *own] if path not in hooked)


def _target(name: str, variant: Variant, board: Board) -> str:
    if variant == "shared":
        return f"lib{name}.so"
    if variant == "lib":
        return f"lib{name}.a"
    if variant == "footprint":
        return f"{name}.footprint" + (".o" if board.is_host else ".elf")
    suffix = "" if variant == "demo" else f"-{variant}"
    return f"{name}{suffix}.elf"


def _explain(text: str, board: Board) -> ToolError | FitError:
    """The first errors of compiler or linker, without the commands around them."""
    overflows = re.findall(r"region `(\w+)' overflowed by (\d+) bytes", text)
    if overflows:
        named = {region: int(over) for region, over in overflows}
        sizes = {region.name: region.size for region in board.regions}
        lines = [
            f"{board.name}: {region} ({sizes.get(region, 0):,} bytes) is too small by {over:,} bytes."
            for region, over in named.items()
        ]
        message = "The linked firmware does not fit the board.\n" + "\n".join(lines)
        return RegionOverflowError(message, named)
    missing = re.search(r"fatal error: (\w+\.h): No such file|cannot find (-l\w+|\S+\.specs)", text)
    if missing:
        what = missing[1] or missing[2]
        return ToolError(
            f"The C library of {board.toolchain.prefix}gcc is not installed: no {what}.",
            apt_hint(board.toolchain.packages),
        )
    lines = [
        line
        for line in text.splitlines()
        if re.search(r"error: |undefined reference|multiple definition|\*\*\*", line)
    ]
    shown = "\n".join((lines or text.splitlines())[:_ERROR_LINES])
    return ToolError(f"The firmware for {board.name} does not build:\n{shown}")
