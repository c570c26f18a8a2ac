"""Readers of the .tflite operators with windows and weights: convolutions, dense layers, pooling, resizing.

One function per operator: guards first, then the op. What LiteRT and TFLM refuse, and what overflows in their
arithmetic, is refused here.
"""

from __future__ import annotations

import numpy as np

from tinyc.frontends.tflite.node import Node
from tinyc.ir import Activation, Op, Tensor, TensorType
from tinyc.numerics.dense import rounds_once
from tinyc.numerics.requant import real_scales
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window, same_padding

#: Largest stride, dilation or window; the interpreters hold them in 16 bits.
_MAX_STEP = 2**15 - 1


def conv_2d(n: Node) -> Op:
    n.counts((2, 3))
    options = n.has_options()
    x, out = n.int8_activation(), n.int8_output()
    w = _weights(n, axis=0)
    _bias(n, channels=w.shape[0])
    n.litert_needs(len(n.inputs) == 3 and n.inputs[2] is not None, "no bias; LiteRT needs one")
    activation = n.activation(3)
    window = _window(n, x, w.shape[1:3], strides=(2, 1), dilations=(5, 4))
    op = Conv2D(_with_bias(n), n.output_names, n.origin, window, activation)
    n.need(options.integer(6, "b") in (0, 2), "quantized bias type is not int32")
    _accumulator_scales(n, x, w, out)
    return op


def depthwise_conv_2d(n: Node) -> Op:
    n.counts((2, 3))
    n.has_options()
    x, out = n.int8_activation(), n.int8_output()
    w = _weights(n, axis=3)
    _bias(n, channels=w.shape[3])
    n.need(len(x.shape) == 4, f"input has shape {list(x.shape)}; [1, H, W, C] is needed")
    multiplier = n.number(3)
    n.need(
        w.shape[3] == x.shape[3] * multiplier,
        f"{w.shape[3]} filters for {x.shape[3]} channels with multiplier {multiplier}",
    )
    activation = n.activation(4)
    window = _window(n, x, w.shape[1:3], strides=(2, 1), dilations=(6, 5))
    _accumulator_scales(n, x, w, out)
    return DepthwiseConv2D(_with_bias(n), n.output_names, n.origin, window, multiplier, activation)


def transpose_conv(n: Node) -> Op:
    """Inputs are the output's shape, the weights, the image, and a bias where there is one."""
    n.counts((3, 4))
    options = n.has_options()
    x, out = n.int8_activation(2), n.int8_output()
    w = _weights(n, axis=0)
    bias = _bias_at(n, 3, channels=w.shape[0])
    shape = n.integers(0)
    n.need(
        len(shape) == 4 and shape[0] == x.shape[0] and shape[3] == w.shape[0],
        f"output shape is {list(shape)}; [{x.shape[0]}, H, W, {w.shape[0]}] is needed",
    )
    size = shape[1], shape[2]
    n.need(
        all(0 < s <= _MAX_STEP for s in size), f"output size {list(size)}: each must be in [1, {_MAX_STEP}]"
    )
    activation = n.activation(3)
    window = _window(n, TensorType(shape, "int8"), w.shape[1:3], strides=(2, 1), dilations=None)
    positions = window.output_size(*size)
    n.need(
        min(positions) > 0, f"a window of {list(window.kernel)} does not fit into an output of {list(size)}"
    )
    n.litert_needs(positions == x.shape[1:3], f"output {list(size)} of input {list(x.shape[1:3])}")
    n.need(options.integer(4, "b") in (0, 2), "quantized bias type is not int32")
    _accumulator_scales(n, x, w, out)
    names = n.tensor(2).name, n.tensor(1).name, bias.name if bias else ""
    return TransposeConv(names, n.output_names, n.origin, window, size, activation)


def resize_bilinear(n: Node) -> Op:
    n.counts((2,))
    x = n.int8_activation()
    n.int8_output()
    size = n.integers(1)
    n.need(len(size) == 2, f"output size is {list(size)}; rows and columns are needed")
    n.need(
        all(0 < s <= _MAX_STEP for s in (*size, *x.shape)),
        f"{list(x.shape)} resized to {list(size)}: each must be in [1, {_MAX_STEP}]",
    )
    align_corners, half_pixel = n.flag(2), n.flag(3)
    n.need(not (align_corners and half_pixel), "align_corners and half_pixel_centers exclude each other")
    return ResizeBilinear(
        n.input_names[:1], n.output_names, n.origin, (size[0], size[1]), align_corners, half_pixel
    )


