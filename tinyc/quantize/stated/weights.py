"""Weights and biases of an op in the bytes that the file has, as far as TFLite has them so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.grids import Grid, find_grid
from tinyc.ir import Array, Graph, Quant
from tinyc.ops.fully_connected import FullyConnected
from tinyc.quantize.weights import LARGEST_BIAS, Weighted, channel_axis, nearest

_INT8 = -128, 127
Float64 = npt.NDArray[np.float64]


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

    Weights that the file has in float are rounded per channel; so are those of several scales whose distance from the
    zero point is beyond int8, which TFLite has of one scale only.
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
        return _made(steps, grid.scales, 0, axis, x, bias, is_unsigned=False)
    if fits:
        return _rounded(graph, op, x, bias)
    zero_point = int(_INT8[0] - min(steps.min(), 0))
    if steps.max() + zero_point > _INT8[1]:
        return _rounded(graph, op, x, bias)
    dense = isinstance(op, FullyConnected)
    return _made(steps + zero_point, grid.scales, zero_point, axis, x, bias, is_unsigned=not dense)


def _rounded(graph: Graph, op: Weighted, x: Quant, bias: Array | None) -> Stored:
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
