"""Which layers are int8 and which float32, and by what their ranges are chosen: a TOML file, layer by layer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tinyc.errors import UsageError, did_you_mean
from tinyc.ir import Graph
from tinyc.paths import missing_hint
from tinyc.plain import printable
from tinyc.quantize.ranges import Observer

Kind = Literal["int8", "float32"]
#: Kinds that a file may name one day.
_LATER = ("int16x8", "ternary")
#: The default, and what is said of single layers; or the other way round.
_INT8_FIRST: tuple[Kind, Kind] = ("int8", "float32")
#: Bytes of a precision file.
_MOST = 1 << 20


class Layer(BaseModel):
    """What the file says of the layers of one pattern."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Kind | None = None
    observer: Observer | None = None


class Precision(BaseModel):
    """A precision file. layers: by name or pattern (`*`, `?`, `[...]`); what comes later counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    default: Kind = "int8"
    observer: Observer | None = None
    layers: dict[str, Layer] = {}


INT8 = Precision()
"""All layers int8."""


@dataclass(frozen=True)
class Chosen:
    """What a file means for a graph: by first output of an op; observers by tensor."""

    floats: frozenset[str] = frozenset()
    observers: Mapping[str, Observer] = field(default_factory=dict)


def read_precision(path: Path) -> Precision:
    """Read a precision file. Raises UsageError."""
    try:
        content = path.read_bytes()
        if len(content) > _MOST:
            raise UsageError(f"{path.name}: a precision file has at most {_MOST:,} bytes")
        data = tomllib.loads(content.decode("utf-8"))
    except OSError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}", missing_hint(path)) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise UsageError(f"{path.name}: this is no TOML file: {printable(str(problem))[:200]}") from problem
    return parsed(data, path.name)


def parsed(data: dict[str, Any], file: str) -> Precision:
    """Return what the tables of a file say. Raises UsageError."""
    layers = data.get("layers")
    if isinstance(layers, dict):
        plain = {k: {"type": v} if isinstance(v, str) else v for k, v in layers.items()}
        data = {**data, "layers": plain}
    try:
        return Precision.model_validate(data)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(printable(str(part)) for part in first["loc"]) or "the file"
        got = first.get("input")
        if got in _LATER:
            raise UsageError(
                f"{file}: {where} is '{got}', which comes in a later version", "int8 or float32 are there"
            ) from problem
        known = {**Precision.model_fields, **Layer.model_fields, "int8": 0, "float32": 0}
        hint = did_you_mean(printable(str(first["loc"][-1])), known)
        raise UsageError(
            f"{file}: {where}: {first['msg']}", hint or "docs/quantize.md has an example"
        ) from problem


def chosen(precision: Precision, original: Graph, graph: Graph) -> Chosen:
    """Return what a file means for a graph. original: as it was read, graph: as it is quantized.

    A layer goes by the name of its operator in the model, by that of what it computes, and by those of the operators
    that were fused with it. Raises UsageError for a pattern that no layer has.
    """
    names = layer_names(original, graph)
    kinds = dict.fromkeys(names, precision.default)
    observers: dict[str, Observer] = {}
    unknown = []
    for pattern, layer in precision.layers.items():
        found = [out for out, known in names.items() if any(_matches(name, pattern) for name in known)]
        if not found:
            unknown.append(pattern)
        kinds |= dict.fromkeys(found, layer.type) if layer.type is not None else {}
        observers |= dict.fromkeys(found, layer.observer) if layer.observer is not None else {}
    if unknown:
        every = [name for known in names.values() for name in known]
        raise UsageError(
            f"--precision: no layer is called '{printable(unknown[0])}'",
            did_you_mean(unknown[0], every) or f"layers are called like '{printable(every[0])}'",
        )
    return Chosen(frozenset(out for out, kind in kinds.items() if kind == "float32"), observers)


def precision_for(
    original: Graph, graph: Graph, floats: Container[str], observer: Observer | None = None
) -> Precision:
    """Return the file that means some layers: of `graph`, as it is quantized, the first outputs of those in float."""
    names = layer_names(original, graph)
    known = [out for out in names if out in floats]
    usual, other = _INT8_FIRST if 2 * len(known) <= len(names) else _INT8_FIRST[::-1]
    listed = [out for out in names if (out in floats) == (other == "float32")]
    layers = {_pattern(out, names): Layer(type=other) for out in listed}
    return Precision(default=usual, observer=observer, layers=layers)


def toml_of(precision: Precision, head: str) -> str:
    """Return the file of what `precision_for` says. head: the comment in front."""
    lines = [f"# {head}", f'default = "{precision.default}"']
    lines += [] if precision.observer is None else [f'observer = "{precision.observer}"']
    lines += ["", "[layers]"] if precision.layers else []
    for name, layer in precision.layers.items():
        quoted = json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
        lines.append(f'{quoted} = "{layer.type}"')
    return "\n".join(lines) + "\n"


def _pattern(out: str, names: Mapping[str, tuple[str, ...]]) -> str:
    """Return what a line of the file says for one layer, and for no other where that is possible."""
    for name in names[out]:
        pattern = escape(name)
        if [o for o, known in names.items() if any(_matches(n, pattern) for n in known)] == [out]:
            return pattern
    return escape(out)


def layer_names(original: Graph, graph: Graph) -> dict[str, tuple[str, ...]]:
    """Return the names of each op of `graph`, by its first output: its own one first."""
    found: dict[str, dict[str, None]] = {
        op.outputs[0]: {op.origin.name: None, op.outputs[0]: None} for op in graph.ops
    }
    for op in original.ops:
        home = next(_homes(original, op.outputs[0], found), None)
        if home is not None:
            found[home] |= {op.origin.name: None, op.outputs[0]: None}
    return {out: tuple(name for name in names if name) for out, names in found.items()}


def _homes(original: Graph, tensor: str, found: Mapping[str, object]) -> Iterator[str]:
    """Return the op that computes a tensor, or what follows from it alone, in the graph that is quantized."""
    while tensor not in found:
        readers = original.consumers.get(tensor, ())
        if len(readers) != 1:
            return
        tensor = original.ops[readers[0]].outputs[0]
    yield tensor


def _matches(name: str, pattern: str) -> bool:
    return name == pattern or fnmatchcase(name, pattern)
