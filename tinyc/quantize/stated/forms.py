"""What each op is on bytes, under the constraints of TFLite: fixed or tied scales, symmetric weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.grids import Grid, find_grid
from tinyc.ir import Activation, Array, Graph, Op, Quant, Tensor, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.affine import quantize
from tinyc.numerics.dense import to_bytes
from tinyc.numerics.mean import mean_params
from tinyc.numerics.requant import conv_requant
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.logistic import Logistic
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.pad import Pad
from tinyc.ops.relu import Relu
from tinyc.ops.requantize import Requantize
from tinyc.ops.tanh import Tanh
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Window
from tinyc.quantize.ranges import quant_of
from tinyc.quantize.rules import fixed, is_float_only, is_tied
from tinyc.quantize.stated.reach import mattering
from tinyc.quantize.stated.rounding import single_rounding
from tinyc.quantize.stated.thresholds import exact_bias, units_of
from tinyc.quantize.stated.weights import Stored, stored
from tinyc.quantize.weights import Weighted, channel_axis, is_weighted

_IMAGE = 4
#: The largest weight, symmetric.
_MOST = 127
#: Bits behind the point of a step that MEAN rounds to first, and weights that are worth more.
_FINE, _FEW_WEIGHTS = -6, 4096


class Builder(Protocol):
    """The int8 graph in the making."""

    source: Graph
    grids: Sequence[Grid]
    #: Whether a mean over an image stays MEAN.
    keeps_means: bool
    tensors: dict[str, Tensor]
    ops: list[Op]
    #: The same bytes as uint8, by name of the int8 tensor.
    unsigned: dict[str, str]

    def bytes_of(self, name: str) -> str | None: ...
    def rescaled(self, name: str, quant: Quant, op: Op) -> str: ...
    def add(self, name: str, kind: TensorType, data: Array | None = None) -> str: ...


def is_float(op: Op, quant: Quant) -> bool:
    """Whether the op exists in float alone, or is a function whose int8 form has another scale than it needs.

    What stays float between DEQUANTIZE and QUANTIZE becomes a table, which rounds once.
    """
    return is_float_only(op) or (isinstance(op, Logistic | Tanh) and fixed(op) != quant)


def makes_indices(op: Op) -> bool:
    return isinstance(op, ArgMax)


def has_bytes(b: Builder, op: Op) -> bool:
    """Whether everything that the op reads is bytes or a constant that becomes bytes, one of them computed."""
    read = [n for n in op.values if not b.source.is_constant(n)]
    known = all(b.source.is_constant(n) for n in op.trained)
    floats = all(b.source.type(n).dtype == "float32" for n in op.values)
    return bool(read) and known and floats and all(b.bytes_of(n) is not None for n in read)


def add(b: Builder, op: Op, quant: Quant) -> str:
    """Add an op on bytes, and return its output, which has the quantization `quant`."""
    if is_weighted(op, b.source):
        return _weighted(b, op, quant)
    for kind, form in _FORMS.items():
        if isinstance(op, kind):
            return form(b, op, quant)
    if is_tied(op):
        return _with_tied(b, op, quant)
    return _free(b, op, quant)


def _indices(b: Builder, op: Op, quant: Quant) -> str:
    """Add an op that answers with numbers, not with bytes."""
    out = b.add(op.outputs[0], b.source.type(op.outputs[0]))
    b.ops.append(replace(op, inputs=_inputs(b, op), outputs=(out,)))
    return out


def _free(b: Builder, op: Op, quant: Quant) -> str:
    """Add an op whose scales are free, or that of the output fixed."""
    made = _emit(b, op, _inputs(b, op), fixed(op) or quant)
    return b.rescaled(made, quant, op)


def _with_tied(b: Builder, op: Op, quant: Quant) -> str:
    """Add an op whose inputs have the output's scale."""
    return _emit(b, op, tuple(_tied(b, op, n, quant) for n in op.inputs), quant)


def _bounded(b: Builder, op: Minimum | Maximum, quant: Quant) -> str:
    """Add a comparison, where it is none with the byte beyond which there is none."""
    names = [_tied(b, op, n, quant) for n in op.inputs]
    end = 127 if isinstance(op, Minimum) else -128
    for name, other in (names, names[::-1]):
        data = b.tensors[name].data
        whole = b.tensors[other].type.shape == b.source.type(op.outputs[0]).shape
        if data is not None and bool((data == end).all()) and whole:
            return other
    return _emit(b, op, tuple(names), quant)


def _mean(b: Builder, op: Mean, quant: Quant) -> str:
    if not b.keeps_means and _is_rough(b, op, quant):
        return _mean_of_channels(b, op, quant, b.source.type(op.x).shape[1:3])
    return _free(b, op, quant)


