"""Board descriptions: those that ship are sound, and mistakes in a user's own are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinyc.codegen.projects.board_files import port_files, render_board_files
from tinyc.codegen.projects.firmware import Firmware
from tinyc.errors import BoardError
from tinyc.target.board_fields import parse_size
from tinyc.target.boards import board_names, load_board

MINE = """
name = "mine"
description = "A board of my own"
cpu = "cortex-m4"
isa = ["dsp", "ref"]
clock_hz = 1_000_000
[[flash]]
name = "FLASH"
origin = 0
size = "512k"
[[ram]]
name = "RAM"
origin = 0x20000000
size = "64k"
[[ram]]
name = "SMALL"
origin = 0x30000000
size = "80k"
role = "arena"
[[ram]]
name = "LARGE"
origin = 0x40000000
size = "1M"
role = "arena"
[toolchain]
prefix = "arm-none-eabi-"
[port]
files = ["cortex_m/startup.c"]
[emulators.qemu]
program = "qemu-system-arm"
"""


def write(folder: Path, text: str) -> str:
    path = folder / "board.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", board_names())
def test_each_board_is_sound_and_has_a_readme(name: str) -> None:
    board = load_board(name)
    assert board.name == name
    assert (board.folder / "README.md").read_text().startswith(f"# {name}\n")
    assert board.isa[-1] == "ref"
    assert all(source.is_file() for _, source in port_files(board))


def test_host_has_no_limits() -> None:
    board = load_board("host")
    assert board.is_host
    assert (board.flash_bytes, board.ram_bytes, board.clock_hz) == (None, None, None)


def test_regions_of_the_m55_board() -> None:
    board = load_board("mps3-an547")
    assert (board.code_region.origin, board.code_region.size) == (0, 512 * 1024)
    assert (board.weights_region.origin, board.weights_region.size) == (0x01000000, 2 * 1024 * 1024)
    assert board.ram_bytes == (512 + 4096) * 1024


def test_an_unknown_board_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BoardError, match="'m4' is not known") as caught:
        load_board("m4")
    assert "mps2-an386, mps2-an500" in caught.value.hint


def test_a_board_of_the_users_own(tmp_path: Path) -> None:
    board = load_board(write(tmp_path, MINE))
    assert load_board(str(tmp_path)) == board
    assert board.ram_bytes == (64 + 80 + 1024) * 1024


def test_a_port_file_next_to_the_users_board_comes_first(tmp_path: Path) -> None:
    (tmp_path / "uart.c").write_text("")
    text = MINE.replace('files = ["cortex_m/startup.c"]', 'files = ["uart.c", "cortex_m/startup.c"]')
    board = load_board(write(tmp_path, text))
    assert board.port_file("uart.c") == tmp_path.resolve() / "uart.c"


@pytest.mark.parametrize(
    ("arena", "bank"),
    [(1, "RAM"), (60 * 1024, "RAM"), (60 * 1024 + 1, "SMALL"), (81 * 1024, "LARGE"), (2 << 20, "LARGE")],
)
def test_the_arena_goes_to_the_first_bank_that_holds_it(tmp_path: Path, arena: int, bank: str) -> None:
    board = load_board(write(tmp_path, MINE))
    assert [region.name for region in board.banks(arena, reserved=4096)] == ["RAM", bank]


def test_an_arena_that_fills_the_main_bank_drives_the_variables_out() -> None:
    board = load_board("stm32f4-discovery")
    assert [region.name for region in board.banks(126 << 10, reserved=4096)] == ["CCM", "SRAM"]
    assert [region.name for region in board.banks(129 << 10, reserved=4096)] == ["SRAM", "SRAM"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"64k"', '"64 apples"', "ram.0.size: .*is not a size"),
        ('"64k"', "0", "ram.0.size: .*greater than 0"),
        ("0x20000000", "0x10", "regions FLASH and RAM overlap"),
        ('"LARGE"', '"RAM"', "same name"),
        ("clock_hz = 1_000_000", "", "clock_hz: is missing"),
        ('[port]\nfiles = ["cortex_m/startup.c"]', "", "port.files: a program for an emulator needs a port"),
        ('cpu = "cortex-m4"', 'cpu = "native"', 'flash: cpu "native" has no'),
        ('cpu = "cortex-m4"', 'cpu = "cortex-m4"\ncolour = "red"', "colour: Extra inputs"),
        ('isa = ["dsp", "ref"]', "isa = []", "isa: "),
        ("cortex_m/startup.c", "startup.c", "port.files: startup.c is neither"),
        ('size = "512k"', 'size = "512k"\nrole = "weights"', "no region has role code"),
        ('name = "mine"', 'name = "Mine!"', "name: "),
        ("[[flash]]", "[[flash", "is not a TOML file"),
        ('cpu = "cortex-m4"', 'cpu = "cortex-m4"\nfolder = "/"', "folder: "),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = write(tmp_path, MINE.replace(old, new, 1))
    with pytest.raises(BoardError, match=message) as caught:
        load_board(path)
    assert path in caught.value.message


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match="cannot be read"):
        load_board(str(tmp_path / "board.toml"))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("96k", 96 * 1024),
        ("4M", 4 << 20),
        ("1000", 1000),
        ("2 K", 2048),
        ("64KB", 65536),
        ("64KiB", 65536),
        ("64kb", 65536),
        ("1 MiB", 1 << 20),
        ("1m", 1 << 20),
        ("12B", 12),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "1.5k", "1G", "0x10", "5iB", "64KBit"])
def test_what_is_not_a_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@pytest.mark.parametrize("name", board_names())
def test_rendering_is_reproducible_and_knows_no_paths(name: str) -> None:
    board = load_board(name)
    firmware = Firmware("net", ("first", "second"), (), (), ("runtime/src/kernels/a/a.c",), 1, 100)
    files = render_board_files(firmware, board)
    assert files == render_board_files(firmware, board)
    assert not any(str(board.folder) in text for text in files.values())
    assert files["Makefile"].startswith("# first\n# second\n")


@pytest.mark.parametrize(("value", "told"), [("= 0x80000000", "is 0x80000000"), (None, "is missing")])
def test_the_mailbox_is_where_renodes_script_puts_it(tmp_path: Path, value: str | None, told: str) -> None:
    home = load_board("nrf52840dk").folder
    text = (home / "board.toml").read_text()
    found = "TC_MAILBOX_BASE = 0x90000000"
    assert found in text
    (tmp_path / "platform.repl").write_text((home / "platform.repl").read_text())
    changed = "OTHER = 1" if value is None else f"TC_MAILBOX_BASE {value}"
    with pytest.raises(BoardError, match=f"port.defines.TC_MAILBOX_BASE: {told}; in Renode it is 0x90000000"):
        load_board(write(tmp_path, text.replace(found, changed)))
