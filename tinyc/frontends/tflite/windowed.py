"""Readers of the .tflite operators with windows and weights: convolutions, dense layers, pooling, resizing.

One function per operator: guards first, then the op. What int8 arithmetic cannot do is refused by the op itself.
"""

from __future__ import annotations

from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator
from tinyc.ir import Activation, Op, TensorType
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window, same_padding

#: Largest stride, dilation or window; the interpreters hold them in 16 bits.
_MAX_STEP = 2**15 - 1


def conv_2d(n: Node) -> Op:
    n.counts((2, 3))
    options = n.has_options()
    w = _weights(n)
    activation = n.activation(3)
    window = _window(n, n.x(), w.shape[1:3], strides=(2, 1), dilations=(5, 4))
    n.need(options.integer(6, "b") in (0, 2), "quantized bias type is not int32")
    return Conv2D(_with_bias(n), n.output_names, n.origin, window, activation)


def depthwise_conv_2d(n: Node) -> Op:
    n.counts((2, 3))
    n.has_options()
    x, w = n.x(), _weights(n)
    n.need(len(x.shape) == 4, f"input has shape {list(x.shape)}; [1, H, W, C] is needed")
    multiplier = n.number(3)
    n.need(
        w.shape[3] == x.shape[3] * multiplier,
        f"{w.shape[3]} filters for {x.shape[3]} channels with multiplier {multiplier}",
    )
    activation = n.activation(4)
    window = _window(n, x, w.shape[1:3], strides=(2, 1), dilations=(6, 5))
    return DepthwiseConv2D(_with_bias(n), n.output_names, n.origin, window, multiplier, activation)


def transpose_conv(n: Node) -> Op:
    """Inputs are the output's shape, the weights, the image, and a bias where there is one."""
    n.counts((3, 4))
    options = n.has_options()
    x, w = n.x(2), _weights(n)
    shape = n.integers(0)
    n.need(len(x.shape) == 4, f"input has shape {list(x.shape)}; [1, H, W, C] is needed")
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
    bias = n.inputs[3] if len(n.inputs) == 4 else None
    names = n.tensor(2).name, n.tensor(1).name, bias.name if bias else ""
    return TransposeConv(names, n.output_names, n.origin, window, size, activation)


def resize_bilinear(n: Node) -> Op:
    n.counts((2,))
    x = n.x()
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
    n.need(options.integer(1, "b") == 0, "shuffled weights are not supported")
    op = FullyConnectedComputed if n.tensor(1).data is None else FullyConnected
    return op(_with_bias(n), n.output_names, n.origin, n.activation(0), n.flag(2))


def batch_matmul(n: Node) -> Op:
    n.counts((2,))
    return BatchMatMul(n.input_names, n.output_names, n.origin, n.flag(0), n.flag(1))


def average_pool_2d(n: Node) -> Op:
    window, activation = _pool(n)
    return AveragePool2D(n.input_names, n.output_names, n.origin, window, activation)


def max_pool_2d(n: Node) -> Op:
    window, activation = _pool(n)
    return MaxPool2D(n.input_names, n.output_names, n.origin, window, activation)


def _weights(n: Node) -> TensorType:
    """Type of the weights of a convolution."""
    w = n.x(1)
    n.need(len(w.shape) == 4, f"weights have shape {list(w.shape)}; four dimensions are needed")
    return w


def _with_bias(n: Node) -> tuple[str, ...]:
    """Input names, "" for a bias left out."""
    return n.input_names if len(n.inputs) == 3 else (*n.input_names, "")


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
    n.counts((1,))
    n.has_options()
    kernel = n.number(4), n.number(3)
    return _window(n, n.x(), kernel, strides=(2, 1), dilations=None), n.activation(5)


_WINDOW = "any stride and dilation, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"
_POOL = "any window and stride, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1"

#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator("AVERAGE_POOL_2D", average_pool_2d, options=("Pool2DOptions",), newest=3, supported=_POOL),
    Operator(
        "BATCH_MATMUL",
        batch_matmul,
        options=("BatchMatMulOptions",),
        newest=3,
        supported="2 to 5 dimensions, adj_x, adj_y, broadcasting; any of both constant",
    ),
    Operator(
        "CONV_2D",
        conv_2d,
        options=("Conv2DOptions",),
        newest=8,
        supported=f"weights per channel or per tensor, constant, int8 or int4; {_WINDOW}",
    ),
    Operator(
        "DEPTHWISE_CONV_2D",
        depthwise_conv_2d,
        options=("DepthwiseConv2DOptions",),
        newest=6,
        supported=f"any multiplier, weights per channel or per tensor, constant, int8 or int4; {_WINDOW}",
    ),
    Operator(
        "FULLY_CONNECTED",
        fully_connected,
        options=("FullyConnectedOptions",),
        newest=14,
        supported="weights per channel or per tensor, int8, int4 or int2, or computed int8; with or without a constant "
        "bias; fused activations",
    ),
    Operator("MAX_POOL_2D", max_pool_2d, options=("Pool2DOptions",), newest=3, supported=_POOL),
    Operator(
        "RESIZE_BILINEAR",
        resize_bilinear,
        options=("ResizeBilinearOptions",),
        newest=4,
        supported="any size, align_corners or half_pixel_centers",
    ),
    Operator(
        "TRANSPOSE_CONV",
        transpose_conv,
        options=("TransposeConvOptions",),
        newest=5,
        supported="weights per channel or per tensor, constant; with or without bias; a constant output shape; "
        "any stride, SAME or VALID, fused RELU, RELU6 or RELU_N1_TO_1",
    ),
)
