"""Renode, where it is here: firmware on each of its boards, with and without tinyc."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.emulate.test_demo import SPIN, spin_vectors
from tests.stub_model import (
    CULPRIT,
    INPUTS,
    OVERFLOW,
    RENODE_BOARDS,
    VECTORS,
    expected,
    needs_arm_gcc,
    needs_riscv,
    stub,
    sums,
)
from tinyc import runner
from tinyc.emulate.renode import find_renode
from tinyc.errors import FitError, InternalError, ToolError
from tinyc.options import Options
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

needs_renode = pytest.mark.skipif(
    find_renode() is None, reason="Renode is not installed (renode.io; on PATH or in TINYC_RENODE)"
)
on_renode = pytest.mark.parametrize(
    "board",
    [
        pytest.param(
            name,
            marks=[
                needs_renode,
                needs_riscv if name == "hifive1-revb" else needs_arm_gcc,
                pytest.mark.emulator,
                pytest.mark.slow,
            ],
        )
        for name in RENODE_BOARDS
    ],
)


@on_renode
def test_instructions_and_outputs(tmp_path: Path, board: str) -> None:
    """Counts are exact, and QEMU's, where it has the board too."""
    turns = [1, *range(50, 60), 1_000_003]
    model = stub(tmp_path, board, SPIN, vectors=spin_vectors(turns))
    result = model.run(emulator="renode")
    assert [count - result.instructions[0] for count in result.instructions] == [2 * (n - 1) for n in turns]
    if "qemu" in model.board.emulators:
        assert model.run(emulator="qemu").instructions == result.instructions


@on_renode
def test_a_network_is_bit_exact(digits: Path, board: str) -> None:
    """With the board's own kernels."""
    result = runner.run_model(digits, Options(load_board(board)), Samples(3), "renode")
    assert (result.json["emulator"], result.json["bit_exact"]) == ("renode", True)


@on_renode
def test_trace(tmp_path: Path, board: str) -> None:
    result = stub(tmp_path, board).run("trace", emulator="renode")
    assert result.outputs == tuple(expected(data) for data in INPUTS)
    assert result.mismatches == (0, 0, 0)
    for sample, data in enumerate(INPUTS):
        assert result.layer_outputs(sample) == {0: sums(data), 1: expected(data)}


@on_renode
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("*(volatile uint32_t *)NOWHERE = 1;", "culprit"),
        ("((void (*)(void))(NOWHERE | 1))();", "unknown code, called from culprit"),
    ],
)
def test_a_fault_names_its_function(tmp_path: Path, board: str, body: str, where: str) -> None:
    model = stub(tmp_path, board, CULPRIT.format(body))
    with pytest.raises(InternalError, match=f"faulted in {where}.*pc=0x.*(cfsr|mcause)=0x"):
        model.run(emulator="renode")


@on_renode
def test_a_stack_overflow_is_told_from_other_faults(tmp_path: Path, board: str) -> None:
    with pytest.raises(FitError, match=r"the stack ran out of memory below deeper .*sp=0x"):
        stub(tmp_path, board, OVERFLOW).run(emulator="renode")


on_one = pytest.mark.parametrize(
    "board",
    [
        pytest.param(
            "stm32f746g-disco", marks=[needs_renode, needs_arm_gcc, pytest.mark.emulator, pytest.mark.slow]
        )
    ],
)


@on_one
def test_an_endless_loop_is_stopped(tmp_path: Path, board: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinyc.emulate.renode._START_SECONDS", 30.0)
    model = stub(tmp_path, board, 'tc_status stub_run(void) { for (;;) { __asm volatile(""); } }')
    model.build(emulator="renode")
    begin = time.monotonic()
    with pytest.raises(ToolError, match="did not end within 1 s in Renode"):
        model.run(emulator="renode", timeout=1)
    assert time.monotonic() - begin < 45


@on_one
def test_several_runs_at_once_do_not_meet_and_leave_nothing(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    model.build(emulator="renode")
    before = set(Path(tempfile.gettempdir()).glob("tinyc-run-*"))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: model.run(emulator="renode"), range(2)))
    assert results[0].outputs == results[1].outputs == tuple(expected(data) for data in INPUTS)
    assert set(Path(tempfile.gettempdir()).glob("tinyc-run-*")) <= before


