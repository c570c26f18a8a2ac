"""Renode: finding it, and running a built demo in it without a window, a network port or a trace on the disk.

The script is the firmware folder's own machine.resc. Vectors go into an emulated memory outside the chip's
(runtime/src/port/renode/mailbox.h) and outputs come out of it; the UART goes to a file.
"""

from __future__ import annotations

import os
import re
import shutil
import struct
import time
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tinyc.errors import InternalError, ToolError
from tinyc.render import render
from tinyc.target.boards import MAILBOX, Board
from tinyc.target.elf import symbol_address, symbol_at
from tinyc.target.renode_console import ASKED_IN_VAIN, SCRIPT_ERROR, complaint, monitor_path
from tinyc.target.tools import Finished, run_tool

NEEDED = (1, 15)
INSTALL = (
    "Get Renode 1.15 or newer: unpack a portable build from https://renode.io (Downloads) and put it on PATH, "
    "or name it in TINYC_RENODE"
)
_VARIABLE = "TINYC_RENODE"
_STREAM_BYTES = MAILBOX + 8
_EXIT_CODE = MAILBOX + 20
_OUTPUTS = MAILBOX + 0x02000000
_TRACE = MAILBOX + 0x03000000
_WINDOW = 0x01000000
_START_SECONDS = 60.0
"""What Renode itself may take to start on a slow machine, on top of the firmware's time limit."""

_QUIT_SECONDS = 5.0

#: What Renode logs when the core cannot go on: it then waits for ever.
_STUCK = re.compile(r"^.*(CPU abort|[Ll]ockup|code outside RAM or ROM).*$", re.MULTILINE)

_WRONG = re.compile(rf"^.*({SCRIPT_ERROR}).*$", re.MULTILINE)

_WRONG_SECONDS = 1.0
"""What the rest of a complaint may take to be printed."""

#: What Renode logs where a core reads an address at which nothing is.
_ASKED = re.compile(r"from non[- ]existing peripheral at (0x[0-9A-Fa-f]+)")

#: What machine.resc says where a memory of board.toml is not in the platform.
_LACKING = re.compile(r"^(board\.toml has .*: the platform has nothing at 0x[0-9a-f]+)$", re.MULTILINE)

#: Renode 1.15 goes astray where a Cortex-M's exception finds no room on the stack: it must be caught just before. The
#: frame has 8 words, or 26 with the floating-point unit. The core may go on raising exceptions: the first one counts.
_NO_ROOM = """
import System
from System.Threading import Thread, ThreadStart
from Antmicro.Renode import Emulator
sp = self.SP.RawValue
if sp < {limit:#x} + 104 and not System.IO.File.Exists({folder} + '/status'):
    line = 'tinyc: fault pc=0x%08x lr=0x%08x sp=0x%08x cause=stack-overflow' % (self.PC.RawValue, self.LR.RawValue, sp)
    System.IO.File.WriteAllText({folder} + '/fault', line)
    System.IO.File.WriteAllText({folder} + '/status', '3')
    self.IsHalted = True
    Thread(ThreadStart(Emulator.Exit)).Start()
"""

# writes what the firmware left in the mailbox to files, then ends Renode from a thread that no core waits for
_SAVE = """
import System
from System.Threading import Thread, ThreadStart
from Antmicro.Renode import Emulator
bus = machine.SystemBus
def save(name, size_at, base):
    size = bus.ReadDoubleWord(size_at)
    if size:
        System.IO.File.WriteAllBytes(name, bus.ReadBytes(base, size))
save({folder} + '/outputs.bin', {outputs_bytes:#x}, {outputs:#x})
save({folder} + '/trace.bin', {trace_bytes:#x}, {trace:#x})
System.IO.File.WriteAllText({folder} + '/status', str(bus.ReadDoubleWord({exit_code:#x})))
self.IsHalted = True
Thread(ThreadStart(Emulator.Exit)).Start()
"""


@dataclass(frozen=True)
class Renode:
    """path: of the program; version: (1, 15, 3)."""

    path: str
    version: tuple[int, ...]

    @property
    def is_new_enough(self) -> bool:
        """False for versions that lack what our scripts need."""
        return self.version >= NEEDED


def find_renode() -> Renode | None:
    """The Renode in TINYC_RENODE (the program, or the folder it lies in), else on PATH; None where there is none."""
    path = shutil.which("renode")
    named = os.environ.get(_VARIABLE)
    if named:
        place = Path(named)
        path = str(place / "renode") if place.is_dir() else shutil.which(named) or named
    if path is None or not os.access(path, os.X_OK):
        return None
    absolute = str(Path(path).absolute())  # it is started in another folder
    return Renode(absolute, _version(absolute))