def fully_connected(n: Node) -> Op:
    n.counts((2, 3))
    options = n.has_options()
    x, out = n.int8_activation(), n.int8_output()
    n.need(options.integer(1, "b") == 0, "shuffled weights are not supported")
    tensor = n.tensor(1)
    w = tensor.type
    n.need(w.dtype == "int8", f"weights are {w.dtype}; only int8 is supported")
    n.need(tensor.data is not None, "weights are computed; only constant ones are supported")
    n.need(len(w.shape) == 2, f"weights have shape {list(w.shape)}; [O, I] is needed")
    n.need(w.quant is not None, "weights have no scale and zero point")
    if w.q.per_channel:
        n.need(
            len(w.q.scales) == w.shape[0],
            f"{len(w.q.scales)} scales for {w.shape[0]} rows of weights",
        )
        n.need(not any(w.q.zero_points), "weights with a scale per row need zero points of 0")
    bias = n.inputs[2] if len(n.inputs) == 3 else None
    n.need(bias is None or bias.data is not None, "bias must be a constant")
    if bias is not None and not w.q.per_channel:
        bias_scale = bias.type.q.scale if bias.type.quant else 0.0
        apart = abs(x.q.scale * w.q.scale - bias_scale) / out.q.scale
        n.need(
            apart <= 0.02,
            f"bias scale {bias_scale:g} is not the product of the input's and the weights', "
            f"{x.q.scale * w.q.scale:g}",
        )
    activation = n.activation(0)
    op = FullyConnected(_with_bias(n), n.output_names, n.origin, activation, n.flag(2))
    scales = real_scales(x, w, out)
    for scale in scales:
        n.scale_fits(scale)
    if rounds_once(n.reference) and max(scales) >= 0.5:
        worst = np.abs(np.asarray(tensor.data, np.float64) - w.q.zero_point).sum(axis=1) * 255
        if bias is not None:
            n.need(bias.type.elements == w.shape[0], f"{bias.type.elements} biases for {w.shape[0]} outputs")
            worst += np.abs(np.asarray(bias.data, np.float64)).reshape(-1)
        worst = np.minimum(worst, 2.0**31)
        n.need(
            bool((worst * np.array(scales) < 2.0**31 - 256).all()),
            f"effective scale {max(scales):g} can exceed 32 bits",
        )
    return op


def average_pool_2d(n: Node) -> Op:
    window, activation = _pool(n)
    return AveragePool2D(n.input_names, n.output_names, n.origin, window, activation)


def max_pool_2d(n: Node) -> Op:
    window, activation = _pool(n)
    return MaxPool2D(n.input_names, n.output_names, n.origin, window, activation)


def _weights(n: Node, axis: int) -> TensorType:
    """Type of the constant weights of a convolution whose output channels are dimension `axis`."""
    tensor = n.tensor(1)
    w = tensor.type
    n.need(w.dtype == "int8", f"weights are {w.dtype}; only int8 is supported")
    n.need(tensor.data is not None, "weights are computed; only constant ones are supported")
    n.need(len(w.shape) == 4, f"weights have shape {list(w.shape)}; four dimensions are needed")
    n.need(w.quant is not None, "weights have no scale and zero point")
    n.need(not any(w.q.zero_points), "weights' zero point must be 0")
    if w.q.per_channel:
        # whatever dimension the file says: the interpreters take the scales for the output channels
        n.need(
            len(w.q.scales) == w.shape[axis],
            f"{len(w.q.scales)} scales for {w.shape[axis]} output channels",
        )
    return w


def _bias(n: Node, channels: int) -> None:
    bias = _bias_at(n, 2, channels)
    zero = bias is None or bias.type.quant is None or bias.type.q.zero_point == 0
    n.litert_needs(zero, "bias zero point is not 0")


def _bias_at(n: Node, index: int, channels: int) -> Tensor | None:
    """The constant bias at input `index`, None where it is left out."""
    bias = n.inputs[index] if len(n.inputs) > index else None
    if bias is not None:
        n.need(bias.data is not None, "bias must be a constant")
        n.need(bias.type.dtype == "int32", f"bias is {bias.type.dtype}; only int32 is supported")
        n.need(bias.type.elements == channels, f"{bias.type.elements} biases for {channels} output channels")
    return bias


def _with_bias(n: Node) -> tuple[str, ...]:
    """Input names, "" for a bias left out."""
    return n.input_names if len(n.inputs) == 3 else (*n.input_names, "")


def _accumulator_scales(n: Node, x: TensorType, w: TensorType, out: TensorType) -> None:
    for scale in w.q.scales:
        n.scale_fits(x.q.scale * scale / out.q.scale)


def _window(
    n: Node,
    x: TensorType,
    kernel: tuple[int, ...],
    strides: tuple[int, int],
    dilations: tuple[int, int] | None,
) -> Window:
    """strides, dilations: numbers of the options' fields, rows first. Padding is the options' first field."""
    n.need(len(x.shape) == 4, f"input has shape {list(x.shape)}; [1, H, W, C] is needed")
    stride = n.number(strides[0]), n.number(strides[1])
    dilation = (n.number(dilations[0], 1), n.number(dilations[1], 1)) if dilations else (1, 1)
    steps = (*stride, *dilation, *kernel)
    n.need(
        all(0 < s <= _MAX_STEP for s in steps),
        f"stride {list(stride)}, dilation {list(dilation)}, kernel {list(kernel)}: "
        f"each must be in [1, {_MAX_STEP}]",
    )
    padding = n.options.integer(0, "b") if n.options else 0
    n.need(padding in (0, 1), f"padding is {padding}; SAME and VALID are supported")
    assert len(kernel) == 2
    if padding == 1:
        return Window((kernel[0], kernel[1]), stride, dilation, scheme=Padding.VALID)
    top, bottom = same_padding(x.shape[1], kernel[0], stride[0], dilation[0])
    left, right = same_padding(x.shape[2], kernel[1], stride[1], dilation[1])
    return Window((kernel[0], kernel[1]), stride, dilation, (top, left, bottom, right), Padding.SAME)


def _pool(n: Node) -> tuple[Window, Activation]:
    x, out = n.int8_pair()
    n.has_options()
    same = abs(x.q.scale - out.q.scale) <= 1e-6 and x.q.zero_point == out.q.zero_point
    n.tflm_needs(same, f"output quantization {out.quant} differs from the input's {x.quant}")
    kernel = n.number(4), n.number(3)
    return _window(n, x, kernel, strides=(2, 1), dilations=None), n.activation(5)
