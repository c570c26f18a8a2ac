"""The part of a firmware folder that depends on the board: Makefile, linker script, demo main, port, scripts.

Everything here is text from a template, or a file copied from the runtime; of the model only the sizes of its
inputs and outputs are known.
"""

from __future__ import annotations

from pathlib import Path

from tinyc.codegen.projects.firmware import FACTS, Firmware, facts
from tinyc.render import render
from tinyc.target.boards import Board, Emulator
from tinyc.target.renode_console import ASKED_IN_VAIN, SCRIPT_ERROR

PORT_FOLDER = "runtime/src/port"


def port_files(board: Board) -> tuple[tuple[str, Path], ...]:
    """Path in the firmware folder, and the file to copy there, of all port files that a program needs."""
    if board.is_library:
        return ()
    names = dict.fromkeys(board.port.files + tuple(n for e in board.emulators.values() for n in e.files))
    return tuple((f"{PORT_FOLDER}/{name}", board.port_file(name)) for name in names)


def render_board_files(firmware: Firmware, board: Board) -> dict[str, str]:
    """Text by path in the folder: firmware.json, Makefile, board.ld but for the host, and main.c where it can run."""
    common = {FACTS: facts(firmware)}
    if not board.is_library:
        common["main.c"] = render("project/main.c.j2", **_facts(firmware), board=board.name)
    build = {
        **_facts(firmware),
        "ports": _compiled(board.port.files),
        "prefix": board.toolchain.prefix,
        "cflags": board.toolchain.cflags,
        "ldflags": board.toolchain.ldflags,
        "libs": board.toolchain.libs,
        "defines": tuple(f"{key}={value:#x}u" for key, value in _defines(board).items()),
    }
    if board.is_host:
        return {**common, "Makefile": render("project/host.mk.j2", **build)}
    emulators = [
        {
            "name": name,
            "ports": _compiled(emulator.files),
            "program": emulator.program if emulator.platform is None else '"$$renode"',
            "command": _command(emulator),
            "missing": _missing(name, board),
        }
        for name, emulator in board.emulators.items()
    ]
    regions = [
        *({"name": r.name, "attributes": "rx", "origin": r.origin, "size": r.size} for r in board.flash),
        *({"name": r.name, "attributes": "rw", "origin": r.origin, "size": r.size} for r in board.ram),
    ]
    bank, arena = board.banks(firmware.arena_bytes, firmware.stack_bytes + _VARIABLES)
    return {
        **common,
        **_renode_files(firmware, board),
        "Makefile": render("project/Makefile.j2", **build, emulators=emulators),
        "board.ld": render(
            "project/linker.ld.j2",
            **_facts(firmware),
            regions=regions,
            code=board.code_region.name,
            weights=board.weights_region.name,
            ram=bank.name,
            arena=arena.name,
            stack=board.stack,
        ),
    }


def _renode_files(firmware: Firmware, board: Board) -> dict[str, str]:
    """What runs the demo in Renode without tinyc: its scripts, the board's description and a Robot test."""
    emulator = board.emulators.get("renode")
    if emulator is None:
        return {}
    context = {
        "banner": firmware.banner,
        "name": firmware.name,
        "board": board.name,
        "platform": emulator.platform,
        "uart": emulator.uart,
        "core": emulator.core,
        "regions": board.regions,
        "elf": f"$ORIGIN/build/{firmware.name}.elf",
        "vectors": "$ORIGIN/vectors.bin",
        "seconds": _TEST_SECONDS,
    }
    return {
        str(emulator.platform): (board.folder / str(emulator.platform)).read_text(encoding="utf-8"),
        "machine.resc": render("renode/machine.resc.j2", **context),
        "run.resc": render("renode/run.resc.j2", **context),
        f"{firmware.name}.robot": render("renode/test.robot.j2", **context),
    }


def _missing(name: str, board: Board) -> str:
    """What `make run` says where the emulator is not installed: how to get it, and what else runs the demo."""
    emulator = board.emulators[name]
    if emulator.platform is not None:
        get = "$$renode is not here. Put Renode 1.15 or newer (renode.io) on PATH, or name it in TINYC_RENODE"
    else:
        packages = " ".join(emulator.packages)
        get = f"{emulator.program} is not here" + (f". sudo apt-get install {packages}" if packages else "")
    others = [other for other in board.emulators if other != name]
    instead = "".join(
        f". Or: make run EMULATOR={other}"
        + (f" (it emulates {board.emulators[other].models})" if board.emulators[other].models else "")
        for other in others
    )
    return f"{get}{instead}."


def _command(emulator: Emulator) -> str:
    """The shell line that runs the demo, in a folder with a copy of vectors.bin."""
    if emulator.platform is None:
        return " ".join(emulator.command("../$(notdir $(ELF))")) + " </dev/null"
    script = "; ".join(
        (
            r"\$$bin=@$$out/../$(notdir $(ELF))",
            "include @$$in/machine.resc",
            f"sysbus.{emulator.uart} CreateFileBackend @$$out/uart true",
            r"runMacro \$$quit_at_end",
            "start",
        )
    )
    # in a path for Renode's console, a blank has a backslash before it
    blanks = r"sed 's/ /\\ /g'"
    # it ends where its input does: a pipe that the shell itself holds open never ends
    options = "--console --disable-gui --plain --config config"
    return (
        f'in=$$(printf %s "$$here" | {blanks}); out=$$(printf %s "$$PWD" | {blanks}); '
        "rm -f uart console log && mkfifo console && "
        f'{{ timeout -k 5 {_RUN_SECONDS} "$$renode" {options} -e "{script}" 0<>console >log 2>&1 & }}; pid=$$!; '
        "trap 'kill $$pid; exit 130' HUP INT TERM; "
        # after a mistake in a script it would wait for a person; firmware may wait for a peripheral that is not there
        f"while kill -0 $$pid 2>/dev/null; do sleep 1; "
        f"! grep -qE '{SCRIPT_ERROR}' log && [ $$(grep -c 'from non.existing' log) -lt {ASKED_IN_VAIN} ] || "
        "{ sleep 1; kill $$pid 2>/dev/null; }; done; "
        f"if wait $$pid; then [ -s uart ] || echo 'Nothing was printed on {emulator.uart}.' >&2; "
        "else tail -n 8 log >&2; echo >&2; fi; "
        "rm -f console; cat uart 2>/dev/null && grep -q ' PASS' uart"
    )


_RUN_SECONDS = 600
"""What `make run` allows Renode."""

_TEST_SECONDS = 600
"""What the Robot test allows the firmware, in the board's own time: at Renode's 100 MIPS, 6e10 instructions."""

_VARIABLES = 2048
"""Main RAM that is set aside for variables of model and demo when a bank for the arena is chosen."""


def _facts(firmware: Firmware) -> dict[str, object]:
    return {
        "banner": firmware.banner,
        "name": firmware.name,
        "run": firmware.run,
        "roots": firmware.roots,
        "inputs": firmware.inputs,
        "outputs": firmware.outputs,
        "rows": firmware.rows,
        "layers": firmware.layers,
        "sources": firmware.sources,
        "library": firmware.library,
        "includes": firmware.includes,
        "stack_bytes": firmware.stack_bytes,
        "optimize": firmware.optimize,
    }


def _defines(board: Board) -> dict[str, int]:
    clock = {"TC_CLOCK_HZ": board.clock_hz} if board.clock_hz else {}
    return {**clock, **board.port.defines}


def _compiled(files: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{PORT_FOLDER}/{name}" for name in files if name.endswith((".c", ".S")))
