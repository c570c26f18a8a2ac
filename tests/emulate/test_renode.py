"""Renode: found or missed in words a user can act on, its scripts, and what is made of its words; without it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.stub_model import RENODE_BOARDS, needs_arm_gcc, stub
from tinyc.emulate import choose_emulator, run
from tinyc.emulate.renode import find_renode
from tinyc.errors import BoardError, ToolError
from tinyc.paths import data_dir
from tinyc.target.boards import load_board
from tinyc.target.renode_console import complaint


def fake(folder: Path, version: str, body: str = "") -> Path:
    """A program that says it is that version of Renode, and for a run does `body` in the run's folder."""
    folder.mkdir(exist_ok=True)
    program = folder / "renode"
    program.write_text(f"#!/bin/sh\necho 'Renode v{version}'\n[ \"$1\" = --version ] && exit\n{body}\n")
    program.chmod(0o755)
    return program


def test_a_missing_renode_is_answered_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TINYC_RENODE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    for wanted in ("auto", "renode"):
        with pytest.raises(ToolError, match="Renode is not installed: no program renode on PATH") as caught:
            choose_emulator(load_board("stm32f746g-disco"), wanted)
        assert caught.value.exit_code == 5
        assert "https://renode.io" in caught.value.hint and "TINYC_RENODE" in caught.value.hint


def test_a_wrong_tinyc_renode_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYC_RENODE", str(tmp_path / "nothing"))
    with pytest.raises(ToolError, match=rf"in TINYC_RENODE={tmp_path}/nothing"):
        choose_emulator(load_board("nrf52840dk"))


def test_an_old_renode_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TINYC_RENODE", str(fake(tmp_path / "old", "1.14.0.4711")))
    with pytest.raises(ToolError, match=r"is Renode 1\.14\.0\.4711: too old"):
        choose_emulator(load_board("nrf52840dk"))


@pytest.mark.parametrize("named", ["file", "folder", "path"])
def test_where_renode_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    program = fake(tmp_path / named, "1.15.3.1234")
    monkeypatch.setenv("PATH", f"{program.parent if named == 'path' else ''}:{os.environ['PATH']}")
    monkeypatch.delenv("TINYC_RENODE", raising=False)
    if named != "path":
        monkeypatch.setenv("TINYC_RENODE", str(program if named == "file" else program.parent))
    found = find_renode()
    assert found is not None
    assert (found.path, found.version, found.is_new_enough) == (str(program), (1, 15, 3, 1234), True)


def test_auto_takes_qemu_where_renode_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TINYC_RENODE", raising=False)
    qemu = tmp_path / "qemu-system-arm"
    qemu.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert choose_emulator(load_board("stm32f4-discovery")) == "qemu"


def test_make_run_without_renode_says_what_is_missing_and_what_is_there(tmp_path: Path) -> None:
    """Plain make: one line, with how to get Renode and, where the board has it, the QEMU that stands in."""
    for board, instead in (
        ("stm32f4-discovery", "make run EMULATOR=qemu (it emulates a Netduino Plus 2 with an STM32F405)"),
        ("nrf52840dk", ""),
    ):
        written = stub(tmp_path, board).written
        for command, said in (
            ("RENODE=/no/such/renode", "/no/such/renode is not here. Put Renode 1.15 or newer"),
            ("EMULATOR=board", "EMULATOR=board: this board runs in renode"),
        ):
            done = subprocess.run(
                ["make", "-s", "run", command], cwd=written, capture_output=True, text=True, check=False
            )
            assert done.returncode == 2
            assert said in done.stderr
            assert instead in done.stderr or command == "EMULATOR=board"


def test_a_missing_renode_is_answered_with_what_runs_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TINYC_RENODE", raising=False)
    (tmp_path / "qemu-system-arm").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    for board, instead in (
        ("stm32f4-discovery", "Or take --emulator qemu."),
        ("stm32f746g-disco", "With the same core, and installed: --board mps2-an500."),
    ):
        with pytest.raises(ToolError) as caught:
            choose_emulator(load_board(board), "renode")
        assert caught.value.hint.endswith(instead)


@pytest.mark.parametrize("board", RENODE_BOARDS)
def test_the_folder_has_renodes_own_scripts(tmp_path: Path, board: str) -> None:
    written = stub(tmp_path, board).written
    machine = (written / "machine.resc").read_text()
    assert "mach create" in machine and "$ORIGIN/platform.repl" in machine
    assert "include $ORIGIN/machine.resc" in (written / "run.resc").read_text()
    robot = (written / "stub.robot").read_text()
    assert "Wait For Line On Uart" in robot and "${RENODEKEYWORDS}" in robot
    assert not any(str(tmp_path) in text for text in (machine, robot))


def test_a_board_for_renode_needs_its_platform(tmp_path: Path) -> None:
    text = (load_board("nrf52840dk").folder / "board.toml").read_text()
    (tmp_path / "board.toml").write_text(text)
    with pytest.raises(BoardError, match=r"emulators\.renode\.platform: platform\.repl is not in"):
        load_board(str(tmp_path))
    (tmp_path / "board.toml").write_text(text.replace('platform = "platform.repl"', ""))
    with pytest.raises(BoardError, match=r"emulators\.renode\.platform: Renode, and nothing else, needs one"):
        load_board(str(tmp_path))


