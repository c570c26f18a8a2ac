"""Whether two files are read as the same network: the same operators in the same order, with the same weights."""

from __future__ import annotations

import hashlib
from dataclasses import fields

from tinyc.ir import Graph


def digest(graph: Graph) -> str:
    """Return what two graphs share that differ in nothing but names."""
    number = {name: i for i, name in enumerate(_order(graph))}
    found = hashlib.sha256()
    for name in number:
        tensor = graph.tensors[name]
        found.update(str(tensor.type).encode())
        if tensor.data is not None:
            found.update(tensor.data.tobytes())
    for op in graph.ops:
        said = [(f.name, getattr(op, f.name)) for f in fields(op) if f.name not in _NAMES]
        at = [number.get(n, -1) for n in (*op.inputs, *op.outputs)]
        found.update(repr((op.kind, at, said)).encode())
    ports = [(number[p.tensor], p.type, p.channels_second) for p in (*graph.inputs, *graph.outputs)]
    found.update(repr(ports).encode())
    return found.hexdigest()[:16]


_NAMES = ("inputs", "outputs", "origin")


def _order(graph: Graph) -> dict[str, None]:
    """Return all tensors, by their first use."""
    used = (n for op in graph.ops for n in (*op.inputs, *op.outputs) if n)
    ports = (p.tensor for p in (*graph.inputs, *graph.outputs))
    return dict.fromkeys((*ports, *used))
