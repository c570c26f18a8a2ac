"""Stack effects of RV32 instructions, from objdump's text."""

from __future__ import annotations

import re

from tinyc.target.stack.disassembly import Instruction
from tinyc.target.stack.effect import Effect

_TARGET = re.compile(r"\b([0-9a-f]+) <")
_STORES = ("sw", "sh", "sb", "fsw", "fsd")


def effect_of(instruction: Instruction) -> Effect:
    """What the instruction does; what is not known to leave the stack alone is `unknown`."""
    name = instruction.mnemonic.removeprefix("c.")
    operands = instruction.operands
    target = _TARGET.search(f"{operands} {instruction.note}")
    address = int(target[1], 16) if target else None
    if name in {"ret", "mret", "ebreak", "unimp"}:
        return Effect(falls=False)
    if name in {"jal", "jalr", "call"}:
        return _call(operands, f"{operands} {instruction.note}", address)
    if name in {"j", "jr", "tail"}:
        return _jump(f"{operands} {instruction.note}", operands, address)
    if name.startswith("b") and address is not None:
        return Effect(jump=address, conditional=True)
    return _stack(name, operands)


def is_switch(body: tuple[Instruction, ...], at: int) -> bool:
    """Whether the jump at body[at] goes to a case of a switch: its address is loaded from a table of words.

    The index was scaled by 4, and the address loaded into the register jumped through, both shortly before.
    """
    before = body[max(0, at - 10) : at]
    register = body[at].operands
    scaled = any(
        (item.mnemonic.removeprefix("c.") in {"sll", "slli"} and item.operands.endswith((",0x2", ",2")))
        or item.mnemonic == "sh2add"
        for item in before
    )
    loaded = any(
        item.mnemonic in {"lw", "c.lw"} and item.operands.startswith(f"{register},") for item in before
    )
    return scaled and loaded


def _stack(name: str, operands: str) -> Effect:
    if operands.startswith("sp,") and name not in _STORES:
        by = re.fullmatch(r"sp,(?:sp,)?(-?\d+)", operands.replace(" ", ""))
        if by and name in {"add", "addi", "addi16sp"}:
            return Effect(deeper=-int(by[1]))
        return Effect(unknown=f"{name} {operands}")
    return Effect()


def _call(operands: str, text: str, address: int | None) -> Effect:
    saved = re.search(r"<__riscv_save_(\d+)>", text)
    if saved:
        return Effect(deeper=16 * (int(saved[1]) // 4 + 1))
    if operands.startswith("zero"):
        return _jump(text, operands, address)
    return Effect(call=address, pointer=address is None)


def _jump(text: str, operands: str, address: int | None) -> Effect:
    if "<__riscv_restore_" in text or operands in {"ra", "0(ra)", "t0"}:
        return Effect(falls=False)
    if address is None:
        return Effect(table=True, pointer=True, falls=False)
    return Effect(jump=address, falls=False)