def test_a_relative_tinyc_renode_is_followed_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake(tmp_path / "here", "1.15.3.9")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "the-renode").symlink_to("here/renode")
    for named in ("here", "here/renode", "./here", "the-renode"):
        monkeypatch.setenv("TINYC_RENODE", named)
        found = find_renode()
        assert found is not None
        assert Path(found.path).is_absolute() and found.version == (1, 15, 3, 9)


#: What Renode says to a mistake in a board's files, and what tinyc makes of it.
MISTAKES = (
    (
        "echo 'There was an error executing command machine LoadPlatformDescription:'; echo 'Error E00: Syntax error'",
        r"cannot set up the board:\nThere was .*\nError E00: Syntax error",
    ),
    ("echo 'No such command or device: cpu9'", "cannot set up the board:\nNo such command or device: cpu9"),
    (
        "echo 'There was an error executing command '\\''python x'; "
        "echo 'board.toml has RAM, 8 bytes at 0x20000000: the platform has nothing at 0x20000004'",
        "nrf52840dk: board.toml has RAM, 8 bytes at 0x20000000: the platform has nothing at 0x20000004",
    ),
    (
        "yes '[WARNING] sysbus: [cpu: 0x80] ReadDoubleWord from non existing peripheral at 0x4001F01C.' | "
        "head -n 100001 >log",
        "nrf52840dk: the firmware waits for what it reads at 0x4001F01C; platform.repl has nothing there",
    ),
    ("echo 0 >status; : >uart; exit", "the firmware ended, and printed nothing on uart0"),
)


@needs_arm_gcc
@pytest.mark.parametrize(("said", "told"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_a_board_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, told: str
) -> None:
    """By a program that stands for Renode and then waits, as it does at its prompt."""
    model = stub(tmp_path, "nrf52840dk")
    elf = model.build(emulator="renode").elf
    monkeypatch.setenv("TINYC_RENODE", str(fake(tmp_path / "it", "1.15.3.1", f"{said}\nsleep 200")))
    begin = time.monotonic()
    with pytest.raises(ToolError, match=told) as caught:
        run(elf, model.vectors, model.board, "renode", timeout=100)
    assert time.monotonic() - begin < 20
    assert caught.value.hint


def test_a_complaint_ends_at_the_prompt_and_holds_no_line_of_the_log() -> None:
    said = """11:28:15.4650 [INFO] Including script: /x/machine.resc

There was an error executing command 'machine LoadPlatformDescription @/x/platform.repl'
11:28:15.4930 [INFO] System bus created.
Error E00: Syntax error, unexpected '0'; expected colon or arrow
At /x/platform.repl:5:10:
    size 0x100000
         ^
(stm32f746g-disco) include @/x/other.resc
(stm32f746g-disco)
There was an error executing command 'start'
"""
    assert complaint(said).splitlines() == [
        "There was an error executing command 'machine LoadPlatformDescription @/x/platform.repl'",
        "Error E00: Syntax error, unexpected '0'; expected colon or arrow",
        "At /x/platform.repl:5:10:",
        "    size 0x100000",
        "         ^",
    ]
    assert complaint("11:28:15.4650 [INFO] Including script: /x/machine.resc\n(monitor) ") == ""


@needs_arm_gcc
@pytest.mark.parametrize("place", ["a blank", "it's ü \\"])
def test_scripts_for_a_run_name_places_with_blanks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    model = stub(tmp_path, "nrf52840dk")
    elf = model.build(emulator="renode").elf
    (tmp_path / place).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / place))
    body = f"cat headless.resc machine.resc >{tmp_path}/told; printf '%s\\n' \"$@\" >{tmp_path}/words; echo 0 >status"
    monkeypatch.setenv("TINYC_RENODE", str(fake(tmp_path / "it", "1.15.3.1", body)))
    with pytest.raises(ToolError, match="printed nothing"):
        run(elf, model.vectors, model.board, "renode")
    told, words = (tmp_path / "told").read_text(), (tmp_path / "words").read_text()
    home = re.escape(str(tmp_path / place).replace(" ", "\\ "))
    assert re.search(rf"^include @{home}/\S+/headless\.resc$", words, re.MULTILINE)
    assert re.search(rf"^logFile @{home}/\S+/log$", told, re.MULTILINE)
    assert re.search(rf"CreateFileBackend @{home}/\S+/uart true$", told, re.MULTILINE)
    literals = re.findall(r"u'[^\n']*'", told)
    assert literals
    assert all(ast.literal_eval(text).startswith(str(tmp_path / place)) for text in literals)
    assert all(text.isascii() and '"' not in text for text in literals)


def test_kernels_select_by_no_flags() -> None:
    """Renode 1.15 sets the flags of Armv7E-M's parallel subtractions on overflow: what SEL then selects is wrong."""
    sources = [path for ending in ("c", "h") for path in data_dir("runtime").rglob(f"*.{ending}")]
    assert sources
    assert not [path.name for path in sources if "__sel(" in path.read_text()]
