"""C text of values: identifiers, array bodies, struct initialisers."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from math import inf, isfinite

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError
from tinyc.kernels.base import Ref, Value

#: Words of C and C++ that no name may be.
_KEYWORDS = (
    "auto break case char const continue default do double else enum extern float for goto if inline int "
    "long register restrict return short signed sizeof static struct switch typedef union unsigned void "
    "volatile while alignas alignof and and_eq asm bitand bitor bool catch class compl constexpr delete "
    "dynamic_cast explicit export false friend mutable namespace new noexcept not not_eq nullptr operator "
    "or or_eq private protected public reinterpret_cast static_assert static_cast template this thread_local "
    "throw true try typeid typename using virtual wchar_t xor xor_eq main"
)

#: Characters of a name: files and symbols are made of it, and linkers and file systems have limits.
_LONGEST = 80


def identifier(name: str) -> str:
    """`name` as a C and C++ identifier. Raises UsageError for keywords and for what has no usable character."""
    text = re.sub(r"\W", "_", name, flags=re.ASCII).strip("_")
    text = f"m_{text}" if text[:1].isdigit() else text
    if len(text) > _LONGEST:
        raise UsageError(
            f"'{text[:40]}...' is a C identifier of {len(text)} characters, and {_LONGEST} are allowed",
            "choose a shorter one with --name",
        )
    if not text:
        raise UsageError(f"'{name}' gives no C identifier", "choose another with --name")
    if text in _KEYWORDS.split() or text.startswith("tc_") or text == "tc":
        raise UsageError(
            f"'{text}' is a reserved name in C, C++ or tinyc's runtime", "choose another with --name"
        )
    return text


def array_body(data: npt.NDArray[np.generic], width: int = 110) -> str:
    """Comma-separated elements, broken into lines of at most `width` characters."""
    items = _literals(data.reshape(-1))
    ends = list(accumulate(len(item) + len(", ") for item in items))
    lines: list[str] = []
    first, begin = 0, 0
    while first < len(items):
        stop = max(first + 1, bisect_right(ends, begin + width, first, min(first + width, len(items))))
        lines.append(", ".join(items[first:stop]) + ",")
        first, begin = stop, ends[stop - 1]
    return "\n    ".join(lines)


def _literals(data: npt.NDArray[np.generic]) -> list[str]:
    """The elements as `number` writes them; arrays of millions of weights take their time here."""
    values = data.tolist()
    if data.dtype == np.float32 and np.isfinite(data).all():
        return [_float_literal(value) for value in values]
    if data.dtype in (np.int8, np.uint8, np.int16, np.uint16):
        return list(map(str, values))
    return list(map(number, values))


def _float_literal(value: float) -> str:
    """value: a finite float32. The digits that only a double has are left out."""
    return value.hex().replace("0000000p", "p") + "f"


#: What divided by 0 gives them.
_NO_NUMBERS = {inf: "1.0f", -inf: "-1.0f"}


def number(value: int | float | bool) -> str:
    """A literal that C reads back as exactly this value."""
    if isinstance(value, float):
        if not isfinite(value):
            return f"({_NO_NUMBERS.get(value, '0.0f')} / 0.0f)"
        is_float = struct.unpack("f", struct.pack("f", value))[0] == value
        return _float_literal(value) if is_float else value.hex()
    if value == -(2**31):
        return "INT32_MIN"
    return str(int(value))


def decimal(value: float) -> str:
    """A float literal for headers, which C++ before 17 reads too: the shortest that gives back the same float."""
    return f"{np.float32(value)}f"


def initializer(value: Value, symbol_of: Mapping[str, str]) -> str:
    """A struct field's value; `symbol_of` names the op's constants."""
    match value:
        case Ref(constant):
            return symbol_of[constant]
        case tuple():
            return "{" + ", ".join(str(v) for v in value) + "}"
        case Mapping():
            return "{" + ", ".join(f".{k} = {initializer(v, symbol_of)}" for k, v in value.items()) + "}"
        case _:
            return number(value)
