"""FULLY_CONNECTED as dot products with a requantization that rounds as the reference does."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.packing.dots import Channels, dots, weights_of
from tinyc.kernels.packing.once import once_multiplier
from tinyc.kernels.packing.requant import Finish, finish, finish_once
from tinyc.kernels.variant import Refusal
from tinyc.numerics.activation import clamp
from tinyc.numerics.dense import rounds_once
from tinyc.numerics.requant import Requant, real_scales
from tinyc.ops.dense import Dense
from tinyc.ops.fully_connected import FullyConnected


def dot_products(op: FullyConnected, graph: Graph, limit: int) -> tuple[Channels, Finish] | Refusal:
    """The op as dot products below `limit` in magnitude, or why it is none."""
    c, requant = channels_of(op, graph), requant_of(op, graph)
    if isinstance(requant, Refusal):
        return requant
    finished = finish_once if rounds_once(graph.reference) else finish
    out = graph.type(op.outputs[0])
    return finished(c, requant, out, *clamp(op.activation, out), limit)


def channels_of(op: FullyConnected, graph: Graph) -> Channels:
    return dots(op, graph, weights_of(op, graph))


def requant_of(op: FullyConnected, graph: Graph) -> Requant | Refusal:
    """Return a multiplier and a shift per output, of the op's rounding."""
    types, out = graph.types(op), graph.type(op.outputs[0])
    found = rounding_once(op, graph) if rounds_once(graph.reference) else op.requant(types, out)
    count = graph.type(op.weights).shape[0]
    if isinstance(found, Refusal) or len(found.multipliers) == count:
        return found
    return Requant(found.multipliers * count, found.shifts * count)


def rounding_once(op: Dense, graph: Graph) -> Requant | Refusal:
    """Return multipliers and shifts, in [1, 62], that round as double arithmetic does: one for each scale."""
    out = graph.type(op.outputs[0])
    zero_point = out.q.zero_point
    scales = real_scales(graph.type(op.x), graph.type(op.weights), out)
    found = [once_multiplier(s, zero_point, *clamp(op.activation, out)) for s in scales]
    pairs = [f for f in found if f is not None]
    if len(pairs) < len(found):
        return Refusal("no integer multiplier rounds as the reference's double arithmetic does")
    return Requant(tuple(m for m, _ in pairs), tuple(s for _, s in pairs))