def _emit(b: Builder, op: Op, inputs: tuple[str, ...], quant: Quant) -> str:
    kind = replace(b.source.type(op.outputs[0]), dtype="int8", quant=quant)
    out = b.add(f"{op.outputs[0]}_int8", kind)
    b.ops.append(replace(op, inputs=inputs, outputs=(out,)))
    return out


def _inputs(b: Builder, op: Op) -> tuple[str, ...]:
    return tuple(_input(b, n, None) if n else "" for n in op.inputs)


def _input(b: Builder, name: str, quant: Quant | None) -> str:
    """Name the bytes of an input; a constant gets its own scale, that of the file, or `quant`."""
    tensor = b.source.tensors[name]
    if tensor.data is None:
        found = b.bytes_of(name)
        assert found is not None
        return found
    if tensor.type.dtype != "float32":
        return b.add(name, tensor.type, tensor.data)
    if quant is None:
        found_grid = find_grid((g for g in b.grids if len(g.scales) == 1), tensor.data, 0)
        if found_grid is not None:
            grid, steps = found_grid
            zero = int(grid.zero_points[0])
            if int(steps.min()) + zero >= -128 and int(steps.max()) + zero <= 127:
                own = Quant((float(grid.scales[0]),), (zero,))
                return b.add(
                    name, replace(tensor.type, dtype="int8", quant=own), (steps + zero).astype(np.int8)
                )
        quant = _spanning(tensor.data)
    kind = replace(tensor.type, dtype="int8", quant=quant)
    return b.add(name, kind, quantize(tensor.data, kind))


def _spanning(data: Array) -> Quant:
    """Return a quantization of a float constant: exact where it has one value."""
    low, high = float(data.min()), float(data.max())
    if low == high and low != 0 and np.isfinite(low):
        return Quant((float(np.float32(abs(low) / 127)),), (0,))
    return quant_of(low, high)


def _tied(b: Builder, op: Op, name: str, quant: Quant) -> str:
    """Name an input in the scale of the output."""
    if not name:
        return ""
    found = _input(b, name, quant)
    return b.rescaled(found, quant, op) if b.tensors[found].type.dtype == "int8" else found


def _relu(b: Builder, op: Relu, quant: Quant) -> str:
    """Clamp in the scale of the output, where its bytes do not end there anyway."""
    x = _tied(b, op, op.x, quant)
    kind = b.tensors[x].type
    if clamp(op.activation, kind) == (-128, 127):
        return x
    return _emit(b, op, (x,), quant)


def _average_pool(b: Builder, op: AveragePool2D, quant: Quant) -> str:
    """A mean of whole windows in another scale is a convolution of each channel by weights of 1 / (number)."""
    x = _input(b, op.x, None)
    kind = b.tensors[x].type
    if kind.q == quant or any(op.window.padding) or op.activation is not Activation.NONE:
        made = _emit(b, op, (x,), kind.q)
        return b.rescaled(made, quant, op)
    return _mean_of_channels(b, op, quant, op.window.kernel, op.window.stride)


def _is_rough(b: Builder, op: Mean, quant: Quant) -> bool:
    """Whether MEAN would round twice, to a coarse fraction of a step first, and few weights avoid it."""
    kind = b.source.type(op.x)
    if len(kind.shape) != _IMAGE or op.axes != (1, 2) or not op.keep_dims:
        return False
    x = b.tensors[_input(b, op.x, None)].type
    params = mean_params(x, replace(x, quant=quant), op.count(x))
    return params.shift > _FINE and kind.elements <= _FEW_WEIGHTS


def _mean_of_channels(
    b: Builder,
    op: AveragePool2D | Mean,
    quant: Quant,
    kernel: tuple[int, ...],
    stride: tuple[int, int] = (1, 1),
) -> str:
    """Add means of windows as a convolution of each channel by equal weights."""
    x = _input(b, op.x, None)
    kind = b.tensors[x].type
    height, width = kernel
    shape = (1, height, width, kind.shape[3])
    scale = float(np.float32(1 / (height * width * _MOST)))
    weights_type = TensorType(shape, "int8", Quant((scale,), (0,), 3))
    weights = b.add(f"{op.outputs[0]}_weights", weights_type, np.full(shape, _MOST, np.int8))
    bias = no_bias(b, op, kind.shape[3], kind.q.scale * scale)
    window = Window((height, width), stride)
    layer = DepthwiseConv2D((x, weights, bias), op.outputs, op.origin, window, multiplier=1)
    return _emit(b, layer, layer.inputs, quant)


def no_bias(b: Builder, op: Op, channels: int, *scales: float) -> str:
    """Name a bias of zeros. scales: one or one per channel."""
    quant = Quant(tuple(float(np.float32(s)) for s in scales), (0,) * len(scales))
    kind = TensorType((channels,), "int32", quant)
    return b.add(f"{op.outputs[0]}_bias", kind, np.zeros(channels, np.int32))


