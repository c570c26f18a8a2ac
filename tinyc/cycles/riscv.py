"""RV32 instructions by class, from objdump's text."""

from __future__ import annotations

import re

from tinyc.cycles.kind import Kind, Timed
from tinyc.target.stack.disassembly import Instruction

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.LOAD, re.compile("lw|flw|fld")),
    (Kind.LOAD_NARROW, re.compile("l[bh]u?")),
    (Kind.STORE, re.compile("s[bhw]|fs[wd]")),
    (Kind.MUL, re.compile("mul.*")),
    (Kind.DIV, re.compile("div.*|rem.*")),
    (Kind.BRANCH, re.compile("b(?:eq|ne|lt|ge|gt|le)(?:u|z)?|j|tail")),
    (Kind.CALL, re.compile("jal|call")),
    (Kind.INDIRECT, re.compile("jr|jalr|ret|mret")),
)
_REGISTER = re.compile(r"\b(zero|ra|sp|gp|tp|[ast]\d+|f[ast]\d+)\b")


def timed(instruction: Instruction) -> Timed:
    """What the instruction's time depends on."""
    name = instruction.mnemonic.removeprefix("c.")
    operands = re.sub(r"<.*>", "", instruction.operands)
    kind = next((kind for kind, pattern in _KINDS if pattern.fullmatch(name)), Kind.ALU)
    named = _REGISTER.findall(operands)
    inside = frozenset(_REGISTER.findall("".join(re.findall(r"\(.*?\)", operands))))
    if kind in {Kind.STORE, Kind.BRANCH, Kind.INDIRECT, Kind.CALL}:
        return Timed(kind, reads=frozenset(named), address=inside)
    return Timed(kind, frozenset(named[:1]), frozenset(named[1:]), inside)