def require_renode() -> Renode:
    """Like find_renode; ToolError that says how to get it where it is missing or too old."""
    found = find_renode()
    if found is None:
        named = os.environ.get(_VARIABLE)
        where = f" in {_VARIABLE}={named}" if named else ""
        raise ToolError(f"Renode is not installed: no program renode{where or ' on PATH'}.", f"{INSTALL}.")
    if not found.is_new_enough:
        version = ".".join(map(str, found.version)) or "of unknown version"
        raise ToolError(f"{found.path} is Renode {version}: too old.", f"{INSTALL}.")
    return found


@cache
def _version(path: str) -> tuple[int, ...]:
    text = run_tool((path, "--version"), timeout=_START_SECONDS).text
    number = re.search(r"\bv?(\d+(?:\.\d+)+)", text)
    return tuple(map(int, number[1].split("."))) if number else ()


def run_in_renode(elf: Path, vectors: bytes, board: Board, folder: Path, timeout: float) -> Finished:
    """Runs the demo in the empty `folder`, which then holds outputs.bin and trace.bin; its console and exit code.

    ToolError at the time limit, in seconds; InternalError where the core stops on a fault of its own.
    """
    renode = require_renode()
    _check_vectors(elf, vectors)
    emulator = board.emulators["renode"]
    (folder / "vectors.bin").write_bytes(vectors)
    shutil.copy(board.folder / str(emulator.platform), folder)
    (folder / "machine.resc").write_text(
        _machine(board, elf.stem, monitor_path(elf.resolve())), encoding="utf-8"
    )
    (folder / "headless.resc").write_text(_headless(folder, elf, board), encoding="utf-8")
    end = _End(folder)
    command = (renode.path, "--console", "--disable-gui", "--plain", "--config", str(folder / "config"))
    try:
        finished = run_tool(
            (*command, "-e", f"include {monitor_path(folder / 'headless.resc')}"),
            timeout + _START_SECONDS,
            folder,
            # what Renode keeps for itself goes where it is removed with the rest
            {"TMPDIR": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)},
            interactive=True,
            stop_when=end,
        )
    except ToolError as error:
        said = _read(folder / "uart").strip().splitlines()[-5:]
        last = " It printed last:\n" + "\n".join(said) if said else ""
        raise ToolError(
            f"{elf.name} did not end within {timeout:g} s in Renode.{last}", error.hint
        ) from error
    console = _read(folder / "uart") + "\n" + _read(folder / "fault")
    _check_board(finished.text, folder, console, board, end.awaited)
    if not (folder / "status").is_file():
        raise _stopped(elf, _read(folder / "log") + finished.text, console)
    return Finished(int(_read(folder / "status")), console)


def _python_text(path: Path) -> str:
    """A literal for the Python that Renode runs, in ASCII and without quotes inside."""
    plain = re.compile(r"[A-Za-z0-9/._ -]", re.ASCII)
    escaped = (c if plain.match(c) else f"\\U{ord(c):08x}" for c in str(path))
    return f"u'{''.join(escaped)}'"


def _machine(board: Board, name: str, elf: str) -> str:
    """The firmware folder's machine.resc: the board with firmware and vectors in place, not yet started."""
    emulator = board.emulators["renode"]
    return render(
        "renode/machine.resc.j2",
        name=name, board=board.name, banner=(), platform=emulator.platform, core=emulator.core,
        regions=board.regions, elf=elf, vectors="$ORIGIN/vectors.bin",
    )  # fmt: skip


def _headless(folder: Path, elf: Path, board: Board) -> str:
    emulator = board.emulators["renode"]
    uart, core = emulator.uart, emulator.core
    save = _SAVE.format(
        folder=_python_text(folder),
        outputs_bytes=_STREAM_BYTES,
        outputs=_OUTPUTS,
        trace_bytes=_STREAM_BYTES + 4,
        trace=_TRACE,
        exit_code=_EXIT_CODE,
    )
    limit = symbol_address(elf, "tc_ld_stack_limit")
    watch = ""
    if board.cpu.startswith("cortex-m") and limit is not None:
        script = _NO_ROOM.format(folder=_python_text(folder), limit=limit + 256)
        watch = f'sysbus.{core} AddHookAtInterruptBegin\n"""{script}"""'
    return f'''logFile {monitor_path(folder / "log")}
include $ORIGIN/machine.resc
sysbus.{uart} CreateFileBackend {monitor_path(folder / "uart")} true
sysbus.{core} RemoveHooksAt `sysbus GetSymbolAddress "tc_renode_end"`
sysbus.{core} AddHook `sysbus GetSymbolAddress "tc_renode_end"`
"""{save}"""
{watch}
start
'''


