"""A user's own board.toml: its port file, its limits, and who else would hold a model that does not fit."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.stub_model import needs_qemu
from tinyc import compiler, runner
from tinyc.errors import BoardError, FitError
from tinyc.options import Options
from tinyc.paths import data_dir
from tinyc.target.boards import Board, load_board
from tinyc.verify.vectors import Samples


def own_chip(folder: Path, *changes: tuple[str, str]) -> Board:
    """A copy of microbit's folder under another name, with its console driver next to board.toml."""
    home = load_board("microbit").folder
    text = (home / "board.toml").read_text().replace('"microbit"\ndesc', '"my-chip"\ndesc')
    for old, new in (*changes, ("nrf/uart.c", "console.c")):
        assert old in text
        text = text.replace(old, new)
    folder.mkdir()
    (folder / "board.toml").write_text(text)
    driver = (data_dir("runtime") / "src/port/nrf/uart.c").read_text()
    (folder / "console.c").write_text(driver)
    return load_board(str(folder / "board.toml"))


@needs_qemu
@pytest.mark.emulator
def test_compiled_and_run_from_a_folder_that_forgets_where_it_came_from(tmp_path: Path, digits: Path) -> None:
    board = own_chip(tmp_path / "mine")
    compiled = compiler.compile_model(digits, Options(board), Samples(2))
    compiler.write_folder(compiled, tmp_path / "out")
    shutil.rmtree(tmp_path / "mine")
    result = runner.run_folder(tmp_path / "out", None, None, None)
    assert result.json["bit_exact"] and result.json["board"] == "my-chip"
    assert result.json["emulator"] == "qemu"


@needs_qemu
@pytest.mark.parametrize("memory", ['size = "16k"', 'size = "256k"'])
def test_a_model_that_does_not_fit_names_boards_that_hold_it(
    tmp_path: Path, digits: Path, memory: str
) -> None:
    board = own_chip(tmp_path / "mine", (memory, 'size = "3k"'))
    with pytest.raises(FitError) as caught:
        compiler.compile_model(digits, Options(board), Samples(1))
    assert "Peak:" in caught.value.message and "Largest buffers:" in caught.value.message
    holders = caught.value.hint.partition("Known boards with room for it: ")[2]
    assert holders.split(", ")[0] in {"hifive1-revb", "microbit"}
    assert {"nucleo-g0b1re", "stm32f746g-disco", "mps2-an386"} <= set(holders.split(", "))


def least_ram(folder: Path, digits: Path) -> int:
    """Bytes with which the linked demo just fits: what is there and what the linker says is lacking."""
    board = own_chip(folder, ('size = "16k"', 'size = "3000"'))
    with pytest.raises(FitError, match="is too small by") as caught:
        compiler.compile_model(digits, Options(board), Samples(1))
    lacking = re.search(r"is too small by ([\d,]+) bytes", caught.value.message)
    assert lacking is not None
    return 3000 + int(lacking[1].replace(",", ""))


@needs_qemu
def test_no_more_stack_is_asked_for_than_the_inference_takes(tmp_path: Path, digits: Path) -> None:
    """Its own, and 1,024 bytes for the demo: not what is reserved before the stack is known."""
    least = least_ram(tmp_path / "small", digits)
    board = own_chip(tmp_path / "mine", ('size = "16k"', f'size = "{least}"'))
    ram = compiler.compile_model(digits, Options(board), Samples(1)).report["ram"]
    assert least <= ram["total"] + 2048
    assert least < ram["arena"] + 2048 + 1024


@needs_qemu
def test_the_advice_fits(tmp_path: Path, digits: Path) -> None:
    size = least_ram(tmp_path / "small", digits) - 100
    board = own_chip(tmp_path / "mine", ('size = "16k"', f'size = "{size}"'))
    with pytest.raises(FitError, match="is too small by") as caught:
        compiler.compile_model(digits, Options(board), Samples(1))
    advice = re.search(
        r"try --ram-budget (\d+): an arena of [\d,]+ bytes, for 1\.\d+ times", caught.value.hint
    )
    assert advice is not None
    options = Options(board, ram_budget=int(advice[1]))
    assert compiler.compile_model(digits, options, Samples(1)).report["ram"]["total"] <= int(advice[1])


@needs_qemu
def test_advice_where_nothing_of_ours_helps(digits: Path) -> None:
    with pytest.raises(FitError, match="the budget is 900 bytes") as caught:
        compiler.compile_model(digits, Options(load_board("microbit"), ram_budget=900), Samples(1))
    assert "the smallest arena that tinyc finds for it takes 1," in caught.value.hint
    assert "or a larger budget" in caught.value.hint


@needs_qemu
def test_flags_for_a_larger_core_than_the_board_says(tmp_path: Path, digits: Path) -> None:
    board = own_chip(tmp_path / "mine", ("-mcpu=cortex-m0", "-mcpu=cortex-m3"))
    with pytest.raises(BoardError, match=r"instructions that Armv6-M \(my-chip\) does not have"):
        compiler.compile_model(digits, Options(board), Samples(1))
