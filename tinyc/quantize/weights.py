"""Weights as bytes with a scale per output channel, rounded by themselves or so that the layer's outputs are kept.

`reconstructed` is GPTQ (Frantar et al., 2022, https://arxiv.org/abs/2210.17323) with two changes: it sees the inputs
that the quantized layers before really deliver, and aims at the outputs of the float network, so that a layer makes up
for the rounding before it. Of few inputs seen, such weights would be those of these inputs alone: then each is rounded
to its nearest step, and only the bias makes up for the mean of what is lost. Weights of few levels, as ternary ones
are, stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph, Op, Quant
from tinyc.numerics.floats import patches
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.quantize.levels import Levels, levels_of
from tinyc.quantize.ternary import MAGNITUDE, fitted_trits, nearest_trits

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int8 = npt.NDArray[np.int8]

#: Symmetric, as the specification asks: -128 is no weight.
_MOST = 127
#: A bias is an int32; beyond this share of its range, the weights' scale grows.
LARGEST_BIAS = 2.0**30
#: Share of the inputs' mean power that is added to each input's own: keeps weights near the float ones.
_DAMPING = 0.02
#: Windows of a layer that are looked at, and the elements that they may have together.
_WINDOWS, _ELEMENTS = 60_000, 1 << 24

#: Windows for each weight of an output, below which its weights cannot be told from them.
_ENOUGH = 7

Weighted = Conv2D | DepthwiseConv2D | FullyConnected | TransposeConv


@dataclass(frozen=True, eq=False)
class Weights:
    """data: int8 in the layout of the op; scales: one per output channel; bias: [O] float, None for none."""

    data: Int8
    scales: Float64
    axis: int
    bias: Float64 | None
    #: Of weights of few levels: the number of each channel whose multiples they are.
    units: Float64 | None = None

    def real(self) -> Float32:
        """Return the real numbers that the bytes stand for."""
        shape = [1] * self.data.ndim
        shape[self.axis] = -1
        return np.asarray(self.data * self.scales.reshape(shape), np.float32)

    def scales_for(self, x: Quant) -> Float64:
        """Return the scales, larger where the bias would not fit into 32 bits. x: of the layer's input."""
        if self.bias is None:
            return self.scales
        least = np.abs(self.bias) / (LARGEST_BIAS * x.scale)
        if self.units is not None and (least > self.scales).any() and (least <= self.units).all():
            least = np.where(least > self.scales, self.units / np.floor(self.units / least), self.scales)
        return np.asarray(np.float32(np.maximum(self.scales, least)), np.float64)


def nearest(graph: Graph, op: Weighted, *, is_ternary: bool = False) -> Weights:
    """Return each weight as the nearest step of its channel's scale; is_ternary: as the nearest of -k, 0 and k."""
    data = graph.tensors[op.weights].data
    assert data is not None
    axis = channel_axis(op)
    weights = np.moveaxis(data.astype(np.float64), axis, 0)
    rows = weights.reshape(len(weights), -1)
    few = _few_levels(rows, is_ternary=is_ternary)
    if few is not None:
        kept, scales = few.bytes_by(few.widest)
        steps = kept.reshape(weights.shape).astype(np.int8)
        return Weights(np.moveaxis(steps, 0, axis), scales, axis, _bias(graph, op), few.units)
    scales, rounded = _nearest_trits(rows) if is_ternary else _nearest_steps(rows)
    found: Int8 = np.asarray(rounded.reshape(weights.shape), np.int8)
    return Weights(np.moveaxis(found, 0, axis), scales, axis, _bias(graph, op))


