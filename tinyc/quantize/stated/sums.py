"""Sums that fit into a byte each, of an op whose output the file gives no scale: int8 that loses nothing.

So ends a network of ternary weights and activations of a few bits: with whole numbers, of which the last products and
sums per channel make the answers in float. Inside one, two branches are added and windows averaged like that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

import numpy as np

from tinyc.ir import Activation, Op, Quant, TensorType
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.mean import Mean
from tinyc.ops.relu import Relu
from tinyc.ops.sub import Sub
from tinyc.quantize.stated.forms import Builder, no_bias, weights_and_kind
from tinyc.quantize.stated.reach import reach
from tinyc.quantize.stated.thresholds import units_of
from tinyc.quantize.stated.weights import Stored
from tinyc.quantize.weights import channel_axis

_Summing = Conv2D | DepthwiseConv2D | FullyConnected
#: Steps between the least and the greatest byte; how unlike the units of two channels may be.
_SPAN, _ALIKE = 255, 1e-6
_IMAGE = 4


@dataclass(frozen=True, eq=False)
class Sums:
    """quant: of the output, one step for each unit of the sums."""

    op: _Summing
    weights: Stored
    quant: Quant


def sums_of(b: Builder, op: object) -> Sums | None:
    """Return how an op's sums are bytes, None where they do not fit. The op reads bytes and has constant weights."""
    if not isinstance(op, _Summing) or not b.source.is_constant(op.weights):
        return None
    found, kind = weights_and_kind(b, op)
    units = units_of(found.data, channel_axis(op))
    scales = np.broadcast_to(np.array(found.quant.scales), units.shape) * units
    rows = np.moveaxis(found.data.astype(np.int64), channel_axis(op), 0).reshape(len(units), -1)
    used = np.any(rows != 0, axis=1)
    if found.is_unsigned or any(found.quant.zero_points) or not used.any():
        return None
    unit = float(scales[used][0])
    if (np.abs(scales[used] - unit) > _ALIKE * unit).any():
        return None
    ends = [end / kind.q.scale for end in reach(b.source, op.x)]
    if not all(map(isfinite, ends)):
        return None
    low, high = (round(end) for end in ends)
    steps = rows // units[:, None]
    above, below = np.maximum(steps, 0).sum(axis=1), np.minimum(steps, 0).sum(axis=1)
    most = int((above * max(high, 0) + below * min(low, 0)).max())
    least = int((above * min(low, 0) + below * max(high, 0)).min())
    quant = _holding(kind.q.scale * unit, least, most)
    return None if quant is None else Sums(op, found, quant)


def exact_quant(b: Builder, op: Op) -> Quant | None:
    """Return the quantization in which a sum or difference of two activations, or a mean, is exact, None where none is.

    The op reads bytes.
    """
    if isinstance(op, Add | Sub):
        ends = reach(b.source, op.outputs[0])
        scales = [b.tensors[found].type.q.scale for found in map(b.bytes_of, op.inputs) if found is not None]
        unit = min(scales)
        if len(scales) != len(op.inputs) or any(_is_between(s / unit) for s in scales):
            return None
    elif isinstance(op, AveragePool2D | Mean):
        kind = b.source.type(op.x)
        if len(kind.shape) != _IMAGE or not _is_whole(op):
            return None
        ends = reach(b.source, op.x)
        window = op.window.kernel if isinstance(op, AveragePool2D) else kind.shape[1:3]
        found = b.bytes_of(op.x)
        assert found is not None
        unit = b.tensors[found].type.q.scale / (window[0] * window[1])
    else:
        return None
    return _holding(unit, *(end / unit for end in ends))


def _is_whole(op: AveragePool2D | Mean) -> bool:
    """Whether each output is the mean of as many pixels, and nothing is done to it."""
    if isinstance(op, AveragePool2D):
        return not any(op.window.padding) and op.activation is Activation.NONE
    return op.axes == (1, 2) and op.keep_dims


def _is_between(ratio: float) -> bool:
    """Whether a ratio is no whole number."""
    return abs(ratio - round(ratio)) > _ALIKE * ratio


def _holding(unit: float, least: float, most: float) -> Quant | None:
    """Return the quantization that holds all steps of a unit, None where there are more than a byte has."""
    if not (isfinite(least) and isfinite(most)) or round(most) - round(least) > _SPAN:
        return None
    low, high = round(least), round(most)
    zero_point = 0 if max(high, -low) <= _SPAN // 2 else -128 - low
    fits = -128 <= zero_point <= 127
    return Quant((float(np.float32(unit)),), (zero_point,)) if fits else None


def add_sums(b: Builder, sums: Sums) -> tuple[str, str | None]:
    """Add the layer, and what makes real numbers of its bytes.

    Return the tensor of these, and that of the bytes, None where more is done to them.
    """
    op, found = sums.op, sums.weights
    (out,) = op.outputs
    kind = b.source.type(out)
    x = b.bytes_of(op.x)
    assert x is not None
    weights = b.add(op.weights, TensorType(found.data.shape, "int8", found.quant), found.data)
    bias = no_bias(b, op, kind.shape[-1], *(b.tensors[x].type.q.scale * s for s in found.quant.scales))
    bytes_ = b.add(f"{out}_int8", replace(kind, dtype="int8", quant=sums.quant))
    b.ops.append(replace(op, inputs=(x, weights, bias), outputs=(bytes_,), activation=Activation.NONE))
    real = b.add(out, kind)
    b.ops.append(Dequantize((bytes_,), (real,), op.origin))
    data: Any = b.source.tensors[op.bias].data if op.bias else None
    if data is not None and np.any(data):
        shift = b.add(f"{out}_bias", TensorType((data.size,), "float32"), data.reshape(-1).astype(np.float32))
        real, before = b.add(f"{out}_shifted", kind), real
        b.ops.append(Add((before, shift), (real,), op.origin))
    if op.activation is not Activation.NONE:
        real, before = b.add(f"{out}_clamped", kind), real
        b.ops.append(Relu((before,), (real,), op.origin, op.activation))
    return real, bytes_ if b.ops[-1].outputs[0] == real and isinstance(b.ops[-1], Dequantize) else None
