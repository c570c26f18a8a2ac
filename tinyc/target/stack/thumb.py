"""Stack effects of Thumb instructions (Armv6-M to Armv8.1-M), from objdump's text."""

from __future__ import annotations

import re

from tinyc.target.stack.disassembly import Instruction
from tinyc.target.stack.effect import Effect

_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
_BRANCH = re.compile(rf"^b({_CONDITIONS})?$")
_CALL = re.compile(rf"^(bl|blx|bx|bxns|blxns)({_CONDITIONS})?$")
_STACK = re.compile(
    r"^(push|pop|vpush|vpop|stmdb|ldmia|vstmdb|vldmia|add|addw|sub|subw|mov|movs|ldr|ldrd|str|strd)"
    rf"({_CONDITIONS})?$"
)
_TARGET = re.compile(r"\b([0-9a-f]+) <")
_LOOPS = ("cbz", "cbnz", "le", "letp", "wls", "wlstp", "bf", "bfl")
_READS_SP_FIRST = ("cmp", "cmn", "tst", "teq", "str", "strb", "strh", "strd")


def effect_of(instruction: Instruction) -> Effect:
    """What the instruction does; what is not known to leave the stack alone is `unknown`."""
    name = instruction.mnemonic.split(".")[0]
    operands = instruction.operands
    branch = _BRANCH.match(name)
    if branch:
        return Effect(jump=_target(operands), falls=bool(branch[1]))
    if name in _LOOPS:
        return Effect(jump=_target(operands), conditional=True)
    call = _CALL.match(name)
    if call:
        return _call(call[1], operands, bool(call[2]))
    if name in {"tbb", "tbh", "udf"}:
        return Effect(table=name != "udf", falls=False)
    return _stack(name, operands)


def is_switch(body: tuple[Instruction, ...], at: int) -> bool:
    """Whether `mov pc, rN` at body[at] goes to a case of a switch: rN is loaded at an index scaled by 4."""
    before = body[max(0, at - 10) : at]
    register = body[at].operands.removeprefix("pc, ")
    scaled = any(item.mnemonic.startswith("lsl") and item.operands.endswith(", #2") for item in before)
    loaded = any(re.fullmatch(rf"{register}, \[r\d+, r\d+\]", item.operands) for item in before)
    return body[at].mnemonic == "mov" and scaled and loaded


def _call(kind: str, operands: str, conditional: bool) -> Effect:
    if kind.startswith("bx"):
        if operands == "lr":
            return Effect(falls=False, conditional=conditional)
        return Effect(falls=False, pointer=True, conditional=conditional)
    if "<__gnu_thumb1_case_" in operands:
        return Effect(call=_target(operands), table=True, falls=False)  # Armv6-M's switch
    if "<" in operands:
        return Effect(call=_target(operands), conditional=conditional)
    return Effect(pointer=True, conditional=conditional)


def _stack(name: str, operands: str) -> Effect:
    found = _STACK.match(name)
    kind, conditional = (found[1], bool(found[2])) if found else (name, False)
    first = operands.partition(",")[0].strip()
    if kind in {"push", "vpush"} or (kind in {"stmdb", "vstmdb"} and first == "sp!"):
        return Effect(deeper=_list_bytes(operands), conditional=conditional)
    if kind in {"pop", "vpop"} or (kind in {"ldmia", "vldmia"} and first == "sp!"):
        returns = re.search(r"\bpc\b", operands) is not None
        return Effect(deeper=-_list_bytes(operands), falls=not returns, conditional=conditional)
    before = re.search(r"\[sp, #(-?\d+)\]!", operands)
    after = re.search(r"\[sp\], #(-?\d+)", operands)
    moved = int((before or after or ["", "0"])[1])
    if first == "sp!" or (re.search(r"\[sp.*(\]!|\],)", operands) and not moved):
        return Effect(unknown=f"{name} {operands}")
    if first == "pc":
        return _write_pc(kind, operands, moved, conditional)
    if first == "sp" and kind not in _READS_SP_FIRST:
        return _write_sp(kind, operands, conditional)
    return Effect(deeper=-moved, conditional=conditional)


def _write_pc(kind: str, operands: str, moved: int, conditional: bool) -> Effect:
    if kind == "mov" and operands.endswith("lr"):
        return Effect(falls=False, conditional=conditional)
    if kind == "ldr" and moved:
        return Effect(deeper=-moved, falls=False, conditional=conditional)
    return Effect(table=True, pointer=True, falls=False, conditional=conditional)


def _write_sp(kind: str, operands: str, conditional: bool) -> Effect:
    by = re.fullmatch(r"sp, (?:sp, )?#(\d+)", operands)
    if by and kind in {"sub", "subw"}:
        return Effect(deeper=int(by[1]), conditional=conditional)
    if by and kind in {"add", "addw"}:
        return Effect(deeper=-int(by[1]), conditional=conditional)
    return Effect(unknown=f"{kind} {operands}")


def _target(operands: str) -> int | None:
    found = _TARGET.search(operands)
    return int(found[1], 16) if found else None


def _list_bytes(operands: str) -> int:
    """Bytes of a register list such as {r4, r5, lr}, {d8-d11} or {s16}."""
    total = 0
    for item in operands[operands.index("{") + 1 : operands.index("}")].split(","):
        ends = re.findall(r"([a-z]+)(\d*)", item.strip())
        count = int(ends[-1][1]) - int(ends[0][1]) + 1 if len(ends) == 2 else 1
        total += count * (8 if ends[0][0] == "d" else 4)
    return total
