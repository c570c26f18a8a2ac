"""Which channels the outputs of the model depend on.

Ops that keep channels apart (pools, tables, sums, DEPTHWISE_CONV_2D) join a channel of the input with one of the
output. CONV_2D and FULLY_CONNECTED read channels. Every channel of an op that is not known here stays. Where ternary
weights make an image of a multiple of four channels, some that nobody needs stay to keep it so, if they are few: their
kernels take words of channels, and pairs of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import lcm

import numpy as np

from tinyc.ir import Graph, Op
from tinyc.ir.types import IntArray
from tinyc.numerics.ternary import ternary_magnitudes
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.pad import Pad
from tinyc.ops.reshape import Reshape
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.weighted import Weighted
from tinyc.passes.channels.ranges import Range
from tinyc.passes.channels.reads import Mask, reads
from tinyc.passes.channels.sets import ChannelSets

#: Channels of a word.
FOUR = 4
#: Channels that nobody needs, but that stay, as a share of the others.
MOST = 1 / 8


@dataclass(frozen=True, eq=False)
class Live:
    """Which channels stay, and what those that go leave behind."""

    #: By tensor that an op writes or reads as a value: which of its channels stay.
    keep: Mapping[str, Mask]
    #: By index of a CONV_2D or FULLY_CONNECTED: [O, I], what input channel i, if it goes, adds to output o.
    folded: Mapping[int, IntArray]

    @property
    def is_everything(self) -> bool:
        return all(bool(keep.all()) for keep in self.keep.values())


@dataclass(frozen=True, eq=False)
class _Dependence:
    """Which channels of an op's output are computed from which of its input."""

    #: [O, I]
    depends: Mask
    #: [O] and [I], the channels it is about.
    outputs: IntArray
    inputs: IntArray


def live_channels(graph: Graph, known: Mapping[str, Range]) -> Live:
    sets = ChannelSets(graph)
    sets.pin({p.tensor for p in graph.inputs} | graph.kept_tensors)
    weights = {n for op in graph.ops for n in op.trained}
    sets.pin(n for op in graph.ops for n in op.values if n in weights)
    found: list[_Dependence] = []
    folded: dict[int, IntArray] = {}
    for index, op in enumerate(graph.ops):
        x, y = op.inputs[0], op.outputs[0]
        match op:
            case Conv2D() | FullyConnected() if _has_weights(op, graph) and not _is_grouped(op, graph):
                depth = graph.type(op.weights).shape[-1]
                inputs = sets.elements(x, lcm(depth, len(sets.of(x)))).reshape(-1, depth)
                sets.join(np.tile(inputs[0], len(inputs)), inputs.reshape(-1))
                what = reads(op, graph, known[x])
                found.append(_Dependence(what.depends, sets.of(y), inputs[0]))
                folded[index] = what.adds
            case Broadcast():
                found += _operands(sets, op)
            case _:
                _join(sets, op, graph)
    roots = sets.roots()
    live = _spread(graph, sets, roots, found)
    used = dict.fromkeys(n for op in graph.ops for n in (*op.values, *op.outputs))
    return Live({n: live[roots[sets.of(n)]] for n in used}, folded)


def _spread(graph: Graph, sets: ChannelSets, roots: IntArray, found: list[_Dependence]) -> Mask:
    """By root: whether the set stays. A tensor that an op goes on reading keeps a channel, needed or not."""
    live = np.zeros(len(roots), np.bool_)
    more = roots[sets.pinned]
    while more.size:
        live[more] = True
        before = -1
        while before != (before := int(live.sum())):
            for each in reversed(found):
                read = each.depends[live[roots[each.outputs]]].any(axis=0)
                live[roots[each.inputs[read]]] = True
        more = roots[np.array(_missing(graph, sets, live[roots]), np.int64)]
        if not more.size:
            more = roots[np.array(_filling(graph, sets, live[roots]), np.int64)]
    return live


