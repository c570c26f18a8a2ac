"""Parameter structs checked against the runtime's headers, field by field.

C sets a field that an initialiser leaves out to 0 and says nothing, so nothing may be left out. Only what the headers
use is understood: `typedef struct`, arrays of one dimension, sizes from an enum.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from tinyc.errors import InternalError
from tinyc.kernels.base import Constant, Ref, Struct, Value
from tinyc.paths import data_dir


@dataclass(frozen=True)
class Field:
    """A field of a C struct."""

    name: str
    #: Of an element: "int32_t", "tc_operand"; "int8_t *" of a pointer, without its const.
    ctype: str
    #: Elements of an array, 0 for no array.
    length: int = 0


_RANGES = {
    **{f"int{n}_t": (-(2 ** (n - 1)), 2 ** (n - 1) - 1) for n in (8, 16, 32, 64)},
    **{f"uint{n}_t": (0, 2**n - 1) for n in (8, 16, 32, 64)},
}
_STRUCT = re.compile(r"typedef struct \{([^{}]*)\} (\w+);")
_FIELD = re.compile(r"(?:const )?(\w+) (\*?)(?:const )?(\w+)(?:\[([\w -]+)\])?")
_CONSTANT = re.compile(r"\b(TC_\w+) = (\d+)\b")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@lru_cache(maxsize=1)
def header_structs() -> dict[str, tuple[Field, ...]]:
    """Fields of every struct of the contracts, runtime/include/tinyc/*.h and */matmul.h, by C type."""
    folder = data_dir("runtime") / "include/tinyc"
    files = (*sorted(folder.glob("*.h")), *sorted(folder.glob("*/matmul.h")))
    text = _COMMENT.sub("", "\n".join(file.read_text(encoding="utf-8") for file in files))
    return parse_structs(text)


def parse_structs(text: str) -> dict[str, tuple[Field, ...]]:
    """Fields of every struct that C text without comments defines, by C type."""
    sizes = {name: int(value) for name, value in _CONSTANT.findall(text)}
    found: dict[str, tuple[Field, ...]] = {}
    for body, ctype in _STRUCT.findall(text):
        fields = []
        for line in filter(None, map(str.strip, body.split(";"))):
            match = _FIELD.fullmatch(line)
            if match is None:
                raise InternalError(f"{ctype}: `{line}` is no field that the check of structs understands")
            of, pointer, name, length = match.groups()
            fields.append(Field(name, f"{of} *" if pointer else of, _length(length or "0", sizes)))
        found[ctype] = tuple(fields)
    return found


def _length(text: str, sizes: dict[str, int]) -> int:
    """An array's length: a number, a constant, or a constant less a number."""
    first, _, less = text.partition(" - ")
    return (int(first) if first.isdigit() else sizes[first]) - int(less or 0)


def check_struct(struct: Struct, constants: tuple[Constant, ...]) -> None:
    """Raise InternalError unless a struct has the fields of its C type: all, in order, and each with what it can hold.

    constants: of the op that the struct belongs to.
    """
    _check(struct.ctype, struct.fields, {c.name: c.ctype for c in constants}, header_structs())


def _check(
    ctype: str,
    given: tuple[tuple[str, Value], ...],
    constants: dict[str, str],
    structs: dict[str, tuple[Field, ...]],
) -> None:
    if ctype not in structs:
        raise InternalError(f"{ctype}: no header of the runtime defines it")
    fields = structs[ctype]
    wanted, names = [f.name for f in fields], [name for name, _ in given]
    if names != wanted:
        raise InternalError(f"{ctype}: fields {', '.join(names)}; the header has {', '.join(wanted)}")
    for field, (_, value) in zip(fields, given, strict=True):
        if isinstance(value, Mapping) and field.ctype in structs and not field.length:
            _check(field.ctype, tuple(value.items()), constants, structs)
        elif not _holds(field, value, constants):
            raise InternalError(f"{ctype}.{field.name}: {value!r} is no value of {_declared(field)}")


def _holds(field: Field, value: Value, constants: dict[str, str]) -> bool:
    """Whether a field that is no struct can have this value."""
    if isinstance(value, Ref):
        return field.ctype == f"{constants.get(value.constant, '?')} *" and not field.length
    if isinstance(value, tuple):
        return len(value) == field.length > 0 and all(_fits(field.ctype, v) for v in value)
    return not field.length and not isinstance(value, Mapping) and _fits(field.ctype, value)


def _fits(ctype: str, value: int | float) -> bool:
    if ctype.endswith("*"):
        return value == 0  # a null pointer
    if ctype in ("float", "double"):
        return True
    low, high = _RANGES.get(ctype, (1, 0))
    return isinstance(value, int) and low <= value <= high


def _declared(field: Field) -> str:
    return f"{field.ctype}[{field.length}]" if field.length else field.ctype
