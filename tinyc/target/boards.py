"""A board: about ten facts on a chip and its tools, from `boards/<name>/board.toml` or the user's own file.

Sizes are bytes; in the file they may be written "512k", "512KB", "512KiB" or "4M" (k = 1024).
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tinyc.errors import BoardError, did_you_mean
from tinyc.paths import data_dir, missing_hint
from tinyc.target import board_fields as fields

#: For every list: what no board comes near.
_FEW = Field(max_length=64)


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MemoryRegion(_Facts):
    """Bytes [origin, origin + size) of the address space; the name is the linker's."""

    name: fields.RegionName
    origin: fields.Address
    size: fields.Size

    @model_validator(mode="after")
    def _ends_within_the_address_space(self) -> Self:
        if self.origin + self.size > fields.ADDRESS_SPACE:
            raise ValueError(f"{self.name} ends behind the last address, 0xffffffff")
        return self


class Flash(MemoryRegion):
    """Memory that keeps its content. code: vectors, instructions, `.data` image; weights: constants only."""

    role: Literal["code", "weights"] = "code"


class Ram(MemoryRegion):
    """main: variables, stack and, where it has room, the arena; arena: a further bank it may lie in."""

    role: Literal["main", "arena"] = "main"


class Toolchain(_Facts):
    """prefix: "arm-none-eabi-" for arm-none-eabi-gcc; packages: what `apt install` takes."""

    prefix: fields.Prefix
    cflags: Annotated[tuple[fields.CompilerFlag, ...], _FEW] = ()
    ldflags: Annotated[tuple[fields.LinkerFlag, ...], _FEW] = ()
    libs: Annotated[tuple[fields.Library, ...], _FEW] = ()
    packages: Annotated[tuple[fields.Package, ...], _FEW] = ()


class PortFiles(_Facts):
    """Files of the demo's port, in the board's folder or `runtime/src/port`; defines: macros they need."""

    files: Annotated[tuple[fields.PortFile, ...], _FEW]
    defines: Annotated[dict[fields.Identifier, fields.Word], _FEW] = {}


class Emulator(_Facts):
    """program with args runs the demo; files: port files for this emulator alone, such as its transport.

    serial: which of QEMU's serial ports the console is. platform: Renode's description of the board, a file next to
    board.toml; uart, core: names in it. models: what is emulated, where it is not the board itself.
    """

    program: fields.Program
    args: fields.QemuArguments = ()
    packages: Annotated[tuple[fields.Package, ...], _FEW] = ()
    files: Annotated[tuple[fields.PortFile, ...], _FEW] = ()
    serial: int = Field(default=0, strict=True, ge=0, le=15)
    platform: fields.Platform | None = None
    uart: fields.Identifier = "uart0"
    core: fields.Identifier = "cpu"
    models: fields.Plain = ""

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

    name: fields.BoardName
    description: fields.Line
    cpu: fields.Cpu
    isa: tuple[fields.Isa, ...] = Field(min_length=1, max_length=4)
    clock_hz: int | None = Field(default=None, strict=True, gt=0, lt=fields.ADDRESS_SPACE)
    flash: tuple[Flash, ...] = Field(default=(), max_length=16)
    ram: tuple[Ram, ...] = Field(default=(), max_length=16)
    toolchain: Toolchain
    port: PortFiles = PortFiles(files=())
    stack: Literal["top", "bottom"] = "top"
    emulators: dict[str, Emulator] = {}
    folder: Path = Field(exclude=True, repr=False)
    toml: bytes = Field(exclude=True, repr=False)

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
    def regions(self) -> tuple[MemoryRegion, ...]:
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
    path = _board_file(name_or_path)
    text = _board_text(path)
    try:
        facts = tomllib.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise BoardError(f"{path}: is not a TOML file: {error}.") from error
    for key in ("folder", "toml"):
        if key in facts:
            raise BoardError(f"{path}: {key}: this key is not known.")
    try:
        board = Board.model_validate({**facts, "folder": path.resolve().parent, "toml": text})
    except ValidationError as error:
        lines = [
            f"{path}: {_where(item['loc'])}: {_reason(item['msg'])}." for item in error.errors()[:_SHOWN]
        ]
        raise BoardError("\n".join(lines)) from error
    _check(board, path)
    return board


#: A board.toml has about fifty lines.
_LARGEST = 1 << 16

_SHOWN = 8


def _board_file(name_or_path: str) -> Path:
    """The board.toml that a name or a path means."""
    if "/" in name_or_path or name_or_path in (".", "..") or name_or_path.endswith(".toml"):
        path = Path(name_or_path)
        return path / "board.toml" if path.is_dir() else path
    path = data_dir("boards") / name_or_path / "board.toml"
    if not path.is_file():
        like = did_you_mean(name_or_path, board_names())
        every = f"Known boards: {', '.join(board_names())}; or give the path of your own board.toml."
        raise BoardError(f"Board {name_or_path!r} is not known.", f"{like} {every}".strip())
    return path


