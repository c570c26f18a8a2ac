"""Answers of unlike sizes in one tensor: they are joined in float32, so that each keeps the scale of its own bytes.

Detectors write boxes, in pixels, and scores below 1 as one output: by one scale for both, a score would have three
values.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from tinyc.ir import Graph, Op
from tinyc.ops.concat import Concat
from tinyc.ops.reshape import Reshape
from tinyc.quantize.observe import Observed

#: A part of fewer steps, of the 255 that the whole has, gets a scale of its own.
_FEWEST = 16


def joined_answers(
    graph: Graph, seen: Mapping[str, Observed], floats: Container[str] = (), bytes_: Container[str] = ()
) -> frozenset[str]:
    """Return the first outputs of the ops that join such answers, and of those that move what was joined.

    seen: of activations and constants; floats: first outputs of ops in float32, which are joined as they are; bytes_:
    of those that have to be int8.
    """
    spans: dict[str, float] = {}
    for op in reversed(graph.ops):
        out = op.outputs[0]
        readers = [graph.ops[i].outputs[0] for i in graph.consumers[out]]
        last = out in graph.output_tensors and not readers
        moved = bool(readers) and out not in graph.output_tensors and all(n in spans for n in readers)
        if (last or moved) and _moves(op) and out in seen and out not in bytes_:
            spans[out] = max([_span(seen[out]), *(spans[n] for n in readers)])
    found: set[str] = set()
    for op in graph.ops:
        out = op.outputs[0]
        parts = [n for n in op.inputs if n in seen and not graph.is_constant(n)]
        unlike = isinstance(op, Concat) and any(
            n in floats or 0 < _span(seen[n]) * 255 < _FEWEST * spans.get(out, 0.0) for n in parts
        )
        if out in spans and (unlike or not found.isdisjoint(op.inputs)):
            found.add(out)
    return frozenset(found)


def _moves(op: Op) -> bool:
    return op.only_moves or isinstance(op, Reshape)


def _span(one: Observed) -> float:
    return max(one.high, 0.0) - min(one.low, 0.0)
