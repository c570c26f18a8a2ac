"""A board.toml comes from a stranger: what it may say, and that loading and compiling for it runs and copies nothing.

The table is attack -> the field that the message names; every one ends with exit code 3.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.tool import tinyc
from tinyc.errors import BoardError
from tinyc.target.boards import load_board

BOARD = """
name = "mine"
description = "A board of my own"
cpu = "cortex-m4"
isa = ["dsp", "ref"]
clock_hz = 1_000_000
stack = "top"
[[flash]]
name = "FLASH"
origin = 0
size = "512k"
[[ram]]
name = "RAM"
origin = 0x20000000
size = "64k"
[toolchain]
prefix = "arm-none-eabi-"
cflags = ["-mcpu=cortex-m4", "-mthumb"]
ldflags = ["-nostartfiles"]
libs = ["-lm"]
packages = ["gcc-arm-none-eabi"]
[port]
files = ["cortex_m/startup.c", "uart.c"]
defines = { TC_UART_BASE = 0x40004000 }
[emulators.qemu]
program = "qemu-system-arm"
args = ["-machine", "mps2-an386"]
packages = ["qemu-system-arm"]
files = ["semihosting/transport.c"]
models = "another board"
[emulators.renode]
program = "renode"
platform = "platform.repl"
uart = "uart0"
core = "cpu"
"""

TOUCH = "touch /tmp/tinyc_was_here"

#: (what is replaced, by what, the field that is named)
ATTACKS = (
    ('"uart.c"', '"../../../../etc/passwd"', "port.files.1"),
    ('"uart.c"', '"/etc/passwd"', "port.files.1"),
    ('"uart.c"', '"a/../../uart.c"', "port.files.1"),
    ('"uart.c"', '"../uart.c"', "port.files.1"),
    ('"uart.c"', '"./uart.c"', "port.files.1"),
    ('"uart.c"', '".hidden.c"', "port.files.1"),
    ('"uart.c"', '"-x.c"', "port.files.1"),
    ('"uart.c"', '"board.toml"', "port.files.1"),
    ('"uart.c"', '"a b.c"', "port.files.1"),
    ('"uart.c"', '"$(shell id).c"', "port.files.1"),
    ('"uart.c"', '"uart\\n.c"', "port.files.1"),
    ('"uart.c"', '"uärt.c"', "port.files.1"),
    ('"uart.c"', '"escapes.c"', "port.files"),
    ('"uart.c"', '"folder/uart.c"', "port.files"),
    ('"uart.c"', '"missing.c"', "port.files"),
    ('"uart.c"', '"pipe.c"', "port.files"),
    ('"uart.c"', '"large.c"', "port.files"),
    ('"uart.c"', '"binary.c"', "port.files"),
    ('"uart.c"', '"latin.c"', "port.files"),
    ('"semihosting/transport.c"', '"../../etc/passwd"', "emulators.qemu.files.0"),
    ('"semihosting/transport.c"', '"escapes.c"', "emulators.qemu.files"),
    ('"platform.repl"', '"../platform.repl"', "emulators.renode.platform"),
    ('"platform.repl"', '"/etc/passwd"', "emulators.renode.platform"),
    ('"platform.repl"', '"Makefile"', "emulators.renode.platform"),
    ('"platform.repl"', '"x.specs"', "emulators.renode.platform"),
    ('"platform.repl"', '"escapes.repl"', "emulators.renode.platform"),
    ('"platform.repl"', '"missing.repl"', "emulators.renode.platform"),
    ('"-mthumb"', f'"$(shell {TOUCH})"', "toolchain.cflags.1"),
    ('"-mthumb"', f'"`{TOUCH}`"', "toolchain.cflags.1"),
    ('"-mthumb"', f'"-DX=$(shell {TOUCH})"', "toolchain.cflags.1"),
    ('"-mthumb"', f'"-mthumb; {TOUCH}"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-mthumb\\n\\t@id"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fplugin=./evil.so"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fplugin=evil"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fplugin-arg-evil-x=1"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-wrapper"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-wrapper=sh,-c,id"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-B/tmp/evil"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-I/etc"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-include"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-imacros/etc/passwd"', "toolchain.cflags.1"),
    ('"-mthumb"', '"@/etc/passwd"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-specs=evil.specs"', "toolchain.cflags.1"),
    ('"-mthumb"', '"--specs=evil.specs"', "toolchain.cflags.1"),
    ('"-mthumb"', '"--specs=../nano.specs"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-o/etc/passwd"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fdump-tree-all"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fprofile-dir=x"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fuse-ld=evil"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-fcallgraph-info=su,da"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-Wa,-o,x"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-Wp,-MD,x"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-Wl,-T,evil.ld"', "toolchain.cflags.1"),
    ('"-mthumb"', '"-Xlinker"', "toolchain.cflags.1"),
    ('"-mthumb"', '"uart.o"', "toolchain.cflags.1"),
    ('"-mthumb"', '""', "toolchain.cflags.1"),
    ('"-mthumb"', "7", "toolchain.cflags.1"),
    ('"-mthumb"', "'-D" + "X" * 500 + "'", "toolchain.cflags.1"),
    ('"-mthumb"', ", ".join(['"-mthumb"'] * 99), "toolchain.cflags"),
    ('"-nostartfiles"', '"-Tevil.ld"', "toolchain.ldflags.0"),
    ('"-nostartfiles"', '"-Wl,-Map=/etc/passwd"', "toolchain.ldflags.0"),
    ('"-nostartfiles"', '"-Wl,--plugin,evil.so"', "toolchain.ldflags.0"),
    ('"-nostartfiles"', '"-Wl,--defsym=a=b;c"', "toolchain.ldflags.0"),
    ('"-nostartfiles"', '"-L/tmp"', "toolchain.ldflags.0"),
    ('"-nostartfiles"', '"-Wl,@/etc/passwd"', "toolchain.ldflags.0"),
    ('"-lm"', '"-l:../../evil.a"', "toolchain.libs.0"),
    ('"-lm"', '"/tmp/evil.a"', "toolchain.libs.0"),
    ('"-lm"', '"$(shell id)"', "toolchain.libs.0"),
    ('"arm-none-eabi-"', '"/tmp/evil-"', "toolchain.prefix"),
    ('"arm-none-eabi-"', f'"sh -c \'{TOUCH}\' "', "toolchain.prefix"),
    ('"arm-none-eabi-"', '"$(shell id)"', "toolchain.prefix"),
    ('"arm-none-eabi-"', '"../evil-"', "toolchain.prefix"),
    ('"gcc-arm-none-eabi"', '"x; rm -rf /"', "toolchain.packages.0"),
    ('"qemu-system-arm"\nargs', '"sh"\nargs', "emulators.qemu.program"),
    ('"qemu-system-arm"\nargs', '"/tmp/qemu-system-arm"\nargs', "emulators.qemu.program"),
    ('"qemu-system-arm"\nargs', f'"$(shell {TOUCH})"\nargs', "emulators.qemu.program"),
    ('"qemu-system-arm"\nargs', '""\nargs', "emulators.qemu.program"),
    ('"qemu-system-arm"\nargs', '"renode"\nargs', "emulators.qemu.program"),
    ('program = "renode"', 'program = "qemu-system-arm"', "emulators.renode.program"),
    ('"-machine", "mps2-an386"', '"-incoming", "exec:id"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-chardev", "file,id=x,path=/etc/passwd"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-plugin", "evil.so"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-drive", "file=/etc/passwd"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-machine", "x,dumpdtb=/etc/x"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-machine", "x; id"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-machine", "-kernel"', "emulators.qemu.args"),
    ('"-machine", "mps2-an386"', '"-machine"', "emulators.qemu.args"),
    ('"another board"', '"$(shell id)"', "emulators.qemu.models"),
    ('"another board"', '"x\\" ; id; \\""', "emulators.qemu.models"),
    ('"another board"', '"`id`"', "emulators.qemu.models"),
    ('uart = "uart0"', 'uart = "uart0; quit"', "emulators.renode.uart"),
    ('uart = "uart0"', 'uart = "uart0\\nquit"', "emulators.renode.uart"),
    ('uart = "uart0"', 'uart = "ünit"', "emulators.renode.uart"),
    ('core = "cpu"', 'core = "cpu `id`"', "emulators.renode.core"),
    ("[emulators.qemu]", '[emulators."$(shell id)"]', "emulators.$(shell id)"),
    ("[emulators.qemu]", "[emulators.spike]", "emulators.spike"),
    ("[emulators.qemu]", "[emulators.host]", "emulators.host"),
    ("TC_UART_BASE =", '"X=1 -include/etc/passwd" =', "port.defines"),
    ("TC_UART_BASE =", '"$(shell id)" =', "port.defines"),
    ("0x40004000", "-1", "port.defines.TC_UART_BASE"),
    ("0x40004000", "0x100000000", "port.defines.TC_UART_BASE"),
    ("0x40004000", "1.5", "port.defines.TC_UART_BASE"),
    ("0x40004000", "true", "port.defines.TC_UART_BASE"),
    ("0x40004000", '"$(shell id)"', "port.defines.TC_UART_BASE"),
    ('"FLASH"', '"FLASH (rx) : ORIGIN = 0, LENGTH = 1 }"', "flash.0.name"),
    ('"FLASH"', '"FLÄSH"', "flash.0.name"),
    ('"FLASH"', '"ORIGIN"', "flash.0.name"),
    ('"FLASH"', '"RAM"', "two regions have the same name"),
    ("origin = 0\n", "origin = -4\n", "flash.0.origin"),
    ("origin = 0\n", "origin = 0x100000000\n", "flash.0.origin"),
    ("origin = 0\n", "origin = 0.0\n", "flash.0.origin"),
    ("origin = 0\n", "origin = false\n", "flash.0.origin"),
    ("origin = 0\n", f"origin = 1{'0' * 5000}\n", "is not a TOML file"),
    ("origin = 0\n", "origin = 0xFFFFF000\n", "flash.0: FLASH ends behind the last address"),
    ("origin = 0\n", "origin = 0x1FFFFFFF\n", "regions FLASH and RAM overlap"),
    ('"512k"', '"99999999999999999999M"', "flash.0.size"),
    ('"512k"', '"8192M"', "flash.0.size"),
    ('"512k"', "-1", "flash.0.size"),
    ('"512k"', "1e3", "flash.0.size"),
    ("clock_hz = 1_000_000", "clock_hz = 0", "clock_hz"),
    ("clock_hz = 1_000_000", "clock_hz = 99999999999", "clock_hz"),
    ("clock_hz = 1_000_000", 'clock_hz = "$(shell id)"', "clock_hz"),
    ('"cortex-m4"\nisa', '"cortex-m4 -B/tmp"\nisa', "cpu"),
    ('"cortex-m4"\nisa', '"native"\nisa', 'cpu "native" has no'),
    ('"dsp", "ref"', '"../dsp", "ref"', "isa.0"),
    ('"dsp", "ref"', '"dsp"', "isa: does not end"),
    ('stack = "top"', 'stack = "$(shell id)"', "stack"),
    ('name = "mine"', 'name = "../mine"', "name"),
    ('name = "mine"', "name = '" + "m" * 200 + "'", "name"),
    ('name = "mine"', 'name = "mine\\n$(shell id)"', "name"),
    ('description = "A board', 'description = "\\u001b[2JA board', "description"),
    ('name = "mine"', 'name = "mine"\nfolder = "/"', "folder"),
    ('name = "mine"', 'name = "mine"\ntoml = "x"', "toml"),
    ('name = "mine"', f"name = {'[' * 5000}", "is not a TOML file"),
    ('name = "mine"', f"# {'x' * 100_000}", "is larger than"),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A board's folder with every file that the table names, and a secret outside it."""
    (tmp_path / "secret.c").write_text("int secret;\n")
    home = tmp_path / "board"
    home.mkdir()
    (home / "uart.c").write_text("int here;\n")
    (home / "platform.repl").write_text("// nothing\n")
    (home / "x.specs").write_text("*link:\n")
    (home / "escapes.c").symlink_to(tmp_path / "secret.c")
    (home / "escapes.repl").symlink_to(tmp_path / "secret.c")
    (home / "folder").symlink_to(tmp_path)
    (tmp_path / "uart.c").write_text("int outside;\n")
    (home / "large.c").write_bytes(b"//" + b"x" * (2 << 20))
    (home / "binary.c").write_bytes(b"int x;\0")
    (home / "latin.c").write_bytes("// ü".encode("latin-1"))
    os.mkfifo(home / "pipe.c")
    return home