def _filling(graph: Graph, sets: ChannelSets, live: Mask) -> list[int]:
    """Channels by which those that stay of an image are a multiple of four again. live: by channel."""
    found = []
    for op in graph.ops:
        if isinstance(op, Conv2D | DepthwiseConv2D) and _is_ternary(op, graph):
            channels = sets.of(op.outputs[0])
            gone = channels[~live[channels]]
            left = len(channels) - len(gone)
            short = -left % FOUR
            if len(channels) % FOUR == 0 and 0 < short <= left * MOST:
                found += [int(channel) for channel in gone[:short]]
    return found


def _is_ternary(op: Conv2D | DepthwiseConv2D, graph: Graph) -> bool:
    """Whether the weights of each channel are -k, 0 and k."""
    weights = graph.tensors[op.weights]
    if weights.data is None or any(weights.type.q.zero_points):
        return False
    first = np.moveaxis(weights.data.astype(np.int64), -1 if isinstance(op, DepthwiseConv2D) else 0, 0)
    return ternary_magnitudes(first.reshape(len(first), -1)) is not None


def _missing(graph: Graph, sets: ChannelSets, live: Mask) -> list[int]:
    """The first channel of every tensor that lost all of them and is still read. live: by channel."""
    return [
        int(sets.of(name)[0])
        for op in graph.ops
        if not isinstance(op, Concat) and live[sets.of(op.outputs[0])].any()
        for name in op.values
        if not live[sets.of(name)].any()
    ]


def _operands(sets: ChannelSets, op: Broadcast) -> list[_Dependence]:
    """An operand has the output's channels, or one that all of them read."""
    found = []
    outputs = sets.of(op.outputs[0])
    for name in op.inputs:
        inputs = sets.of(name)
        if len(inputs) == len(outputs):
            sets.join(inputs, outputs)
        else:
            found.append(_Dependence(np.ones((len(outputs), 1), np.bool_), outputs, inputs))
    return found


def _join(sets: ChannelSets, op: Op, graph: Graph) -> None:
    """Join the channels of an op that reads none of another's."""
    x, y = sets.of(op.inputs[0]), sets.of(op.outputs[0])
    match op:
        case DepthwiseConv2D() if _has_weights(op, graph):
            sets.join(np.repeat(x, op.multiplier), y)
        case _ if op.keeps_channels(len(graph.type(op.inputs[0]).shape)):
            sets.join(x, y)
        case Pad() if op.pads:
            sets.join(x, y[op.pads[-1][0] :][: len(x)])
        case Concat():
            start = 0
            for name in op.inputs:
                part = sets.of(name)
                sets.join(part, y[start : start + len(part)])
                start += len(part) if op.axis == len(graph.type(name).shape) - 1 else 0
        case Reshape():
            period = lcm(len(x), len(y))  # both divide the elements, which repeat from there on
            sets.join(sets.elements(op.inputs[0], period), sets.elements(op.outputs[0], period))
            if not graph.type(op.inputs[0]).shape or not op.shape:
                sets.pin((*op.values, *op.outputs))
        case StridedSlice() if is_run(op):
            sets.join(x[op.begin[-1] :][: len(y)], y)
        case _:
            sets.pin((*op.values, *op.outputs))


def is_run(op: StridedSlice) -> bool:
    """Whether the slice takes neighbouring channels in order and leaves them the last dimension."""
    if not op.shape or op.shape[-1] != op.sliced_shape[-1]:
        return False
    return op.strides[-1] == 1 or op.sliced_shape[-1] == 1


def _has_weights(op: Weighted, graph: Graph) -> bool:
    return graph.is_constant(op.weights) and (not op.bias or graph.is_constant(op.bias))


def _is_grouped(op: Weighted, graph: Graph) -> bool:
    """Groups would have to lose equally many channels each: seldom worth it."""
    return isinstance(op, Conv2D) and op.groups(graph.types(op)) > 1
