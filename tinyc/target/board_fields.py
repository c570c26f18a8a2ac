"""What the strings and numbers of a board.toml may be: they reach make, a compiler, a linker script and Renode.

A board file may come from a stranger. None of these can name a file outside its folder, or be read as anything but
what its field is for; docs/security.md says what remains trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}

#: Characters of a wrong value that its message shows.
_SHOWN = 60

#: Addresses of a 32-bit core are below.
ADDRESS_SPACE = 1 << 32


def parse_size(text: str) -> int:
    """Bytes of "96k", "96 KB", "96KiB", "4M" or "1000", k = 1024; ValueError for anything else."""
    match = re.fullmatch(r"([0-9]{1,12})\s*(?:([km])(?:i?b)?|b)?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise ValueError(f"{_shown(text)} is not a size such as 512k, 64KB, 4M or 1000")
    return int(match[1]) * _UNITS[(match[2] or "").lower()]


def _size(value: object) -> object:
    return parse_size(value) if isinstance(value, str) else value


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def matching(pattern: str, what: str) -> AfterValidator:
    """Accept what matches `pattern` as a whole; `what` says in the message what that is."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(f"{_shown(value)} is not {what}")
        return value

    return AfterValidator(check)


def _outside(words: frozenset[str], what: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value in words:
            raise ValueError(f"{value!r} is {what}")
        return value

    return check


Size = Annotated[int, BeforeValidator(_size), Field(strict=True, gt=0, le=ADDRESS_SPACE)]
Address = Annotated[int, Field(strict=True, ge=0, lt=ADDRESS_SPACE)]
Word = Annotated[int, Field(strict=True, ge=0, lt=ADDRESS_SPACE)]

BoardName = Annotated[str, matching(r"[a-z0-9][a-z0-9_-]{0,62}", "a name of small letters, digits, - and _")]
Line = Annotated[str, matching(r"[^\x00-\x1f\x7f]{0,120}", "one line of at most 120 characters")]
Plain = Annotated[str, matching(r"[A-Za-z0-9 .,;()+/_-]{0,80}", "a few plain words")]
Cpu = Annotated[
    str,
    matching(
        r"native|cortex-m[0-9]{1,3}(plus|p)?|rv32[a-z0-9_]{1,40}",
        "a core: cortex-m0 to cortex-m85, rv32imac and its kin, or native",
    ),
]
Isa = Literal["mve", "dsp", "thumb2", "armv6m", "rv32", "scalar", "ref"]

#: A region of one of these names would be something else to the linker.
_LINKER_WORDS = frozenset(
    ("ORIGIN", "LENGTH", "org", "o", "len", "l", "MEMORY", "SECTIONS", "REGION_ALIAS", "INCLUDE", "ENTRY")
)
RegionName = Annotated[
    str,
    matching(r"[A-Za-z_][A-Za-z0-9_]{0,31}", "a name of letters, digits and _"),
    AfterValidator(_outside(_LINKER_WORDS, "a word of the linker's own")),
]
Identifier = Annotated[str, matching(r"[A-Za-z_][A-Za-z0-9_]{0,63}", "a name of letters, digits and _")]

Prefix = Annotated[
    str,
    matching(r"([A-Za-z0-9][A-Za-z0-9_.+]{0,31}-){0,8}", "the beginning of a program's name: arm-none-eabi-"),
]
Package = Annotated[str, matching(r"[a-z0-9][a-z0-9+.-]{1,60}", "the name of a Debian package")]

#: Flags that load or write a file, or start a program, whatever their value.
_NO_FLAG = (
    r"(?!-f(no-)?(plugin|dump|profile|auto-profile|branch-prob|opt-info|save|module|use-ld|callgraph|stack-usage"
    r"|compare-debug|diagnostics|report|test-coverage|coverage|pch|preprocessed|working-directory|offload|lto-|self-test"
    r"|\w+-prefix|record|sanitize-|cache|wpa|ltrans|resolution|repo|extern-tls-init|instrument))"
)
_SPECS = r"--specs=(nano|nosys|rdimon|picolibc|picolibcpp|semihost)\.specs"
_MACHINE = r"-m[a-z][a-z0-9.-]*(=[A-Za-z0-9_.,+-]+)?"
_CODE = _NO_FLAG + r"-f[a-z][a-z0-9-]*(=[a-z0-9-]+)?"
_START = r"-nostartfiles|-nostdlib|-nodefaultlibs|-nolibc|-static|-pthread"
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_COMPILER = (
    rf"{_MACHINE}|{_CODE}|{_SPECS}|{_START}|-D{_NAME}(=[A-Za-z0-9_.+-]*)?|-U{_NAME}|-O([0-3sgz]|fast)?|-g[0-3]?"
    r"|-W(no-)?[a-z0-9+-]*(=[a-z0-9-]+)?|-std=[a-z0-9]+"
)
_LINKER = (
    r"-Wl,(--gc-sections|--print-memory-usage|--no-warn-[a-z-]+|--build-id=none|--(no-)?relax|--sort-section=alignment"
    rf"|--(defsym)[=,]{_NAME}=(0x[0-9A-Fa-f]+|[0-9]+)|--(undefined|wrap)[=,]{_NAME}|-u,{_NAME}"
    r"|-z,[a-z]+(-[a-z]+)*(=(0x)?[0-9A-Fa-f]+)?|--start-group|--end-group)"
)
_LIBRARY = r"-l[A-Za-z0-9_+-]+"
_ALLOWED = "a flag that a board may have (docs/boards.md)"
CompilerFlag = Annotated[str, matching(f"(?=.{{1,120}}$)({_COMPILER})", _ALLOWED)]
LinkerFlag = Annotated[str, matching(f"(?=.{{1,120}}$)({_COMPILER}|{_LINKER}|{_LIBRARY})", _ALLOWED)]
Library = Annotated[str, matching(f"(?=.{{1,120}}$)({_LIBRARY}|{_LINKER})", "a library such as -lm")]

_PART = r"[A-Za-z0-9_][A-Za-z0-9_+-]*"
PortFile = Annotated[
    str,
    matching(
        rf"(?=.{{1,120}}$)({_PART}/){{0,4}}{_PART}(\.{_PART})*\.[chS]",
        "the path of a .c, .h or .S file below the board's folder",
    ),
]
Platform = Annotated[
    str, matching(rf"(?=.{{1,80}}$){_PART}(\.{_PART})*\.repl", "the name of a .repl file next to board.toml")
]

Program = Annotated[
    str, matching(r"(qemu-system-[a-z0-9_]{1,20}|renode)?", "qemu-system-..., renode or empty")
]

#: QEMU's options that choose what is emulated. Others can open files, sockets and programs.
_QEMU_OPTIONS = ("-machine", "-M", "-cpu", "-m", "-smp", "-global", "-accel")
_QEMU_VALUE = re.compile(r"(?!-)[A-Za-z0-9_.,=:+-]{1,120}", re.ASCII)


def _qemu_arguments(words: tuple[str, ...]) -> tuple[str, ...]:
    for option, value in zip(words[::2], (*words[1::2], ""), strict=False):
        if option not in _QEMU_OPTIONS:
            raise ValueError(f"{_shown(option)} is none of {', '.join(_QEMU_OPTIONS)}")
        if _QEMU_VALUE.fullmatch(value) is None:
            raise ValueError(f"{_shown(value)} is no value of {option}")
    return words


QemuArguments = Annotated[tuple[str, ...], Field(max_length=16), AfterValidator(_qemu_arguments)]