def weights_and_kind(b: Builder, op: Weighted) -> tuple[Stored, TensorType]:
    """Return weights and bias of a layer as bytes, and the type of what it reads."""
    kind = b.tensors[_input(b, op.x, None)].type
    found = stored(b.source, op, kind.q, b.grids)
    if not np.isfinite(found.quant.scales).all():
        raise ModelError(f"{op.origin}: its weights are not finite")
    return found, kind


def _weighted(b: Builder, op: Weighted, quant: Quant) -> str:
    x = _input(b, op.x, None)
    found, kind = weights_and_kind(b, op)
    made = TensorType(found.data.shape, "int8", found.quant)
    weights = b.add(op.weights, made, found.data)
    bias = _bias(b, op, kind.q, found, quant)
    if not found.is_unsigned:
        return _emit(b, op, (x, weights, bias), quant)
    if x not in b.unsigned:
        b.unsigned[x] = b.add(f"{op.x}_uint8", _as_unsigned(kind))
        b.ops.append(Requantize((x,), (b.unsigned[x],), op.origin))
    outer = b.unsigned[x]
    inner = replace(quant, is_unsigned=True)
    result = _emit(b, op, (outer, weights, bias), inner)
    back = b.add(f"{op.outputs[0]}_int8", replace(b.tensors[result].type, quant=quant))
    b.ops.append(Requantize((result,), (back,), op.origin))
    b.unsigned[back] = result
    return back


def _bias(b: Builder, op: Weighted, x: Quant, found: Stored, quant: Quant) -> str:
    scales = [x.scale * s for s in found.quant.scales]
    if found.bias is None:
        name = no_bias(b, op, b.source.type(op.outputs[0]).shape[-1], *scales)
    else:
        name = b.add(op.bias, TensorType(found.bias.shape, "int32", found.bias_quant), found.bias)
    low, high = clamp(op.activation, replace(b.source.type(op.outputs[0]), dtype="int8", quant=quant))
    ends = low - quant.zero_point, high - quant.zero_point
    factors = [s / quant.scale for s in scales]
    bias = b.tensors[name]
    assert bias.data is not None
    data: Any = bias.data
    if not isinstance(op, FullyConnected):  # of which LiteRT rounds once
        data = single_rounding(bias.data, factors, *ends)
    if not found.is_unsigned:
        data = _exact(b, op, quant, found, factors, ends, data)
    b.tensors[name] = replace(bias, data=data)
    return name


def _exact(
    b: Builder,
    op: Weighted,
    quant: Quant,
    found: Stored,
    factors: list[float],
    ends: tuple[int, int],
    bias: Any,
) -> Array:
    """Return the bias by which sums of few-level weights are rounded as in the file, `bias` where there is none."""
    axis, x = channel_axis(op), b.tensors[_input(b, op.x, None)].type
    units = units_of(found.data, axis)
    if units.max() < 2 or isinstance(op, TransposeConv):
        return np.asarray(bias)
    rows = np.moveaxis(np.abs(found.data.astype(np.int64)), axis, 0).reshape(len(units), -1)
    most = rows.sum(axis=1) // units * 255
    made = b.source.tensors[op.bias].data if op.bias else None
    real = np.zeros(len(units)) if made is None else made.reshape(-1).astype(np.float64)
    below, above = (
        round(float(np.clip(e / quant.scale, -1e6, 1e6))) for e in mattering(b.source, op.outputs[0])
    )
    low, high = max(ends[0], below), min(ends[1], above)
    out = replace(b.source.type(op.outputs[0]), dtype="int8", quant=quant)
    weights = TensorType(found.data.shape, "int8", found.quant)

    def rounds(acc: Any) -> Any:
        if isinstance(op, FullyConnected):
            bytes_ = to_bytes(acc, x, weights, out, op.activation, "litert")
        else:
            bytes_ = conv_requant(x, weights, out, len(units)).to_bytes(acc, None, out, op.activation)
        return bytes_.astype(np.int64) - quant.zero_point

    each = np.broadcast_to(factors, units.shape)
    exact, is_exact = exact_bias(real / quant.scale, each, units, most, (low, high), rounds)
    return np.asarray(np.where(is_exact & (units > 1), exact, bias), np.int32)


def _as_unsigned(kind: TensorType) -> TensorType:
    return replace(kind, quant=replace(kind.q, is_unsigned=True))


_FORMS: Mapping[type[Op], Callable[[Builder, Any, Quant], str]] = {
    ArgMax: _indices,
    AveragePool2D: _average_pool,
    Maximum: _bounded,
    Mean: _mean,
    Minimum: _bounded,
    Pad: _with_tied,
    Relu: _relu,
}