def make_run(written: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    renode = find_renode()
    assert renode is not None
    return subprocess.run(
        ["make", "-s", "run", "EMULATOR=renode"],
        cwd=written, env={**os.environ, "TINYC_RENODE": renode.path, **environment},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


@on_one
def test_make_run_without_python(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    done = make_run(model.written)
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    (model.written / "vectors.bin").write_bytes(VECTORS[:-1] + bytes([VECTORS[-1] ^ 1]))
    done = make_run(model.written)
    assert done.returncode != 0
    assert "FAIL" in done.stdout


ODD = """it's "x" ü (1) $y"""


@on_renode
def test_make_run_in_an_odd_place_loads_nothing(tmp_path: Path, board: str) -> None:
    """Renode's own description of most chips downloads another of their registers."""
    model = stub(tmp_path / ODD, board)
    done = make_run(model.written, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    log = (model.written / "build/run/log").read_text(errors="replace")
    assert "Machine started" in log
    assert "ownload" not in log


@on_one
def test_temporary_files_may_lie_in_an_odd_place(
    tmp_path: Path, board: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ODD).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ODD))
    result = stub(tmp_path, board).run("trace", emulator="renode")
    assert result.outputs == tuple(expected(data) for data in INPUTS)
    assert not list((tmp_path / ODD).iterdir())


#: What is changed in a board's files, and what is said of it.
OWN_MISTAKES = (
    ("board.toml", '"usart1"', '"usart99"', r"cannot set up the board:\nNo such .*sysbus\.usart99$"),
    ("board.toml", '"usart1"', '"usart6"', r"the firmware ended, and printed nothing on usart6"),
    ("board.toml", '"usart1"', '"usart1"\ncore = "cpu7"', r"cannot set up the board:\nNo such .*cpu7$"),
    (
        "board.toml",
        "TC_UART_BASE = 0x40011000",
        "TC_UART_BASE = 0x4001F000",
        r"the firmware waits for what it reads at 0x4001F01C; platform\.repl has nothing there",
    ),
    (
        "platform.repl",
        "size: 0x100000",
        "size 0x100000",
        r"Error E00: Syntax error.*\nAt .*/own/platform\.repl:5:10:\n.*size 0x100000\n",
    ),
    (
        "platform.repl",
        "size: 0x50000",
        "size: 0x4f000",
        r"board\.toml has SRAM, 327680 bytes at 0x20000000: the platform has nothing at 0x2004f000",
    ),
    (
        "platform.repl",
        "size: 0x100000",
        "size: 0x400",
        r"board\.toml has FLASH, 1048576 bytes at 0x8000000: the platform has nothing at 0x8000400",
    ),
)


SAID_BY_MAKE = (
    "usart99",
    "Nothing was printed on usart6",
    "cpu7",
    "Error E00",
    "the platform has nothing at",
    "non existing peripheral at 0x4001F01C",
)


@on_one
@pytest.mark.parametrize(("file", "old", "new", "told"), OWN_MISTAKES, ids=range(len(OWN_MISTAKES)))
def test_renode_and_make_tell_a_mistake_in_a_board(
    tmp_path: Path, board: str, file: str, old: str, new: str, told: str
) -> None:
    own = tmp_path / "own"
    shutil.copytree(load_board(board).folder, own)
    text = (own / file).read_text()
    assert old in text
    (own / file).write_text(text.replace(old, new))
    model = stub(tmp_path, load_board(str(own)))
    with pytest.raises(ToolError, match=re.compile(told, re.MULTILINE)) as caught:
        model.run(emulator="renode", timeout=300)
    assert "board.toml" in caught.value.hint
    done = make_run(model.written)
    assert done.returncode != 0
    assert any(words in done.stderr for words in SAID_BY_MAKE)


@on_renode
def test_the_robot_test_passes(tmp_path: Path, board: str) -> None:
    renode = find_renode()
    assert renode is not None
    tester = Path(renode.path).resolve().with_name("renode-test")
    if not tester.is_file():
        pytest.skip("this Renode has no renode-test next to it")
    model = stub(tmp_path / ODD, board)
    assert model.make(emulator="renode").returncode == 0
    done = subprocess.run(
        [str(tester), "-r", str(tmp_path / "results"), str(model.written / "stub.robot")],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    if done.returncode != 0 and re.search(r"No module named|robot.*not found", done.stdout + done.stderr):
        pytest.skip("renode-test lacks its Python packages")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Tests finished successfully" in done.stdout
