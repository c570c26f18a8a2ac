"""Weights and biases of an op in the bytes that the file has, as far as TFLite has them so.

Where the file's steps are few, as of ternary weights, a step is several of a byte's: sums are the same multiples of a
finer unit, in which the bias is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.grids import Grid, find_grid
from tinyc.ir import Array, Graph, Quant
from tinyc.ops.fully_connected import FullyConnected
from tinyc.quantize.levels import MOST, levels_of
from tinyc.quantize.weights import LARGEST_BIAS, Weighted, channel_axis, nearest

_INT8 = -128, 127
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Stored:
    """data: int8. is_unsigned: whether the op has to be one on uint8, whose weights may have a zero point."""

    data: Array
    quant: Quant
    is_unsigned: bool
    bias: Array | None
    bias_quant: Quant | None


def stored(graph: Graph, op: Weighted, x: Quant, grids: Iterable[Grid]) -> Stored:
    """Return weights and bias of an op whose input has the quantization x.

    Weights that the file has in float are rounded per channel, where they are no multiples of one number; so are those
    of several scales whose distance from the zero point is beyond int8, which TFLite has of one scale only.
    """
    data, bias = graph.tensors[op.weights].data, graph.tensors[op.bias].data if op.bias else None
    assert data is not None
    axis = channel_axis(op)
    found = find_grid(grids, data, axis)
    if found is None:
        return _rounded(graph, op, x, bias)
    grid, steps = found
    fits = steps.min() >= _INT8[0] and steps.max() <= _INT8[1]
    if not fits and len(grid.scales) > 1:
        return _rounded(graph, op, x, bias)
    if fits and not _is_beyond(bias, grid.scales * x.scale):
        factor = _factor(steps, bias, grid.scales * x.scale)
        return _made(steps * factor, grid.scales / factor, 0, axis, x, bias, is_unsigned=False)
    if fits:
        return _rounded(graph, op, x, bias)
    zero_point = int(_INT8[0] - min(steps.min(), 0))
    if steps.max() + zero_point > _INT8[1]:
        return _rounded(graph, op, x, bias)
    dense = isinstance(op, FullyConnected)
    return _made(steps + zero_point, grid.scales, zero_point, axis, x, bias, is_unsigned=not dense)


def _factor(steps: Int64, bias: Array | None, scales: Float64) -> int:
    """Return by how many steps of a byte one of the file's is: a power of 2."""
    largest = max(1, int(np.abs(steps).max(initial=0)))
    factor = max(1, MOST // largest)
    factor = int(2 ** np.floor(np.log2(factor)))
    while factor > 1 and _is_beyond(bias, scales / factor):
        factor //= 2
    return factor


def _by_levels(graph: Graph, op: Weighted, x: Quant, bias: Array | None) -> Stored | None:
    """Return weights that are multiples of a number per channel, as what is folded into few-bit weights leaves them."""
    data = graph.tensors[op.weights].data
    assert data is not None
    axis = channel_axis(op)
    rows = np.moveaxis(data.astype(np.float64), axis, 0)
    few = levels_of(rows.reshape(len(rows), -1), MOST)
    if few is None:
        return None
    steps, scales = few.bytes_by(few.widest_binary)
    if _is_beyond(bias, scales * x.scale):
        return None
    return _made(np.moveaxis(steps.reshape(rows.shape), 0, axis), scales, 0, axis, x, bias, is_unsigned=False)


def _rounded(graph: Graph, op: Weighted, x: Quant, bias: Array | None) -> Stored:
    found = _by_levels(graph, op, x, bias)
    if found is not None:
        return found
    weights = nearest(graph, op)
    scales = weights.scales_for(x)
    shape = [1] * weights.data.ndim
    shape[weights.axis] = -1
    real: Any = graph.tensors[op.weights].data
    steps = np.clip(np.round(real / scales.reshape(shape)), -127, 127)
    return _made(steps, scales, 0, weights.axis, x, bias, is_unsigned=False)


def _made(
    steps: Array,
    scales: Float64,
    zero_point: int,
    axis: int,
    x: Quant,
    bias: Array | None,
    *,
    is_unsigned: bool,
) -> Stored:
    quant = Quant(tuple(map(float, scales)), (zero_point,) * len(scales), axis, is_unsigned=is_unsigned)
    if bias is None:
        return Stored(steps.astype(np.int8), quant, is_unsigned, None, None)
    products: Any = scales.astype(np.float32) * np.float32(x.scale)
    with np.errstate(all="ignore"):
        data = np.round(bias.astype(np.float64) / products.astype(np.float64))
    kept = np.clip(data, -(2.0**31), 2.0**31 - 1).astype(np.int32)
    bias_quant = Quant(tuple(float(p) for p in products), (0,) * len(products))
    return Stored(steps.astype(np.int8), quant, is_unsigned, kept, bias_quant)


def _is_beyond(bias: Array | None, scales: Float64) -> bool:
    if bias is None:
        return False
    return bool((np.abs(bias.astype(np.float64)) > LARGEST_BIAS * scales).any())