def attacked(folder: Path, old: str, new: str) -> Path:
    assert old in BOARD
    path = folder / "board.toml"
    path.write_text(BOARD.replace(old, new, 1))
    return path


def test_the_board_is_sound_without_an_attack(folder: Path) -> None:
    assert load_board(str(attacked(folder, "mine", "mine"))).name == "mine"


@pytest.mark.parametrize(("old", "new", "field"), ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_is_refused_by_its_field(folder: Path, old: str, new: str, field: str) -> None:
    path = attacked(folder, old, new)
    with pytest.raises(BoardError) as caught:
        load_board(str(path))
    assert caught.value.exit_code == 3
    assert f"{path}: {field}" in caught.value.message or field in caught.value.message.partition(": ")[2]
    assert len(caught.value.message) < 2000


@pytest.mark.parametrize(
    ("old", "new"),
    [('"-mthumb"', f'"$(shell {TOUCH})"'), ("[emulators.qemu]", f'[emulators."$(shell {TOUCH})"]')],
)
def test_nothing_runs_from_the_command_line(
    folder: Path, digits: Path, tmp_path: Path, old: str, new: str
) -> None:
    trace = Path("/tmp/tinyc_was_here")
    for command in (("compile", digits, "-o", tmp_path / "out"), ("report", digits), ("run", digits)):
        done = tinyc(*command, "--board", attacked(folder, old, new))
        assert done.status == 3, done.err
    assert not trace.exists()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "flag",
    [
        "-mcpu=cortex-m55+nomve.fp", "-mfloat-abi=hard", "-mfpu=fpv5-sp-d16", "--specs=nano.specs", "-misa-spec=2.2",
        "-ffunction-sections", "-fno-common", "-fshort-enums", "-flto", "-DCHIP_X", "-DCHIP=STM32F4", "-Os", "-g3",
        "-Wno-unused-parameter", "-fstack-protector-strong", "-fno-exceptions", "-march=rv32imac_zicsr",
    ],
)  # fmt: skip
def test_flags_that_boards_need_are_allowed(folder: Path, flag: str) -> None:
    assert flag in load_board(str(attacked(folder, '"-mthumb"', f'"{flag}"'))).toolchain.cflags


