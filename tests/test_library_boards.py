"""Boards for a library alone: compiled, measured and archived, and never a program that cannot start."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.stub_model import needs_arm_gcc
from tests.test_boards import MINE, write
from tinyc import compiler
from tinyc.cli import run
from tinyc.emulate import choose_emulator
from tinyc.errors import BoardError
from tinyc.options import Options
from tinyc.target.boards import board_names, load_board
from tinyc.verify.vectors import Samples

LIBRARY_BOARDS = ("cortex-m0plus", "cortex-m4", "cortex-m7", "cortex-m55")
OWN = (
    MINE.partition("[port]")[0]
    + """
cflags = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"]
ldflags = ["-nostartfiles"]
libs = ["-lm"]
"""
)


def test_the_targets_that_ship() -> None:
    assert {name for name in board_names() if load_board(name).is_library} == set(LIBRARY_BOARDS)


@needs_arm_gcc
@pytest.mark.parametrize("name", LIBRARY_BOARDS)
def test_make_gives_an_archive_that_links(name: str, digits: Path, tmp_path: Path) -> None:
    """Into an application with its own start-up; and `make run` says why there is nothing to run."""
    out = tmp_path / "out"
    assert run(["compile", str(digits), "--board", name, "-o", str(out)]) == 0
    assert not (out / "main.c").exists()
    assert not (out / "runtime/src/port").exists()
    subprocess.run(("make", "-s"), cwd=out, check=True)
    application = tmp_path / "application.c"
    application.write_text('#include "digits.h"\nint application(void) { return (int)digits_run(); }\n')
    command = (
        "arm-none-eabi-gcc", *load_board(name).toolchain.cflags, "-nostartfiles", "-Wl,-e,application",
        f"-I{out}", f"-I{out}/runtime/include", str(application), f"{out}/build/libdigits.a", "-lm",
        "-o", str(tmp_path / "application.elf"),
    )  # fmt: skip
    subprocess.run(command, check=True)
    ran = subprocess.run(("make", "run"), cwd=out, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "no program to run" in ran.stderr


@needs_arm_gcc
def test_costs_are_those_of_the_board_with_the_same_core(digits: Path) -> None:
    for library, board in (("cortex-m4", "mps2-an386"), ("cortex-m55", "mps3-an547")):
        first, second = (
            compiler.compile_model(digits, Options(load_board(name)), Samples(1)).report
            for name in (library, board)
        )
        assert (first["ram"], first["flash"]) == (second["ram"], second["flash"])


@needs_arm_gcc
@pytest.mark.parametrize("port", ["", '[port]\nfiles = ["cortex_m/startup.c"]\n'])
def test_a_board_of_the_users_own_without_emulators(
    port: str, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    board = write(tmp_path, OWN.replace("clock_hz = 1_000_000\n", "") + port)
    out, report = tmp_path / "out", tmp_path / "r.json"
    assert run(["compile", str(digits), "--board", board, "-o", str(out), "--input", "rows"]) == 0
    assert "make run" not in capsys.readouterr().out
    assert run(["report", str(digits), "--board", board, "--json", str(report)]) == 0
    assert json.loads(report.read_text())["ram"]["total"] > 0
    for what in ([str(out)], [str(digits), "--board", board]):
        assert run(["run", *what]) == 3
        captured = capsys.readouterr().err
        assert "for a library alone" in captured
        assert "--board mps2-an386" in captured or "To run" not in captured


def test_running_is_refused_before_the_work() -> None:
    with pytest.raises(BoardError, match="cortex-m7 is for a library alone"):
        choose_emulator(load_board("cortex-m7"))
