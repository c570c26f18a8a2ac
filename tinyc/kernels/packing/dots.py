"""The dot products of a layer, what their accumulators can reach, and why a kernel does not take them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Constant
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.variant import Refusal
from tinyc.numerics.requant import centred
from tinyc.ops.weighted import Weighted


@dataclass(frozen=True, eq=False)
class Channels:
    """The dot products of one layer, a row per output channel, input zero point folded in."""

    #: [channels, depth]
    weights: Int64
    #: [channels], what the sum of byte * weight starts from.
    start: Int64
    #: [channels], the least and the greatest accumulator that any input gives.
    low: Int64
    high: Int64


def channels(
    weights: npt.NDArray[np.generic], bias: npt.NDArray[np.generic] | None, zero_point: int
) -> Channels:
    """weights: [channels, ...] integers; zero_point: of the input."""
    w = weights.reshape(weights.shape[0], -1).astype(np.int64)
    b = np.zeros(w.shape[0], np.int64) if bias is None else bias.reshape(-1).astype(np.int64)
    at_least, at_most = w * (-128 - zero_point), w * (127 - zero_point)
    return Channels(
        w,
        b - zero_point * w.sum(axis=1),
        b + np.minimum(at_least, at_most).sum(axis=1),
        b + np.maximum(at_least, at_most).sum(axis=1),
    )


def weights_of(op: Weighted, graph: Graph) -> npt.NDArray[np.generic]:
    """Return the weights, minus their zero point."""
    tensor = graph.tensors[op.weights]
    assert tensor.data is not None
    return centred(tensor.data, tensor.type)


def byte_weights(op: Weighted, graph: Graph) -> tuple[npt.NDArray[np.int8], int]:
    """Return the weights in bytes and the zero point that is yet to be subtracted, mostly 0."""
    tensor, above = graph.tensors[op.weights], weights_of(op, graph)
    assert tensor.data is not None
    if np.array_equal(above, above.astype(np.int8)):
        return above.astype(np.int8), 0
    return tensor.data.astype(np.int8), tensor.type.q.zero_point


def dots(op: Weighted, graph: Graph, weights: npt.NDArray[np.generic]) -> Channels:
    """Return the dot products.

    weights: [channels, ...], the op's in the order in which the kernel reads the inputs.
    """
    x = graph.type(op.x)
    bias = graph.tensors[op.bias].data if op.bias else None
    return channels(weights, bias, x.q.zero_point)


def padding_constant(op: Weighted, graph: Graph, count: int) -> Constant:
    """Return `padding`, as many bytes of the input's zero point: what a window sees beside the image."""
    x = graph.type(op.x)
    return Constant("padding", "int8_t", np.full(count, x.q.zero_point, np.int8))


def single(c: Channels) -> Refusal | None:
    return Refusal("a single output channel") if len(c.weights) < 2 else None


def too_wide(c: Channels) -> Refusal | None:
    """Why weights do not fit into bytes."""
    if c.weights.min(initial=0) < -128 or c.weights.max(initial=0) > 127:
        return Refusal("weights minus their zero point exceed a byte")
    return None


def unpackable(c: Channels) -> Refusal | None:
    """Why the weights of two outputs do not fit into halfwords."""
    return Refusal("a weight is -128") if (c.weights == -128).any() else None
