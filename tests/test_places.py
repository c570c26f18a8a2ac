"""Names and places: models and folders of any name, full disks and limits, and never a bug of ours for an answer."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.tool import ROOT, make, tinyc
from tests.stub_model import needs_qemu, stub
from tinyc.codegen.c_text import identifier
from tinyc.compiler import load
from tinyc.errors import ToolError, UsageError
from tinyc.target import tools
from tinyc.target.boards import load_board
from tinyc.target.renode_console import monitor_path

M4 = [needs_qemu, pytest.mark.emulator]


def on_host_and_m4(values: tuple[str, ...], here: int) -> list[object]:
    """All values on the host, where they build in seconds, and the first `here` on a board."""
    board = [pytest.param(value, "mps2-an386", marks=M4) for value in values[:here]]
    return [*((value, "host") for value in values), *board]


#: Words of our own Makefiles and scripts, of the shell, and of C's library.
NAMES = ("run", "obj", "emulator", "a b", "sanitized", "lib", "-x", "string", "ä", "$(id)")


@pytest.mark.parametrize(("name", "board"), on_host_and_m4(NAMES, 4))
def test_a_model_may_have_any_name(name: str, board: str, digits: Path, tmp_path: Path) -> None:
    """Compiled, run by the tool, and twice by make; or one clear message."""
    model = tmp_path / f"{name}.tflite"
    shutil.copy(digits, model)
    done = tinyc("compile", model, "--board", board, "-o", tmp_path / "out")
    if name == "ä":
        assert done.status in (0, 64)
        assert done.status == 0 or "choose another with --name" in done.err
        return
    assert done.status == 0, done.err
    done = tinyc("run", tmp_path / "out", "--no-cycles")
    assert done.status == 0, done.err
    for _ in range(2):
        ran = make(tmp_path / "out", "run")
        assert ran.status == 0, ran.err
        assert "PASS" in ran.out


def test_a_model_called_like_an_option(digits: Path, tmp_path: Path) -> None:
    shutil.copy(digits, tmp_path / "-x.tflite")
    assert tinyc("report", "--board", "host", "--", "-x.tflite", cwd=tmp_path).status == 0
    assert tinyc("report", "-x.tflite", "--board", "host", cwd=tmp_path).status == 64


def test_a_name_has_a_limit(digits: Path, tmp_path: Path) -> None:
    assert identifier("n" * 80) == "n" * 80
    with pytest.raises(UsageError, match="81 characters, and 80 are allowed"):
        identifier("n" * 81)
    with pytest.raises(UsageError, match="reserved"):
        identifier("tc")
    out = tmp_path / "out"
    done = tinyc("compile", digits, "--board", "host", "-o", out, "--name", "n" * 300)
    assert done.status == 64
    assert "--name" in done.err
    assert tinyc("compile", digits, "--board", "host", "-o", out, "--name", "n" * 80).status == 0
    assert make(out, "run").status == 0


PLACES = (
    "it's \"quoted\" ü", "# % & ; * ?", "$HOME $(id) `id`", "back\\slash", "line\nbreak", "a=b c",
)  # fmt: skip


@pytest.mark.parametrize(("place", "board"), on_host_and_m4(PLACES, 3))
def test_folders_may_have_any_name(
    place: str, board: str, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of the output, and that of temporary files; for the tool and for plain make."""
    temporary = tmp_path / f"tmp {place}"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    out = tmp_path / place
    done = tinyc("compile", digits, "--board", board, "-o", out)
    assert done.status == 0, done.err
    done = tinyc("run", out)
    assert done.status == 0, done.err
    for goal in ("run", "lib", "clean"):
        ran = make(out, goal)
        assert ran.status == 0, ran.err
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted((temporary.name, place))


@pytest.mark.parametrize("place", PLACES[:2])
def test_a_loaded_model_does_not_mind_where_it_is(
    place: str, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / place).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / place))
    assert load(digits) is not None


def test_paths_for_renodes_console(tmp_path: Path) -> None:
    assert monitor_path(Path("/a b/ü/c")) == "@/a\\ b/ü/c"
    with pytest.raises(ToolError, match="no path with a semicolon"):
        monitor_path(Path("/a;b"))


