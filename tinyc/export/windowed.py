"""Writers of ops with windows and weights: convolutions, pooling, dense layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.export.draft import ACTIVATIONS, Draft, Write
from tinyc.export.file import Option
from tinyc.ir import DTYPES, Op, Operands, Quant, TensorType
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.dense import Dense
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.pool import Pool2D
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window

_SAME, _VALID = 0, 1


def _padded(d: Draft, op: Op, x: str, window: Window) -> tuple[str, int]:
    """Return the tensor that the window slides over, and the format's padding.

    Rows and columns that neither SAME nor VALID adds are added by a PAD.
    """
    if window.scheme is Padding.SAME:
        return x, _SAME
    if not any(window.padding):
        return x, _VALID
    kind = d.graph.type(x)
    (_, height, width, _), (top, left, bottom, right) = kind.shape, window.padding
    if window.is_same(height, width):
        return x, _SAME
    pads = ((0, 0), (top, bottom), (left, right), (0, 0))
    if isinstance(op, MaxPool2D):
        return _pad_lowest(d, x, pads), _VALID
    if isinstance(op, Pool2D):
        raise ModelError(f"{op.origin}: a window with padding {list(window.padding)} has no .tflite form")
    return _pad(d, x, pads), _VALID


def _pad(d: Draft, x: str, pads: tuple[tuple[int, int], ...]) -> str:
    """Add a PAD of zeros, and return what it writes."""
    kind = d.graph.type(x)
    shape = tuple(size + a + b for size, (a, b) in zip(kind.shape, pads, strict=True))
    wider = d.between(x, replace(kind, shape=shape))
    d.add("PAD", 2 if kind.dtype == "int8" else 1, (x, d.integers(x, pads)), (wider,), "PadOptions")
    return wider


def _pad_lowest(d: Draft, x: str, pads: tuple[tuple[int, int], ...]) -> str:
    """Add a PADV2 of what no maximum is, and return what it writes."""
    kind = d.graph.type(x)
    shape = tuple(size + a + b for size, (a, b) in zip(kind.shape, pads, strict=True))
    wider = d.between(x, replace(kind, shape=shape))
    least = np.finfo(np.float32).min if kind.dtype == "float32" else -128
    lowest = np.full((1,), least, DTYPES[kind.dtype])
    value = d.constant(x, replace(kind, shape=(1,)), lowest)
    inputs = (x, d.integers(x, pads), value)
    d.add("PADV2", 2 if kind.dtype == "int8" else 1, inputs, (wider,), "PadV2Options")
    return wider


def _bias(d: Draft, op: Conv2D | DepthwiseConv2D | TransposeConv | Dense) -> str:
    """Return the bias; one that a pass made gets its scale, which is that of the products.

    LiteRT takes no CONV_2D without one, and all but its reference kernels end the program at a DEPTHWISE_CONV_2D.
    """
    bias = d.graph.tensors[op.bias] if op.bias else None
    types = d.graph.types(op)
    if bias is None and isinstance(op, Conv2D | DepthwiseConv2D):
        return _zeros(d, op, types)
    if bias is None or bias.data is None or bias.type.quant is not None or types.x.dtype != "int8":
        return op.bias
    scales = tuple(types.x.q.scale * scale for scale in types.weights.q.scales)
    kind = replace(bias.type, quant=Quant(scales, (0,) * len(scales)))
    return d.constant(op.bias, kind, bias.data)


def _zeros(d: Draft, op: Conv2D | DepthwiseConv2D, types: Operands[TensorType]) -> str:
    """Return a bias of zeros; none of bytes but int8, where only a file has a layer without one."""
    shape = types.weights.shape[-1:] if isinstance(op, DepthwiseConv2D) else types.weights.shape[:1]
    if types.x.dtype == "float32":
        return d.constant(op.weights, TensorType(shape, "float32"), np.zeros(shape, np.float32))
    if types.x.is_unsigned or types.x.dtype != "int8":
        return ""
    scales = tuple(types.x.q.scale * scale for scale in types.weights.q.scales)
    kind = TensorType(shape, "int32", Quant(scales, (0,) * len(scales)))
    return d.constant(op.weights, kind, np.zeros(shape, np.int32))


def _slides(window: Window, padding: int) -> dict[str, Option]:
    return {"Padding": padding, "StrideH": window.stride[0], "StrideW": window.stride[1]}


def _dilates(window: Window) -> dict[str, Option]:
    return {"DilationHFactor": window.dilation[0], "DilationWFactor": window.dilation[1]}


def conv2d(d: Draft, op: Conv2D) -> None:
    x, padding = _padded(d, op, op.x, op.window)
    version = d.version(op, 1, 3)
    if version == 1 and d.graph.type(op.weights).shape[3] != d.graph.type(op.x).shape[3]:
        version = 6
    fields = _slides(op.window, padding) | _dilates(op.window)
    fields["FusedActivationFunction"] = ACTIVATIONS[op.activation]
    d.add("CONV_2D", version, (x, op.weights, _bias(d, op)), op.outputs, "Conv2DOptions", **fields)


def depthwise(d: Draft, op: DepthwiseConv2D) -> None:
    x, padding = _padded(d, op, op.x, op.window)
    version = d.version(op, 1 if op.window.dilation == (1, 1) else 2, 3)
    fields = _slides(op.window, padding) | _dilates(op.window)
    fields |= {"DepthMultiplier": op.multiplier, "FusedActivationFunction": ACTIVATIONS[op.activation]}
    bias = _bias(d, op)
    # LiteRT's reader wants a bias that is not there left out, not named as missing
    inputs = (x, op.weights, *((bias,) if bias else ()))
    d.add("DEPTHWISE_CONV_2D", version, inputs, op.outputs, "DepthwiseConv2DOptions", **fields)


def transpose_conv(d: Draft, op: TransposeConv) -> None:
    """The window lies on the output."""
    out = d.graph.type(op.outputs[0])
    padded = any(op.window.padding) or op.window.scheme is Padding.SAME
    padding = _SAME if padded and op.window.is_same(*op.size) else _VALID
    if padding == _VALID and any(op.window.padding):
        raise ModelError(f"{op.origin}: padding {list(op.window.padding)} has no .tflite form")
    fused = ACTIVATIONS[op.activation]
    version = 4 if fused else 3 if op.bias else d.version(op, 1, 2)
    inputs = (d.integers(op.outputs[0], out.shape), op.weights, op.x, *((_bias(d, op),) if op.bias else ()))
    fields = _slides(op.window, padding)
    if fused:
        fields["FusedActivationFunction"] = fused
    d.add("TRANSPOSE_CONV", version, inputs, op.outputs, "TransposeConvOptions", **fields)


def pool(kind: str) -> Write:
    def write(d: Draft, op: Pool2D) -> None:
        x, padding = _padded(d, op, op.x, op.window)
        fields = _slides(op.window, padding)
        fields |= {"FilterHeight": op.window.kernel[0], "FilterWidth": op.window.kernel[1]}
        fields["FusedActivationFunction"] = ACTIVATIONS[op.activation]
        d.add(kind, d.version(op, 1, 2), (x,), op.outputs, "Pool2DOptions", **fields)

    return write


def dense(d: Draft, op: Dense) -> None:
    fields: dict[str, Option] = {"FusedActivationFunction": ACTIVATIONS[op.activation]}
    if op.keep_dims:
        fields["KeepNumDims"] = True
    version = 5 if op.keep_dims else d.version(op, 1, 4)
    inputs = (op.x, op.weights, _bias(d, op))
    d.add("FULLY_CONNECTED", version, inputs, op.outputs, "FullyConnectedOptions", **fields)
