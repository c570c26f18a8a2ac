"""Functions of an ELF as lists of instructions, as GNU objdump prints them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import ToolError
from tinyc.target.tools import find_tool, run_tool

_HEADER = re.compile(r"^([0-9a-f]+) <(.+)>:$")
_LINE = re.compile(r"^ *([0-9a-f]+):\s+(\S+)\s*(.*)$")
_DATA = (".word", ".short", ".byte", ".insn", "...", ".2byte", ".4byte")


@dataclass(frozen=True)
class Instruction:
    """mnemonic "push", operands "{r4, lr}", note: what objdump adds behind the comment sign."""

    address: int
    mnemonic: str
    operands: str
    note: str

    @property
    def is_data(self) -> bool:
        """A constant among the code."""
        return self.mnemonic in _DATA

    @property
    def is_padding(self) -> bool:
        """Aligns what follows it, in code that no path reaches."""
        return self.mnemonic.split(".")[0] == "nop" or self._is_zero

    @property
    def _is_zero(self) -> bool:
        """What the linker fills gaps with, a halfword of 0 on Thumb."""
        return self.mnemonic == "movs" and self.operands.replace(" ", "") == "r0,r0"


@dataclass(frozen=True)
class Function:
    """Instructions in [start, end); end is the next symbol's start, else behind the last instruction."""

    name: str
    start: int
    end: int
    body: tuple[Instruction, ...]


def disassemble(elf: Path, prefix: str, packages: tuple[str, ...], machine: str = "") -> tuple[Function, ...]:
    """All functions of the ELF's code sections, by address. prefix: of the toolchain, "arm-none-eabi-".

    machine: objdump's name of the architecture, where it must be told to know Helium's instructions.
    """
    objdump = find_tool(prefix + "objdump", packages)
    told = ("--architecture", machine) if machine else ()
    finished = run_tool((objdump, "--disassemble", "--no-show-raw-insn", *told, str(elf)), timeout=120)
    if finished.status != 0:
        raise ToolError(f"{prefix}objdump cannot read {elf.name}: {finished.text.strip()}")
    return parse(finished.text)


def parse(text: str) -> tuple[Function, ...]:
    """Functions of objdump's output."""
    functions: list[tuple[str, int, list[Instruction]]] = []
    for line in text.splitlines():
        header = _HEADER.match(line)
        if header:
            functions.append((header[2], int(header[1], 16), []))
            continue
        found = _LINE.match(line)
        if found and functions:
            operands, _, note = re.sub(r"\s+", " ", found[3]).replace(" # ", " @ ").partition("@")
            functions[-1][2].append(Instruction(int(found[1], 16), found[2], operands.strip(), note.strip()))
    filled = [item for item in functions if item[2]]
    ends = [start for _, start, _ in filled[1:]] + [filled[-1][2][-1].address + 1] if filled else []
    return tuple(
        Function(name, start, end, tuple(body)) for (name, start, body), end in zip(filled, ends, strict=True)
    )
