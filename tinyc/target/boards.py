"""A board: about ten facts on a chip and its tools, from `boards/<name>/board.toml` or the user's own file.

Sizes are bytes; in the file they may be written "512k" or "4M" (k = 1024).
"""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tinyc.errors import BoardError
from tinyc.paths import data_dir

_UNITS = {"": 1, "k": 1024, "M": 1024 * 1024}


def parse_size(text: str) -> int:
    """Bytes of "96k", "4M" or "1000"; ValueError for anything else."""
    match = re.fullmatch(r"(\d+)\s*([kKM]?)", text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size such as 512k, 4M or 1000")
    return int(match[1]) * _UNITS[match[2].replace("K", "k")]


def _size(value: object) -> object:
    return parse_size(value) if isinstance(value, str) else value


Size = Annotated[int, BeforeValidator(_size), Field(gt=0)]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Region(_Facts):
    """Bytes [origin, origin + size) of the address space; the name is the linker's."""

    name: str = Field(pattern=r"^[A-Za-z_]\w*$")
    origin: int = Field(ge=0)
    size: Size


class Flash(Region):
    """Memory that keeps its content. code: vectors, instructions, `.data` image; weights: constants only."""

    role: Literal["code", "weights"] = "code"


class Ram(Region):
    """main: variables, stack and, where it has room, the arena; arena: a further bank it may lie in."""

    role: Literal["main", "arena"] = "main"


class Toolchain(_Facts):
    """prefix: "arm-none-eabi-" for arm-none-eabi-gcc; packages: what `apt install` takes."""

    prefix: str
    cflags: tuple[str, ...] = ()
    ldflags: tuple[str, ...] = ()
    libs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()


class Port(_Facts):
    """Files of the demo's port, in the board's folder or `runtime/src/port`; defines: macros they need."""

    files: tuple[str, ...]
    defines: dict[str, int] = {}


class Emulator(_Facts):
    """program with args runs the demo; files: port files for this emulator alone, such as its transport.

    serial: which of QEMU's serial ports the console is. platform: Renode's description of the board, a file next to
    board.toml; uart, core: names in it. models: what is emulated, where it is not the board itself.
    """

    program: str
    args: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    serial: int = Field(default=0, ge=0)
    platform: str | None = None
    uart: str = Field(default="uart0", pattern=r"^\w+$")
    core: str = Field(default="cpu", pattern=r"^\w+$")
    models: str = ""

    def command(self, elf: str) -> tuple[str, ...]:
        """What runs the demo natively or in QEMU, in the folder that holds vectors.bin; stdin must be empty."""
        if not self.program:
            return (elf,)
        counting = ("-icount", "shift=0", "-semihosting-config", "enable=on,target=native")
        others = ("-serial", "null") * self.serial
        headless = ("-display", "none", "-monitor", "none", *others, "-serial", "stdio")
        return (self.program, *self.args, *counting, *headless, "-kernel", elf)


class Board(_Facts):
    """isa: kernel variants the core can run, best first. No regions: memory is not limited (host).

    emulators: in order of preference; a board without any is for a library alone, and needs no port and no clock.
    stack: "top" of the main bank, with a guard below it that the core's protection unit watches; "bottom" of it, for a
    core without such a unit on a chip with nothing below the bank.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    description: str
    cpu: str
    isa: tuple[str, ...] = Field(min_length=1)
    clock_hz: int | None = Field(default=None, gt=0)
    flash: tuple[Flash, ...] = ()
    ram: tuple[Ram, ...] = ()
    toolchain: Toolchain
    port: Port = Port(files=())
    stack: Literal["top", "bottom"] = "top"
    emulators: dict[str, Emulator] = {}
    folder: Path = Field(exclude=True, repr=False)

    @property
    def is_host(self) -> bool:
        """True for the computer tinyc runs on: no memory map, sanitizers in place of an emulator."""
        return not self.flash

    @property
    def is_library(self) -> bool:
        """True where nothing runs a program: the model is compiled and measured as a library alone."""
        return not self.emulators

    @property
    def flash_bytes(self) -> int | None:
        """Bytes of all flash regions; None where memory is not limited."""
        return sum(region.size for region in self.flash) if self.flash else None

    @property
    def ram_bytes(self) -> int | None:
        """Bytes of all RAM banks; None where memory is not limited."""
        return sum(region.size for region in self.ram) if self.ram else None

    @property
    def regions(self) -> tuple[Region, ...]:
        """All memory, flash first."""
        return (*self.flash, *self.ram)

    @property
    def code_region(self) -> Flash:
        """Where instructions lie."""
        return next(region for region in self.flash if region.role == "code")

    @property
    def weights_region(self) -> Flash:
        """Where the model's constants lie: a region of their own, else with the instructions."""
        return next((region for region in self.flash if region.role == "weights"), self.code_region)

    @property
    def main_ram(self) -> Ram:
        """Where variables and the stack lie."""
        return next(region for region in self.ram if region.role == "main")

    def banks(self, arena_bytes: int, reserved: int) -> tuple[Ram, Ram]:
        """Banks for variables and stack, `reserved` bytes, and for an arena of that size.

        Both in the main bank where it has room; else the arena in the smallest bank beside that holds it; else the
        main bank is the arena's alone and another takes variables and stack. Where nothing fits, the arena gets the
        largest bank: the linker then says by how much it is too large.
        """
        main = self.main_ram
        others = sorted((region for region in self.ram if region is not main), key=lambda r: r.size)
        if arena_bytes + reserved <= main.size:
            return main, main
        for region in others:
            if region.size >= arena_bytes and reserved <= main.size:
                return main, region
        for region in others:
            if main.size >= arena_bytes and reserved <= region.size:
                return region, main
        return main, max(self.ram, key=lambda region: region.size)

    def port_file(self, name: str) -> Path:
        """Where a file of the port lies: next to board.toml, in a firmware folder's copy, else in the runtime."""
        own = (self.folder / name, self.folder / "runtime" / "src" / "port" / name)
        found = next((path for path in own if path.is_file()), None)
        return found or data_dir("runtime") / "src" / "port" / name


def board_names() -> tuple[str, ...]:
    """The boards that ship with tinyc: host first, then by name."""
    names = (path.parent.name for path in data_dir("boards").glob("*/board.toml"))
    return tuple(sorted(names, key=lambda name: (name != "host", name)))


def load_board(name_or_path: str) -> Board:
    """The board of that name, or the one described by the board.toml (or a folder with one) at that path."""
    if "/" in name_or_path or name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        path = path / "board.toml" if path.is_dir() else path
    else:
        path = data_dir("boards") / name_or_path / "board.toml"
        if not path.is_file():
            raise BoardError(
                f"Board {name_or_path!r} is not known.",
                f"Known boards: {', '.join(board_names())}; or give the path of your own board.toml.",
            )
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BoardError(f"{path}: cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError(f"{path}: is not a TOML file: {error}.") from error
    if "folder" in facts:
        raise BoardError(f"{path}: folder: this key is not known.")
    try:
        board = Board.model_validate({**facts, "folder": path.resolve().parent})
    except ValidationError as error:
        lines = [f"{path}: {_where(item['loc'])}: {item['msg']}." for item in error.errors()]
        raise BoardError("\n".join(lines)) from error
    _check(board, path)
    return board


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location)


def _check(board: Board, path: Path) -> None:
    """What single fields cannot show."""
    if bool(board.flash) != bool(board.ram):
        raise BoardError(f"{path}: a board has both [[flash]] and [[ram]], or neither (host).")
    if board.flash and not any(region.role == "code" for region in board.flash):
        raise BoardError(f"{path}: flash: no region has role code.")
    if board.ram and not any(region.role == "main" for region in board.ram):
        raise BoardError(f"{path}: ram: no region has role main.")
    if (board.cpu == "native") == bool(board.flash):
        raise BoardError(
            f'{path}: flash: cpu "native" has no [[flash]] and [[ram]], every other cpu has them.'
        )
    regions = sorted(board.regions, key=lambda region: region.origin)
    for low, high in pairwise(regions):
        if low.origin + low.size > high.origin:
            raise BoardError(f"{path}: regions {low.name} and {high.name} overlap.")
    if len({region.name for region in regions}) != len(regions):
        raise BoardError(f"{path}: two regions have the same name.")
    if board.is_library:
        return
    if not board.port.files:
        raise BoardError(
            f"{path}: port.files: a program for an emulator needs a port.",
            "Leave out [emulators] too, and the board is for a library alone.",
        )
    if board.flash and board.clock_hz is None:
        raise BoardError(f"{path}: clock_hz: is missing.")
    _check_files(board, path)


def _check_files(board: Board, path: Path) -> None:
    """Every file that the board names is there."""
    for name, emulator in board.emulators.items():
        if (name == "renode") != (emulator.platform is not None):
            raise BoardError(f"{path}: emulators.{name}.platform: Renode, and nothing else, needs one.")
        if emulator.platform and "/" in emulator.platform:
            raise BoardError(f"{path}: emulators.{name}.platform: must lie next to board.toml.")
    files = board.port.files + tuple(name for emulator in board.emulators.values() for name in emulator.files)
    platforms = tuple(emulator.platform for emulator in board.emulators.values() if emulator.platform)
    for name in platforms:
        if not (board.folder / name).is_file():
            raise BoardError(f"{path}: platform {name}: is not in {board.folder}.")
    for name in files:
        if not board.port_file(name).is_file():
            raise BoardError(f"{path}: port file {name}: is neither in {board.folder} nor in the runtime.")
