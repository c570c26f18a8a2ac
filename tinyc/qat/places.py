"""Which layers become ternary, and behind which layers a network in training gets a scale: framework-independent.

A scale belongs where the int8 network has a tensor of bytes: behind a convolution together with its normalization and
ReLU, not between them. What only moves values keeps the bytes it reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from tinyc.errors import ModelError, UsageError

#: What a node of a network is, as far as scales go. "weighted": a layer with weights and without an activation;
#: "norm", "relu", "add": as named; "move": elements in another place, or the largest of some; "join": several tensors
#: become one; "drop": changes nothing once trained; "pool": averages that stay in the scale of their input;
#: "sigmoid" to "log_softmax": functions whose scale TFLite fixes; "count": whole numbers or truth values, which have
#: no scale; "compute": anything else.
Kind = Literal[
    "input", "weighted", "norm", "relu", "add", "move", "join", "drop", "pool", "compute",
    "sigmoid", "tanh", "softmax", "log_softmax", "count",
]  # fmt: skip

#: The range of the scale that TFLite fixes (the 8-bit quantization specification).
FIXED_RANGES: Mapping[Kind, tuple[float, float]] = {
    "sigmoid": (0.0, 255 / 256),
    "tanh": (-1.0, 127 / 128),
    "softmax": (0.0, 255 / 256),
    "log_softmax": (-255 / 16, 0.0),
}


@dataclass(frozen=True)
class Node:
    """One call of a layer or function. reads: names of the nodes whose tensors it reads."""

    name: str
    kind: Kind
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trained:
    """A layer with weights, in the order of the network."""

    name: str
    is_depthwise: bool
    weights: int


#: Layers of fewer weights stay INT8: ternary, they would save some hundred bytes.
TINY = 512
#: What stays INT8 unless asked.
KEPT = ("first", "last", "depthwise", "tiny")


def ternary_layers(layers: Sequence[Trained], keep: Sequence[str] = KEPT) -> frozenset[str]:
    """Return the names of the layers that become ternary: all but those that `keep` names.

    keep: "first", "last", "depthwise", "tiny", and names or patterns of layers. Raises UsageError for a pattern that
    matches no layer.
    """
    kept: set[str] = set()
    for word in keep:
        found = {
            "first": layers[:1],
            "last": layers[-1:],
            "depthwise": [one for one in layers if one.is_depthwise],
            "tiny": [one for one in layers if one.weights < TINY],
        }.get(word)
        if found is None:
            found = [one for one in layers if fnmatchcase(one.name, word)]
            if not found:
                names = ", ".join(one.name for one in layers[:20])
                raise UsageError(f"keep: no layer is called '{word}'", f"layers with weights: {names}")
        kept.update(one.name for one in found)
    return frozenset(one.name for one in layers if one.name not in kept)


def refuse_unscaled(kinds: Mapping[str, str]) -> None:
    """Raise ModelError for layers that compute inside with what has no scale, before anybody trains them.

    kinds: their kinds by name.
    """
    if kinds:
        told = ", ".join(f"'{name}' ({kind})" for name, kind in list(kinds.items())[:20])
        raise ModelError(
            f"no scales can be placed inside of {told}: the INT8 file would compute that in float",
            "use BatchNorm in place of other normalizations; layers with states and attention are not supported",
        )


def fused(nodes: Sequence[Node], outputs: Sequence[str]) -> Mapping[str, str]:
    """Return the nodes that int8 computes together with the one before: its name, by their own.

    A normalization behind a layer with weights, a ReLU behind either or behind a sum; nothing else may read what is
    between.
    """
    by_name = {node.name: node for node in nodes}
    readers = _readers(nodes)
    root: dict[str, str] = {}
    found: dict[str, str] = {}
    for node in nodes:
        if node.kind in ("weighted", "add"):
            root[node.name] = node.kind
        if node.kind not in ("norm", "relu") or len(node.reads) != 1:
            continue
        (before,) = node.reads
        alone = len(readers.get(before, ())) == 1 and before not in outputs
        fits = root.get(before) == "weighted" or (node.kind == "relu" and root.get(before) == "add")
        if alone and fits and by_name[before].kind != "relu":
            found[node.name] = before
            root[node.name] = root[before] if node.kind == "norm" else "relu"
    return found


def scales(nodes: Sequence[Node], outputs: Sequence[str]) -> Mapping[str, str]:
    """Return the nodes whose tensor gets a scale, and whose: their own, or that of the node named.

    outputs: names of the nodes that the network answers with.
    """
    readers, joined = _readers(nodes), fused(nodes, outputs)
    kinds = {node.name: node.kind for node in nodes}
    found: dict[str, str] = {}
    #: Whose scale the values of a node have.
    owner: dict[str, str] = {}
    for node in nodes:
        if node.kind == "count":
            continue
        before = node.reads[0] if node.reads else ""
        if node.kind in ("move", "drop") and before in owner:
            owner[node.name] = owner[before]
            continue
        if node.kind == "pool" and before in owner:
            found[node.name] = owner[node.name] = owner[before]
            continue
        is_output = node.name in outputs
        if node.kind in FIXED_RANGES:
            if not is_output:
                found[node.name] = owner[node.name] = node.name
            continue
        behind = readers.get(node.name, ())
        later = all(joined.get(r) == node.name or kinds[r] in ("move", "join") for r in behind)
        later = later and not _parts(node.name, readers, kinds)
        if is_output or not behind or not later:
            found[node.name] = owner[node.name] = node.name
    return found


def _parts(name: str, readers: Mapping[str, Sequence[str]], kinds: Mapping[str, Kind]) -> bool:
    """Whether several read a tensor, some of them moved, as both halves of it: they are bytes of one scale."""
    behind = readers.get(name, ())
    moves = [one for one in behind if kinds[one] == "move"]
    return (len(behind) > 1 and bool(moves)) or any(_parts(one, readers, kinds) for one in moves)


def _readers(nodes: Sequence[Node]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in nodes:
        for name in dict.fromkeys(node.reads):
            found.setdefault(name, []).append(node.name)
    return found