def _check_vectors(elf: Path, vectors: bytes) -> None:
    count, input_bytes, output_bytes = struct.unpack_from("<4xIII", vectors)
    if len(vectors) < 16 + count * (input_bytes + output_bytes):
        raise ToolError(f"{elf.name} stopped: vectors.bin is too short.")
    if max(len(vectors), count * output_bytes) > _WINDOW:
        raise ToolError(
            f"{len(vectors):,} bytes of test vectors do not fit the {_WINDOW:,} that a run in Renode takes.",
            "Use fewer samples.",
        )


class _End:
    """Tells, a few times a second, whether there is nothing to wait for in a run in `folder`.

    A command went wrong, the core is stuck or asks an address at which nothing is again and again; or the firmware has
    ended and Renode has not, as a core in a loop of exceptions can keep it from quitting.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._wrong_since: float | None = None
        self._logged = 0
        self._asked: Counter[str] = Counter()
        self.awaited: str | None = None
        """The address that the firmware waits for, and that the platform does not have."""

    def __call__(self, said: str) -> bool:
        """said: on Renode's console, so far."""
        status = self._folder / "status"
        if status.is_file():
            return time.time() - status.stat().st_mtime > _QUIT_SECONDS
        if self._wrong_since is None and _WRONG.search(said):
            self._wrong_since = time.monotonic()
        if self._wrong_since is not None:
            return time.monotonic() - self._wrong_since > _WRONG_SECONDS
        logged = self._new_lines()
        self._asked.update(_ASKED.findall(logged))
        self.awaited = next((address for address, n in self._asked.items() if n >= ASKED_IN_VAIN), None)
        return bool(self.awaited or _STUCK.search(logged))

    def _new_lines(self) -> str:
        """What was logged since the last call, in whole lines: the log of such a loop grows by megabytes a second."""
        log = self._folder / "log"
        if not log.is_file():
            return ""
        with log.open("rb") as file:
            file.seek(self._logged)
            lines = file.read().rpartition(b"\n")[0]
        self._logged += len(lines)
        return lines.decode(errors="replace")


def _check_board(said: str, folder: Path, console: str, board: Board, awaited: str | None) -> None:
    """Raise ToolError, in words about the board's files, where they are what went wrong."""
    emulator = board.emulators["renode"]
    platform = str(emulator.platform)
    lacking = _LACKING.search(said)
    if lacking:
        raise ToolError(
            f"{board.name}: {lacking[1]}.",
            f"Origin and size of every memory must be the same in board.toml and {platform}.",
        )
    wrong = complaint(said).replace(f"{folder / platform}", f"{board.folder / platform}")
    if wrong:
        raise ToolError(
            f"Renode cannot set up the board:\n{wrong}",
            f"Check {platform}, and in board.toml emulators.renode.uart ({emulator.uart}) and core "
            f"({emulator.core}): they are names in it.",
        )
    if awaited:
        raise ToolError(
            f"{board.name}: the firmware waits for what it reads at {awaited}; {platform} has nothing there.",
            "It needs a peripheral, or a Tag of sysbus; or an address in board.toml's port.defines is wrong.",
        )
    if (folder / "status").is_file() and not console.strip():
        raise ToolError(
            f"{board.name}: the firmware ended, and printed nothing on {emulator.uart}.",
            f"In board.toml emulators.renode.uart must be the UART in {platform} at TC_UART_BASE.",
        )


def _stopped(elf: Path, log: str, console: str) -> ToolError | InternalError:
    """Why Renode ended without the firmware having said so."""
    stuck = _STUCK.search(log)
    if stuck:
        address = re.search(r"PC=0x([0-9A-Fa-f]+)|\bat:? 0x([0-9A-Fa-f]+)", stuck[0])
        where = symbol_at(elf, int(address[1] or address[2], 16)) if address else None
        return InternalError(f"{elf.name} faulted in {where or 'unknown code'}: {stuck[0].strip()}")
    last = "\n".join([*log.strip().splitlines()[-5:], *console.strip().splitlines()[-5:]])
    return ToolError(f"Renode ended before {elf.name} was done. It printed last:\n{last}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