def reconstructed(
    graph: Graph, op: Weighted, exact: Float32, real: Float32, *, is_ternary: bool = False
) -> Weights:
    """Return weights and bias by which `real` inputs give what the float layer makes of `exact` ones.

    exact, real: [N, *shape] of the input in the float network and behind the quantized layers; is_ternary: of -k, 0
    and k in each output channel.
    """
    if isinstance(op, TransposeConv):
        return nearest(graph, op, is_ternary=is_ternary)
    weights, bias = _matrices(graph, op), _bias(graph, op)
    few = _few_levels(weights.reshape(-1, weights.shape[2]), is_ternary=is_ternary)
    at = _chosen(graph, op, exact)
    wanted = _windows(graph, op, exact, at) @ weights.transpose(0, 2, 1)
    inputs = _windows(graph, op, real, at)
    mean_in, mean_out = inputs.mean(axis=1, keepdims=True), wanted.mean(axis=1, keepdims=True)
    inputs, wanted = inputs - mean_in, wanted - mean_out
    if few is None:
        scales, steps = _matched(weights, inputs, wanted, is_ternary=is_ternary)
    else:
        scales, steps = _kept(few, weights)
    kept = (steps * scales[..., None]) @ mean_in.transpose(0, 2, 1)
    shift = (mean_out - kept.transpose(0, 2, 1)).reshape(-1)
    return Weights(
        _from_matrices(graph, op, steps.astype(np.int8)),
        scales.reshape(-1),
        channel_axis(op),
        shift if bias is None else bias + shift,
        None if few is None else few.units,
    )


def _few_levels(rows: Float64, *, is_ternary: bool) -> Levels | None:
    """Return the levels of weights that are to be kept: of few levels, or ternary ones. rows: [O, K]."""
    return levels_of(rows, 1) if is_ternary else levels_of(rows)


def _kept(few: Levels, weights: Float64) -> tuple[Float64, Float64]:
    """Return scales and steps of weights that are no others: [G, O], [G, O, K]."""
    steps, scales = few.bytes_by(few.widest)
    return scales.reshape(weights.shape[:2]), steps.reshape(weights.shape).astype(np.float64)


def _matched(
    weights: Float64, inputs: Float64, wanted: Float64, *, is_ternary: bool
) -> tuple[Float64, Float64]:
    """Return the scales and the steps by which `inputs` give what is nearest to `wanted`.

    weights: [G, O, K], float; inputs: [G, windows, K], wanted: [G, windows, O], both less their means.
    """
    count, size = inputs.shape[1:]
    if count < _ENOUGH * size:
        rows = weights.reshape(-1, size)
        scales, steps = _nearest_trits(rows) if is_ternary else _nearest_steps(rows)
        return scales.reshape(weights.shape[:2]), steps.reshape(weights.shape)
    power = inputs.transpose(0, 2, 1) @ inputs / count
    crossed = inputs.transpose(0, 2, 1) @ wanted / count
    damping = _DAMPING * np.trace(power, axis1=1, axis2=2) / size + 1e-12
    power = power + damping[:, None, None] * np.eye(size)
    crossed = crossed + damping[:, None, None] * weights.transpose(0, 2, 1)
    best = np.linalg.solve(power, crossed).transpose(0, 2, 1)
    if is_ternary:
        return _as_bytes(*fitted_trits(best, power))
    scales = _scales(best.reshape(-1, size)).reshape(best.shape[:2])
    return scales, _rounded_in_turn(best, scales, power)


def channel_axis(op: Weighted) -> int:
    """Return the dimension of the weights that counts output channels."""
    return 3 if isinstance(op, DepthwiseConv2D) else 0


def is_weighted(op: Op, graph: Graph) -> TypeGuard[Weighted]:
    """Whether the op has constant weights that become bytes."""
    return isinstance(op, Weighted) and graph.is_constant(op.weights)


def _scales(rows: Float64) -> Float64:
    """One scale per row; a row of zeros has the least that is safe."""
    largest = np.abs(rows).max(axis=1)
    return np.asarray(np.float32(np.where(largest > 0, largest, _MOST * 1e-6) / _MOST), np.float64)


def _nearest_steps(rows: Float64) -> tuple[Float64, Float64]:
    """Return a scale for each row and the nearest steps of it. rows: [O, K]."""
    scales = _scales(rows)
    return scales, np.clip(np.round(rows / scales[:, None]), -_MOST, _MOST)


def _nearest_trits(rows: Float64) -> tuple[Float64, Float64]:
    """Return a scale for each row and the bytes of its ternary weights. rows: [O, K]."""
    return _as_bytes(*nearest_trits(rows))


