"""A layer of which only the signs of its sums go on, as of binary networks: int8 that tells them exactly.

The bias lies half a unit from the first sum that counts as positive, and the scale is so coarse that every sum is
beyond the one step that is left of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tinyc.ir import Activation, Graph, Quant, TensorType
from tinyc.ops.compare import Compare
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.maximum import Maximum
from tinyc.ops.quantize import Quantize
from tinyc.ops.select import Select
from tinyc.quantize.stated.forms import Builder, weights_and_kind
from tinyc.quantize.stated.thresholds import units_of
from tinyc.quantize.stated.weights import Stored
from tinyc.quantize.weights import channel_axis

_Summing = Conv2D | DepthwiseConv2D | FullyConnected
#: Output steps of a unit of the sums, of which half lies between the threshold and the next sum.
_GAIN = 4
_NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Signs:
    """out: what has the signs; quant: of it; ops: that the layer stands for; start: the bias, [O]."""

    op: _Summing
    out: str
    quant: Quant
    ops: frozenset[str]
    weights: Stored
    start: Any


def signs_of(b: Builder, op: object) -> Signs | None:
    """Return the layer by itself, None where more than the signs of its sums is read, or no unit is known."""
    if not isinstance(op, _Summing) or not b.source.is_constant(op.weights):
        return None
    found = _chosen(b.source, op.outputs[0])
    if found is None or op.activation is not Activation.NONE:
        return None
    compare, select, quant = found
    weights, kind = weights_and_kind(b, op)
    axis = channel_axis(op)
    units = units_of(weights.data, axis)
    rows = np.moveaxis(np.abs(weights.data.astype(np.int64)), axis, 0).reshape(len(units), -1)
    units = np.where(rows.any(axis=1), units, 2)
    if weights.is_unsigned or any(weights.quant.zero_points) or units.min() < 2:
        return None
    data: Any = b.source.tensors[op.bias].data if op.bias else np.zeros(len(units))
    real = units * kind.q.scale * np.array(weights.quant.scales)
    first = -data.reshape(-1).astype(np.float64) / real
    most = rows.sum(axis=1) // units * 255
    least = np.ceil(first - _NEAR * np.maximum(1, np.abs(first)))
    least = np.clip(least, -most, most + 1).astype(np.int64)
    ops = frozenset((compare.outputs[0], select.outputs[0]))
    scales = _GAIN / units * quant.scale / kind.q.scale
    coarse = Quant(tuple(float(np.float32(s)) for s in scales), (0,) * len(units), axis)
    start = (units + 1) // 2 - units * least
    return Signs(op, select.outputs[0], quant, ops, replace(weights, quant=coarse), start)


def _chosen(graph: Graph, name: str) -> tuple[Compare, Select, Quant] | None:
    """Return what makes a number of all that is not below 0, its negative of the rest, and rounds to its steps."""
    compare = _only_reader(graph, name)
    if not isinstance(compare, Compare) or compare.relation != "GREATER_EQUAL" or compare.a != name:
        return None
    select = _only_reader(graph, compare.outputs[0])
    if not isinstance(select, Select) or _single(graph, compare.b) != 0:
        return None
    after = _only_reader(graph, select.outputs[0])
    level, below = _single(graph, select.a), _single(graph, select.b)
    if not isinstance(after, Quantize) or level is None or below != -level:
        return None
    quant = graph.type(after.outputs[0]).q
    return (compare, select, quant) if quant.scale == level and quant.zero_point == 126 else None


def _only_reader(graph: Graph, name: str) -> object:
    readers = graph.consumers[name]
    return graph.ops[readers[0]] if len(readers) == 1 and name not in graph.kept_tensors else None


def _single(graph: Graph, name: str) -> float | None:
    """Return the number of a constant that has one."""
    data: Any = graph.tensors[name].data
    return float(data.reshape(-1)[0]) if data is not None and data.size == 1 else None


def add_signs(b: Builder, signs: Signs) -> str:
    """Add the layer, and return the tensor of one step to either side of 0."""
    op, found = signs.op, signs.weights
    kind = replace(b.source.type(signs.out), dtype="int8", quant=signs.quant)
    x = b.bytes_of(op.x)
    assert x is not None
    weights = b.add(op.weights, TensorType(found.data.shape, "int8", found.quant), found.data)
    scales = tuple(float(np.float32(b.tensors[x].type.q.scale * s)) for s in found.quant.scales)
    bias_type = TensorType((len(scales),), "int32", Quant(scales, (0,) * len(scales)))
    bias = b.add(f"{signs.out}_bias", bias_type, signs.start.astype(np.int32))
    bounded = signs.quant.scale == 1
    activation = Activation.RELU_N1_TO_1 if bounded else Activation.NONE
    made = b.add(f"{signs.out}_int8", kind)
    b.ops.append(replace(op, inputs=(x, weights, bias), outputs=(made,), activation=activation))
    if bounded:
        return made
    least = TensorType((1,) * len(kind.shape), "int8", signs.quant)
    low = b.add(f"{signs.out}_least", least, np.full(least.shape, signs.quant.zero_point - 1, np.int8))
    out = b.add(f"{signs.out}_signs", kind)
    b.ops.append(Maximum((made, low), (out,), op.origin))
    return out
