"""Which input channels the outputs of CONV_2D and FULLY_CONNECTED depend on, once constant ones are folded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.ir.types import IntArray
from tinyc.numerics.fixed_point import INT32_MAX
from tinyc.ops.conv2d import Conv2D, patches
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.window import Window
from tinyc.passes.channels.ranges import Range

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Reads:
    """depends: [O, I], whether output o needs input i at run time; adds: [O, I], what input i adds to the

    accumulator of output o where it is a constant that does not; 0 elsewhere.
    """

    depends: Mask
    adds: IntArray


def reads(op: Conv2D | FullyConnected, graph: Graph, x: Range) -> Reads:
    """x: of the op's input. Weights and bias are constants, and there is one group.

    A constant other than the zero point folds where it adds the same at every pixel, whether or not the window there
    reads padding; none folds into an accumulator that might then overflow.
    """
    t = graph.type(op.inputs[0])
    sums, used = _taps(op, graph)
    constant, byte = x.constants(graph.type(op.inputs[1]).shape[-1])
    above = np.where(constant, byte.astype(np.int64) - t.q.zero_point, 0)
    even = constant & ((sums == sums[0]).all(axis=0) | (above == 0))
    adds = np.where(even, sums[0] * above, 0)
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    start = np.zeros(len(adds), np.int64) if bias is None else np.abs(bias.astype(np.int64).reshape(-1))
    even &= (start + np.abs(adds).sum(axis=1) <= INT32_MAX)[:, None]
    return Reads(used & ~even, np.where(even, adds, 0))


def _taps(op: Conv2D | FullyConnected, graph: Graph) -> tuple[IntArray, Mask]:
    """([n, O, I] sum of the weights that lie inside the image, for each of the n ways in which an output pixel sees

    it; [O, I] whether any such weight is not zero).
    """
    w, data = graph.type(op.inputs[1]), graph.tensors[op.inputs[1]].data
    assert data is not None
    weights = data.astype(np.int64)
    if isinstance(op, FullyConnected):
        weights -= 0 if w.q.per_channel else w.q.zero_point
        return weights[None], weights != 0
    inside = _inside(op.window, graph.type(op.inputs[0]).shape, graph.type(op.outputs[0]).shape)
    flat = weights.reshape(w.shape[0], -1, w.shape[3])
    used = (flat[:, inside.any(axis=0)] != 0).any(axis=1)
    return np.einsum("nt,oti->noi", inside.astype(np.int64), flat), used


def _inside(window: Window, shape: tuple[int, ...], out: tuple[int, ...]) -> Mask:
    """[n, KH * KW]: which taps lie inside the image, for each of the n ways in which an output pixel sees it."""
    image = np.ones((1, shape[1], shape[2], 1), np.int8)
    seen = patches(image, window, 0, out[1], out[2]).reshape(out[1] * out[2], -1)
    return np.asarray(np.unique(seen != 0, axis=0), np.bool_)
