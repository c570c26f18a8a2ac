"""Which layers are int8, float32 or ternary, and by what their ranges are chosen: a TOML file, layer by layer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
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
from tinyc.quantize.weights import is_weighted
from tinyc.quantize.worthwhile import worthwhile

Kind = Literal["int8", "float32", "ternary"]
#: Kinds that a file may name one day.
_LATER = ("int16x8",)
#: Bytes of a precision file.
_MOST = 1 << 20


class Layer(BaseModel):
    """What the file says of the layers of one pattern."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    type: Kind | None = None
    observer: Observer | None = None


class Precision(BaseModel):
    """A precision file. layers: by name or pattern (`*`, `?`, `[...]`); what comes later counts.

    default: "ternary" means the layers that are worth it, which a pattern of `*` does not ask for.
    """

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
    #: layers that have weights, all others of that kind are int8
    ternary: frozenset[str] = frozenset()
    #: layers that a line of the file has in int8
    bytes_: frozenset[str] = frozenset()


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
                f"{file}: {where} is '{got}', which comes in a later version",
                "int8, float32 or ternary are there",
            ) from problem
        known = {**Precision.model_fields, **Layer.model_fields, "int8": 0, "float32": 0, "ternary": 0}
        hint = did_you_mean(printable(str(first["loc"][-1])), known)
        raise UsageError(
            f"{file}: {where}: {first['msg']}", hint or "docs/quantize.md has an example"
        ) from problem


def chosen(precision: Precision, original: Graph, graph: Graph) -> Chosen:
    """Return what a file means for a graph. original: as it was read, graph: as it is quantized.

    A layer goes by the name of its operator in the model, by that of what it computes, and by those of the operators
    that were fused with it. Layers without weights are int8 where they would be ternary. Raises UsageError for a
    pattern that no layer has, or no layer with weights where it says "ternary".
    """
    names = layer_names(original, graph)
    weighted = {op.outputs[0] for op in graph.ops if is_weighted(op, graph)}
    kinds: dict[str, Kind] = dict.fromkeys(names, precision.default)
    if precision.default == "ternary":
        kinds = {**dict.fromkeys(names, "int8"), **dict.fromkeys(worthwhile(graph), "ternary")}
    observers: dict[str, Observer] = {}
    unknown = []
    for pattern, layer in precision.layers.items():
        found = [out for out, known in names.items() if any(_matches(name, pattern) for name in known)]
        if not found:
            unknown.append(pattern)
        elif layer.type == "ternary" and weighted.isdisjoint(found):
            raise UsageError(
                f"--precision: '{printable(pattern)}' has no weights that could be ternary",
                "convolutions and dense layers have some",
            )
        kinds |= dict.fromkeys(found, layer.type) if layer.type is not None else {}
        observers |= dict.fromkeys(found, layer.observer) if layer.observer is not None else {}
    if unknown:
        every = [name for known in names.values() for name in known]
        raise UsageError(
            f"--precision: no layer is called '{printable(unknown[0])}'",
            did_you_mean(unknown[0], every) or f"layers are called like '{printable(every[0])}'",
        )
    floats, ternary = (frozenset(out for out in kinds if kinds[out] == k) for k in ("float32", "ternary"))
    lines = [(n, layer.type) for n, layer in precision.layers.items() if layer.type is not None]
    named = {out for pattern, _ in lines for out in names if any(_matches(n, pattern) for n in names[out])}
    return Chosen(floats, observers, ternary & weighted, frozenset(named - floats))


def precision_for(
    original: Graph, graph: Graph, layers: Chosen, observer: Observer | None = None
) -> Precision:
    """Return the file that means some layers of `graph`, as it is quantized, in float and ternary."""
    names = layer_names(original, graph)
    kinds: dict[str, Kind] = dict.fromkeys(names, "int8")
    kinds |= {out: "float32" for out in names if out in layers.floats}
    kinds |= {out: "ternary" for out in names if out in layers.ternary}
    usual: Kind = "int8" if 2 * len(layers.floats) <= len(names) else "float32"
    told = {_pattern(out, names): Layer(type=kind) for out, kind in kinds.items() if kind != usual}
    return Precision(default=usual, observer=observer, layers=told)


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