def fake_renode(folder: Path, body: str) -> Path:
    """A program that is asked its version, or runs `body` with the script's text in $script."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "renode"
    program.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && { echo "Renode v1.15.3.1"; exit; }\n'
        f'while [ $# -gt 1 ]; do [ "$1" = -e ] && script="$2"; shift; done\n{body}\n'
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("place", ["plain", "a blank", "it's ü"])
@pytest.mark.parametrize("named", ["program", "folder", "relative"])
def test_make_run_gives_renode_paths_with_blanks(place: str, named: str, tmp_path: Path) -> None:
    """By a program that stands for Renode: what it is told, and that it is found from another folder."""
    model = stub(tmp_path / place, "nrf52840dk")
    program = fake_renode(tmp_path / "a renode" / "bin", 'printf %s "$script" >told; echo "stub PASS" >uart')
    value = {
        "program": str(program), "folder": str(program.parent),
        "relative": os.path.relpath(program, model.written),
    }[named]  # fmt: skip
    (model.written / "build").mkdir()
    (model.written / "build" / "stub.elf").touch()
    environment = {**os.environ, "TINYC_RENODE": value}
    goals = ("make", "-s", "run", "-o", "build/stub.elf", "CHOSEN=")
    done = subprocess.run(
        goals, cwd=model.written, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = (model.written / "build" / "run" / "told").read_text().split("; ")
    home = str(model.written).replace(" ", "\\ ")
    assert told[0] == f"$bin=@{home}/build/run/../stub.elf"
    assert told[1] == f"include @{home}/machine.resc"
    assert told[2] == f"sysbus.uart0 CreateFileBackend @{home}/build/run/uart true"


def test_make_run_ends_where_renode_cannot_carry_out_its_script(tmp_path: Path) -> None:
    model = stub(tmp_path, "nrf52840dk")
    program = fake_renode(tmp_path / "renode", 'echo "No such command or device: cpu9"; sleep 60')
    (model.written / "build").mkdir()
    (model.written / "build" / "stub.elf").touch()
    goals = ("make", "-s", "run", "-o", "build/stub.elf", "CHOSEN=", f"RENODE={program}")
    done = subprocess.run(goals, cwd=model.written, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert "No such command or device: cpu9" in done.stderr


def test_a_relative_path_in_path_is_followed_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "tool"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho here\n")
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"bin:{os.environ['PATH']}")
    assert tools.run_tool((tools.find_tool("tool", ()),), 10, Path("/")).text == "here\n"


def test_a_program_that_cannot_be_started_is_named(tmp_path: Path) -> None:
    (tmp_path / "tool").write_bytes(b"\x7fELF broken")
    (tmp_path / "tool").chmod(0o755)
    with pytest.raises(ToolError, match=r"tool cannot be started: "):
        tools.run_tool((str(tmp_path / "tool"),), 10)


def limited(
    arguments: list[str | Path], environment: dict[str, str], file_bytes: int | None
) -> tuple[int, str]:
    """`tinyc ARGUMENTS` under a limit on the size of a file."""

    def limit() -> None:
        if file_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))

    done = subprocess.run(
        [sys.executable, "-m", "tinyc", *map(str, arguments)], cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize("file_bytes", [0, 4 << 10, 32 << 10])
def test_a_limit_on_files(file_bytes: int, digits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, told = limited(["compile", digits, "--board", "host", "-o", out], {}, file_bytes)
    assert status in (5, 64), told
    assert "bug in tinyc" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="a full disk is made by root: a small tmpfs"
)
@pytest.mark.parametrize("size", ["64k", "512k"])
@pytest.mark.parametrize("full", ["temporary", "output"])
def test_a_full_disk(full: str, size: str, digits: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ("mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(small)), check=False
    ).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        out = small / "out" if full == "output" else tmp_path / "out"
        environment = {"TMPDIR": str(small)} if full == "temporary" else {}
        status, told = limited(["compile", digits, "--board", "host", "-o", out], environment, None)
        if status == 0:  # as much as is needed
            assert size == "512k"
            return
        assert status in (5, 64), told
        assert "No space left on device" in told
        assert not out.exists()
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(("umount", str(small)), check=True)


def test_places_that_cannot_be_written(digits: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for out in (
        tmp_path / "file" / "out",
        tmp_path / "file",
        Path("/proc/out"),
        tmp_path / ("n" * 300),
        Path("/dev/null"),
    ):
        done = tinyc("compile", digits, "--board", "host", "-o", out)
        assert done.status in (5, 64), (out, done.err)
        assert "bug in tinyc" not in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_boards_have_no_file_on_the_network() -> None:
    """Renode's own descriptions download one; a `sysbus: init:` of ours replaces theirs."""
    for name in ("stm32f4-discovery", "stm32f746g-disco", "nrf52840dk", "hifive1-revb"):
        text = (load_board(name).folder / "platform.repl").read_text()
        assert "\nsysbus:\n    init:\n" in text, name
        assert "http" not in text
