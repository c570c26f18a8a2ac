"""RESHAPE, TRANSPOSE, RESHAPE that only turn the channels of each pixel become a shuffle, which can be streamed.

Exact: the same bytes are copied.
"""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph, Op
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.reshape import Reshape
from tinyc.ops.transpose import Transpose
from tinyc.passes.remove_dead import remove_dead


def fold_shuffle(graph: Graph) -> Graph:
    return remove_dead(graph.with_ops([_shuffled(graph, op) or op for op in graph.ops]))


def _shuffled(graph: Graph, last: Op) -> ChannelShuffle | None:
    turn = graph.writer(last.x) if isinstance(last, Reshape) else None
    first = graph.writer(turn.x) if isinstance(turn, Transpose) else None
    if not isinstance(turn, Transpose) or not isinstance(first, Reshape):
        return None
    x, out = graph.type(first.x), graph.type(last.outputs[0])
    apart = graph.type(turn.x).shape
    if (
        x != out
        or len(apart) < 2
        or len(x.shape) != 4
        or x.shape[0] != 1
        or x.dtype not in ("int8", "float32")
    ):
        return None
    *before, second_last, final = range(len(apart))
    if turn.perm != (*before, final, second_last) or prod(apart[-2:]) != x.shape[3]:
        return None
    return ChannelShuffle(first.inputs, last.outputs, turn.origin, apart[-2])
