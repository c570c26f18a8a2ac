"""Reads the words of a program's code and looks each up in the table of its core."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import BoardError, ToolError
from tinyc.target.boards import Board
from tinyc.target.encodings.arm import ARMV6M, ARMV7M, ARMV81M, CORTEX_M4, CORTEX_M7, CORTEX_M33
from tinyc.target.encodings.pattern import InstructionSet
from tinyc.target.encodings.riscv import RV32IMAC
from tinyc.target.tools import find_tool, run_tool

#: By the board's `cpu`. Cores that are not here are not checked.
CORES = {
    "cortex-m0": ARMV6M,
    "cortex-m0plus": ARMV6M,
    "cortex-m1": ARMV6M,
    "cortex-m3": ARMV7M,
    "cortex-m4": CORTEX_M4,
    "cortex-m7": CORTEX_M7,
    "cortex-m33": CORTEX_M33,
    "cortex-m55": ARMV81M,
    "cortex-m85": ARMV81M,
    "rv32imac": RV32IMAC,
}

_HEADER = re.compile(r"^[0-9a-f]+ <(.+)>:$")
_LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f]{4}(?: ?[0-9a-f]{4})?) *\t(.*)$")
_TABLE = "tc_ld_memory_map"
_SHOWN = 5


@dataclass(frozen=True)
class Foreign:
    """An instruction that the core does not have. text: as the disassembler shows it."""

    address: int
    function: str
    word: int
    text: str


def foreign_instructions(
    elf: Path, core: InstructionSet, prefix: str, packages: tuple[str, ...]
) -> tuple[Foreign, ...]:
    """All of them, by address. prefix, packages: of the toolchain whose objdump reads the ELF."""
    objdump = find_tool(prefix + "objdump", packages)
    finished = run_tool((objdump, "--disassemble", "--show-raw-insn", "--wide", str(elf)), timeout=120)
    if finished.status != 0:
        raise ToolError(f"{prefix}objdump cannot read {elf.name}: {finished.text.strip()}")
    is_arm = prefix.startswith("arm")
    found = []
    function = "?"
    for line in finished.text.splitlines():
        header = _HEADER.match(line)
        function = header[1] if header else function
        parts = _LINE.match(line)
        if parts is None or function.startswith(_TABLE):
            continue
        digits, text = parts[2].replace(" ", ""), " ".join(parts[3].split())
        if is_arm and text.startswith("."):
            continue  # a constant among the code
        word = int(digits, 16)
        unknown = "<UNDEFINED>" in text and word >> 26 & 0b111011 == 0b111011  # of the coprocessor space
        if unknown or not core.has(word, 4 * len(digits)):
            found.append(Foreign(int(parts[1], 16), function, word, text))
    return tuple(found)


def check_encodings(elf: Path, board: Board) -> None:
    """Raises BoardError where the program holds an instruction that the board's core does not have."""
    core = CORES.get(board.cpu)
    if core is None:
        return
    found = foreign_instructions(elf, core, board.toolchain.prefix, board.toolchain.packages)
    if not found:
        return
    lines = [f"  {item.address:#010x} in {item.function}: {item.text}" for item in found[:_SHOWN]]
    more = [f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    raise BoardError(
        f"{elf.name} holds {len(found)} instructions that {core.name} ({board.name}) does not have:\n"
        + "\n".join(lines + more),
        "Check the board's toolchain.cflags, and assembly in its port files.",
    )