def _board_text(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BoardError(f"{path}: cannot be read: it is no file.")
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        told = getattr(error, "strerror", error)
        raise BoardError(f"{path}: cannot be read: {told}.", missing_hint(path)) from error
    if len(text) > _LARGEST:
        raise BoardError(f"{path}: is larger than {_LARGEST:,} bytes: no board.toml.")
    return text


def _reason(message: str) -> str:
    """pydantic's message without its own prefix."""
    return message.removeprefix("Value error, ").rstrip(".")


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
    if board.isa[-1] != "ref":
        raise BoardError(f'{path}: isa: does not end with "ref", the kernels that every core can run.')
    if board.is_library and board.is_host:
        raise BoardError(f'{path}: emulators: cpu "native" needs [emulators.host] with program = "".')
    if board.is_library:
        return
    if not board.port.files:
        raise BoardError(
            f"{path}: port.files: a program for an emulator needs a port.",
            "Leave out [emulators] too, and the board is for a library alone.",
        )
    if board.flash and board.clock_hz is None:
        raise BoardError(f"{path}: clock_hz: is missing.")
    _check_emulators(board, path)
    _check_mailbox(board, path)
    _check_files(board, path)


#: What runs a demo, by the emulator's name: how its program's name begins.
_PROGRAMS = {"host": "", "qemu": "qemu-system-", "renode": "renode"}


def _check_emulators(board: Board, path: Path) -> None:
    """Each is one that tinyc knows how to start, and fits the board."""
    for name, emulator in board.emulators.items():
        where = f"{path}: emulators.{name}"
        if name not in _PROGRAMS:
            raise BoardError(f"{where}: is not known.", f"Known emulators: {', '.join(_PROGRAMS)}.")
        if (name == "host") != board.is_host:
            raise BoardError(f'{where}: a program runs on this computer if cpu is "native", and only then.')
        if not emulator.program.startswith(_PROGRAMS[name]) or (name == "host" and emulator.program):
            raise BoardError(f"{where}.program: {emulator.program!r} is no {name}.")
        if (name == "renode") != (emulator.platform is not None):
            raise BoardError(f"{where}.platform: Renode, and nothing else, needs one.")


#: Where Renode's script puts the memory for vectors and results: templates/renode/machine.resc.j2.
MAILBOX = 0x90000000


def _check_mailbox(board: Board, path: Path) -> None:
    """A port that looks for the vectors elsewhere than Renode puts them would find nothing."""
    emulator = board.emulators.get("renode")
    if emulator is None or "renode/mailbox.h" not in (*emulator.files, *board.port.files):
        return
    base = board.port.defines.get("TC_MAILBOX_BASE")
    if base != MAILBOX:
        told = "is missing" if base is None else f"is {base:#x}"
        raise BoardError(f"{path}: port.defines.TC_MAILBOX_BASE: {told}; in Renode it is {MAILBOX:#x}.")


#: A port file, or a platform, has a few hundred lines.
_LARGEST_FILE = 1 << 20


def _check_files(board: Board, path: Path) -> None:
    """Every file that the board names is there: text, and no link to somewhere else."""
    homes = (board.folder, data_dir("runtime").resolve() / "src" / "port")
    for field, names in _named_files(board):
        is_platform = field.endswith("platform")
        for name in names:
            file = board.folder / name if is_platform else board.port_file(name)
            if not file.is_file():
                other = "" if field.endswith("platform") else " nor in the runtime"
                raise BoardError(
                    f"{path}: {field}: {name} is {'neither' if other else 'not'} in {board.folder}{other}."
                )
            if not any(file.resolve().is_relative_to(home) for home in homes):
                raise BoardError(f"{path}: {field}: {name} is a link to a file outside {board.folder}.")
            _check_text(file, f"{path}: {field}: {name}")


def _named_files(board: Board) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The files a board names, by the field that names them."""
    found = [("port.files", board.port.files)]
    for name, emulator in board.emulators.items():
        found.append((f"emulators.{name}.files", emulator.files))
        if emulator.platform:
            found.append((f"emulators.{name}.platform", (emulator.platform,)))
    return tuple(found)


def _check_text(file: Path, where: str) -> None:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST_FILE + 1)
        if len(data) > _LARGEST_FILE or b"\0" in data:
            raise BoardError(f"{where} is no text of at most {_LARGEST_FILE:,} bytes.")
        data.decode()
    except OSError as error:
        raise BoardError(f"{where} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BoardError(f"{where} is not UTF-8 text.") from error
