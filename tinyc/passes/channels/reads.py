"""Which input channels the outputs of CONV_2D and FULLY_CONNECTED depend on, once constant ones are folded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.ir.types import IntArray
from tinyc.numerics.fixed_point import INT32_MAX
from tinyc.numerics.requant import centred
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.window import Window
from tinyc.passes.channels.ranges import Range

#: Ways in which an output pixel sees the image that are looked at; a window of 9 rows and columns has 81.
MOST_WAYS = 1024

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reads:
    """How the outputs of an op depend on its input channels."""

    #: [O, I], whether output o needs input i at run time.
    depends: Mask
    #: [O, I], what input i adds to the accumulator of output o where it is a constant and folds; 0 elsewhere.
    adds: IntArray


def reads(op: Conv2D | FullyConnected, graph: Graph, x: Range) -> Reads:
    """x: of the op's input. Weights and bias are constants, and there is one group.

    A constant other than the zero point folds where it adds the same at every pixel, whether or not the window there
    reads padding; none folds into an accumulator that might then overflow.
    """
    t = graph.type(op.x)
    sums, used, alike = _taps(op, graph)
    constant, byte = x.constants(graph.type(op.weights).shape[-1])
    above = np.where(constant, byte.astype(np.int64) - t.q.zero_point, 0)
    even = constant & (alike | (above == 0))
    adds = np.where(even, sums * above, 0)
    bias = graph.tensors[op.bias].data if op.bias else None
    start = np.zeros(len(adds), np.int64) if bias is None else np.abs(bias.astype(np.int64).reshape(-1))
    even &= (start + np.abs(adds).sum(axis=1) <= INT32_MAX)[:, None]
    return Reads(used & ~even, np.where(even, adds, 0))


def _taps(op: Conv2D | FullyConnected, graph: Graph) -> tuple[IntArray, Mask, Mask]:
    """Of the weights that lie inside the image, by output and input channel, all [O, I].

    Their sum, for one of the ways in which an output pixel sees the image; whether any of them is not zero; whether
    the sum is the same in all those ways.
    """
    w, data = graph.type(op.weights), graph.tensors[op.weights].data
    assert data is not None
    weights = centred(data, w).astype(np.int64)
    if isinstance(op, FullyConnected):
        return weights, weights != 0, np.ones(weights.shape, np.bool_)
    rows, cols = _inside(op.window, graph.type(op.x).shape, graph.type(op.outputs[0]).shape)
    seen = np.outer(rows.any(axis=0), cols.any(axis=0))
    used = (weights[:, seen] != 0).any(axis=1)
    if len(rows) * len(cols) > MOST_WAYS:
        return np.zeros(used.shape, np.int64), used, np.zeros(used.shape, np.bool_)
    sums = (
        np.einsum("y,x,oyxi->oi", *way, weights)
        for way in product(rows.astype(np.int64), cols.astype(np.int64))
    )
    first = next(sums)
    return first, used, np.logical_and.reduce([np.ones(used.shape, np.bool_), *(s == first for s in sums)])


def _inside(window: Window, shape: tuple[int, ...], out: tuple[int, ...]) -> tuple[Mask, Mask]:
    """[n, KH] and [m, KW]: which taps lie inside the image, for each of the ways in which an output sees it."""
    kernel, stride, dilation, padding = window.kernel, window.stride, window.dilation, window.padding
    rows, cols = (
        _taps_inside(shape[1 + i], out[1 + i], kernel[i], stride[i], dilation[i], padding[i]) for i in (0, 1)
    )
    return np.unique(rows, axis=0), np.unique(cols, axis=0)


def _taps_inside(size: int, out: int, kernel: int, stride: int, dilation: int, before: int) -> Mask:
    """[out, kernel]: which taps of each output index lie inside one dimension of the image."""
    at = np.arange(out)[:, None] * stride - before + np.arange(kernel)[None, :] * dilation
    return np.asarray((at >= 0) & (at < size), np.bool_)