@pytest.mark.parametrize(
    "flag", ["-Wl,--print-memory-usage", "-Wl,-u,_printf_float", "-Wl,--defsym=__heap=0x400"]
)
def test_linker_flags_that_boards_need_are_allowed(folder: Path, flag: str) -> None:
    assert flag in load_board(str(attacked(folder, '"-nostartfiles"', f'"{flag}"'))).toolchain.ldflags


def test_files_that_are_no_board(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    os.mkfifo(tmp_path / "pipe.toml")
    for name, why in (
        ("binary.toml", "is not a TOML file"),
        ("pipe.toml", "it is no file"),
        ("a\0.toml", "cannot be read"),
    ):
        with pytest.raises(BoardError, match=why):
            load_board(str(tmp_path / name))


def test_a_dot_is_the_folder_one_is_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attacked(folder, "mine", "mine")
    monkeypatch.chdir(folder)
    assert load_board(".") == load_board("./") == load_board("board.toml")


def test_a_board_file_of_any_name_goes_into_the_firmware_folder(folder: Path) -> None:
    text = attacked(folder, "mine", "mine").read_bytes()
    (folder / "other.toml").write_bytes(text.replace(b'"mine"', b'"other"'))
    assert b'"other"' in load_board(str(folder / "other.toml")).toml
