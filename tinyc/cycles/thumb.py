"""Thumb instructions (Armv6-M to Armv8.1-M) by class, from objdump's text."""

from __future__ import annotations

import re

from tinyc.cycles.kind import Kind, Timed
from tinyc.target.stack.disassembly import Instruction

_CONDITION = "(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"

#: A mnemonic without condition and width, the first that matches; what matches none is ALU.
_KINDS: tuple[tuple[Kind, str], ...] = (
    (Kind.CALL, "blx?"),
    (Kind.LOOP, "le|letp"),
    (Kind.BRANCH, "b|cbn?z|wls|wlstp"),
    (Kind.INDIRECT, "bx|bxns|tbb|tbh"),
    (Kind.LOAD_DOUBLE, "ldrd"),
    (Kind.LOAD_NARROW, "ldrs?[bh]t?"),
    (Kind.LOAD, "ldrt?|ldrex|vldr"),
    (Kind.STORE_DOUBLE, "strd"),
    (Kind.STORE, "str[bh]?t?|strex|vstr"),
    (Kind.LOAD_MULTIPLE, "ldm(?:ia|db)?|pop|vldm(?:ia|db)?|vpop"),
    (Kind.STORE_MULTIPLE, "stm(?:ia|db)?|push|vstm(?:ia|db)?|vpush"),
    (Kind.MUL, "muls?"),
    (Kind.MAC, "mla|mls"),
    (Kind.LONG_MUL, "[su]mull"),
    (Kind.LONG_MAC, "[su]mlal|umaal"),
    (Kind.SIMD_MAC, "sml[as]l?dx?|smu[as]dx?|sml[as]w?l?[bt]{1,2}|smulw?[bt]{1,2}|smm(?:ul|la|ls)r?|usada?8"),
    (Kind.SIMD, "[su]xta?b16|(?:s|q|sh|u|uq|uh)(?:add|sub)(?:8|16)|(?:s|q|sh|u|uq|uh)(?:asx|sax)"
                "|q(?:d?add|d?sub)|[su]sat16|sel|pkhbt|pkhtb"),
    (Kind.DIV, "[su]div"),
    (Kind.FLOAT_DIV, "vdiv|vsqrt"),
    (Kind.FLOAT_MAC, "vfn?m[as]|vn?ml[as]"),
    (Kind.FLOAT, "v.*"),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(f"(?:{pattern}){_CONDITION}")) for kind, pattern in _KINDS)

_VECTORS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.VECTOR_LOAD, re.compile("vld.*")),
    (Kind.VECTOR_STORE, re.compile("vst.*")),
    (Kind.VECTOR_MAC, re.compile("v(?:r?mul|q?r?d?ml[as]|fma|fms|q?r?dmul|mlal|mlsl|rml[as]l|mla).*")),
)
_REGISTER = re.compile(r"\b(r1[0-5]|r\d|sl|fp|ip|sb|sp|lr|pc|[sdq]\d+)\b")
_NO_RESULT = re.compile("cmp|cmn|tst|teq|nop|it[te]*|vcmpe?|vpst|vpt|dsb|isb|dmb|vmsr|msr|cps.*|bkpt|udf")
_COPIES = re.compile(
    "mov.*|mvn.*|[su]xt[bh].*|clz.*|rev.*|rbit.*|adr.*|neg.*|vmov.*|vdup.*|vcvt.*|vmvn.*|ldr.*"
)


def timed(instruction: Instruction) -> Timed:
    """What the instruction's time depends on."""
    name = instruction.mnemonic.split(".")[0]
    operands = re.sub(r"<.*>", "", instruction.operands)
    kind = _kind(name, operands)
    named = _REGISTER.findall(operands)
    inside = frozenset(_REGISTER.findall("".join(re.findall(r"\[.*?\]", operands))))
    if kind in {Kind.LOAD_MULTIPLE, Kind.STORE_MULTIPLE}:
        return _multiple(kind, operands)
    stores = kind in {Kind.STORE, Kind.STORE_DOUBLE, Kind.VECTOR_STORE}
    based = frozenset(named[-1:]) if re.search(r"\](!|, ?#)", operands) else frozenset()
    if stores or not named or kind in {Kind.BRANCH, Kind.CALL, Kind.LOOP} or _NO_RESULT.fullmatch(name):
        moved = frozenset(inside & based)
        indexed = re.search(r"\[\w+, \w+", operands) is not None
        return Timed(kind, moved, frozenset(named), inside, offset_register=stores and indexed)
    written = 2 if kind in {Kind.LONG_MUL, Kind.LONG_MAC, Kind.LOAD_DOUBLE} else 1
    reads = set(named[written:])
    accumulates = kind is Kind.LONG_MAC or name.startswith(("vml", "vfm", "vrml"))
    if accumulates or (len(named) <= written + 1 and not _COPIES.fullmatch(name)):
        reads |= set(named[:written])
    to_pc = named[0] == "pc"
    if to_pc and kind is Kind.ALU:
        kind = Kind.INDIRECT
    return Timed(kind, frozenset(named[:written]) | (inside & based), frozenset(reads), inside, to_pc=to_pc)


def _kind(name: str, operands: str) -> Kind:
    if name.startswith("v") and re.search(r"\bq\d", operands):
        return next((kind for kind, pattern in _VECTORS if pattern.fullmatch(name)), Kind.VECTOR_ALU)
    if re.fullmatch("vpst+|vpt+|vctp|vmsr|vmrs", name) or re.fullmatch("it[te]*", name):
        return Kind.ALU
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(name)), Kind.ALU)


def _multiple(kind: Kind, operands: str) -> Timed:
    """ldmia r0!, {r1, r2, r4-r6} or pop {r4, pc}."""
    outside, _, listed = operands.partition("{")
    registers = _listed(listed.strip("} "))
    base = frozenset(_REGISTER.findall(outside)) or frozenset({"sp"})
    moved = base if "!" in outside or not outside else frozenset()
    if kind is Kind.STORE_MULTIPLE:
        return Timed(kind, moved, frozenset(registers) | base, base, len(registers))
    return Timed(kind, frozenset(registers) | moved, base, base, len(registers), to_pc="pc" in registers)


def _listed(text: str) -> tuple[str, ...]:
    """The registers of "r1, r4-r6" or "d8-d9"."""
    found: list[str] = []
    for item in text.split(","):
        ends = re.findall(r"([a-z]+)(\d*)", item)
        if len(ends) == 2:
            found += [f"{ends[0][0]}{n}" for n in range(int(ends[0][1]), int(ends[1][1]) + 1)]
        elif ends:
            found.append("".join(ends[0]))
    return tuple(found)