def _as_bytes(k: Float64, trits: Float64) -> tuple[Float64, Float64]:
    """Return the scales and the bytes of weights of -k, 0 and k."""
    scales = np.where(k > 0, k, MAGNITUDE * 1e-6) / MAGNITUDE
    return np.asarray(np.float32(scales), np.float64), trits * MAGNITUDE


def _bias(graph: Graph, op: Weighted) -> Float64 | None:
    data = graph.tensors[op.bias].data if op.bias else None
    return None if data is None else data.astype(np.float64)


def _rounded_in_turn(weights: Float64, scales: Float64, power: Float64) -> Float64:
    """Round one input's weights after the other, and move what is lost to those that are still to come.

    weights: [G, O, K]; power: [G, K, K], of the inputs. The inputs of most power go first.
    """
    order = np.argsort(-np.diagonal(power, axis1=1, axis2=2), axis=1)
    sorted_power = np.take_along_axis(
        np.take_along_axis(power, order[:, :, None], axis=1), order[:, None, :], axis=2
    )
    left = np.take_along_axis(weights, order[:, None, :], axis=2)
    upper = np.linalg.cholesky(np.linalg.inv(sorted_power)).transpose(0, 2, 1)
    steps = np.zeros_like(left)
    for k in range(left.shape[2]):
        steps[:, :, k] = np.clip(np.round(left[:, :, k] / scales), -_MOST, _MOST)
        lost = (left[:, :, k] - steps[:, :, k] * scales) / upper[:, k, k, None]
        left[:, :, k + 1 :] -= lost[:, :, None] * upper[:, None, k, k + 1 :]
    back = np.argsort(order, axis=1)
    return np.asarray(np.take_along_axis(steps, back[:, None, :], axis=2))


def _matrices(graph: Graph, op: Weighted) -> Float64:
    """Return the weights as [groups, outputs of a group, inputs of an output]."""
    data = graph.tensors[op.weights].data
    assert data is not None
    weights = data.astype(np.float64)
    if isinstance(op, DepthwiseConv2D):
        _, kh, kw, outs = weights.shape
        channels = outs // op.multiplier
        return weights.reshape(kh * kw, channels, op.multiplier).transpose(1, 2, 0)
    if isinstance(op, Conv2D):
        groups = graph.type(op.x).shape[3] // weights.shape[3]
        return weights.reshape(groups, len(weights) // groups, -1)
    return weights[None]


def _from_matrices(graph: Graph, op: Weighted, steps: Int8) -> Int8:
    shape = graph.type(op.weights).shape
    return (steps.transpose(2, 0, 1) if isinstance(op, DepthwiseConv2D) else steps).reshape(shape)


def _chosen(graph: Graph, op: Weighted, x: Float32) -> npt.NDArray[np.int64]:
    """Return which windows are looked at, of all samples together: at random where there are too many."""
    out = graph.type(op.outputs[0])
    each = out.elements // out.shape[-1]
    count = len(x) * each
    groups, _, inputs = _matrices(graph, op).shape
    most = max(256, min(_WINDOWS, _ELEMENTS // (groups * inputs)))
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def _windows(graph: Graph, op: Weighted, x: Float32, at: npt.NDArray[np.int64]) -> Float64:
    """Return what the chosen windows see: [groups, windows, inputs of an output]."""
    groups, _, inputs = _matrices(graph, op).shape
    if not isinstance(op, Conv2D | DepthwiseConv2D):
        return x.reshape(1, -1, inputs)[:, at].astype(np.float64)
    window = op.window
    top, left, bottom, right = window.padding
    pads = (top, bottom), (left, right)
    images = x.reshape(-1, *x.shape[2:])
    seen = patches(images, window.kernel, window.stride, window.dilation, pads)
    found = seen[np.unravel_index(at, seen.shape[:3])].astype(np.float64)
    split = found.reshape(len(at), -1, groups, found.shape[3] // groups)
    return np.asarray(split.transpose(2, 0, 1, 3).reshape(groups, len(at), inputs))
