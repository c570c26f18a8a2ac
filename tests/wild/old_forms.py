"""Networks as exporters wrote them at opsets 7 to 12: what are inputs today were attributes."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.wild.nets import Net


def squeezenet_7() -> Any:
    """Constants among the inputs, Dropout with a mask, Softmax of a 4-D tensor from axis 1 on."""
    n = Net(1, x=(1, 3, 32, 32))
    x = n.relu(n.conv("x", 3, 16, 3, strides=[2, 2]))
    x = n("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    squeezed = n.relu(n.conv(x, 16, 8, 1))
    left, right = (n.relu(n.conv(squeezed, 8, 16, k)) for k in (1, 3))
    x = n("Concat", left, right, axis=1)
    x, _ = n("Dropout", x, outs=2, ratio=0.5)
    x = n("GlobalAveragePool", n.relu(n.conv(x, 32, 10, 1)))
    return n.model(n("Softmax", x), opset=7, ir=3)


def alexnet_7() -> Any:
    """LRN, grouped convolutions, Reshape to a row, Gemm with a broadcast bias."""
    n = Net(2, x=(1, 3, 24, 24))
    x = n("LRN", n.relu(n.conv("x", 3, 16, 5)), size=5, alpha=0.0001, beta=0.75, bias=1.0)
    x = n("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = n.relu(n.conv(x, 16, 24, 3, group=2))
    x = n("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1])
    x = n("Reshape", x, np.array([1, -1]))
    x = n.relu(n("Gemm", x, n.weights(20, 24 * 36), n.noise(20), transB=1, alpha=1.0, beta=1.0))
    x, _ = n("Dropout", x, outs=2)
    return n.model(n("Softmax", n("Gemm", x, n.weights(20, 7), n.noise(1, 7)), axis=1), opset=7, ir=3)


def inception_7() -> Any:
    """BatchNormalization with `spatial`, averages with padding that counts, branches of four."""
    n = Net(3, x=(1, 3, 20, 20))
    x = n.relu(n.norm(n.conv("x", 3, 8, 3, strides=[2, 2]), 8, spatial=1, momentum=0.9))
    a = n.relu(n.conv(x, 8, 4, 1))
    b = n.relu(n.conv(n.relu(n.conv(x, 8, 6, 1)), 6, 8, 3))
    c = n("AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1], count_include_pad=1)
    d = n("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    x = n("Concat", a, b, n.conv(c, 8, 4, 1), d, axis=1)
    x = n("Flatten", n("GlobalAveragePool", x))
    return n.model(n("Softmax", n("Gemm", x, n.weights(5, 24), n.noise(5), transB=1)), opset=7, ir=3)


def caffe_scale_7() -> Any:
    """Mul and Add by [C, 1, 1], PRelu of [C, 1, 1], global pooling as a window of the whole image."""
    n = Net(4, x=(1, 3, 12, 14))
    x = n.conv("x", 3, 8)
    x = n("Add", n("Mul", x, n.noise(8, 1, 1)), n.noise(8, 1, 1))
    x = n("PRelu", x, np.abs(n.noise(8, 1, 1, scale=0.2)))
    x = n("AveragePool", x, kernel_shape=[12, 14])
    x = n("Reshape", x, np.array([0, -1]))
    return n.model(n("MatMul", x, n.weights(8, 4)), opset=7, ir=3)


def yolo_upsample_9() -> Any:
    """Upsample with a constant of scales, two heads."""
    n = Net(5, x=(1, 3, 32, 32))
    x = n.relu(n.conv("x", 3, 8, 3, strides=[2, 2]))
    deep = n("LeakyRelu", n.conv(n("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), 8, 16), alpha=0.1)
    up = n("Upsample", n.conv(deep, 16, 8, 1), np.array([1, 1, 2, 2], np.float32), mode="nearest")
    wide = n("Concat", up, x, axis=1)
    return n.model(n.conv(deep, 16, 18, 1), n.conv(wide, 16, 18, 1), opset=9, ir=4)


def upsample_7() -> Any:
    n = Net(6, x=(1, 3, 9, 7))
    x = n("Upsample", n.conv("x", 3, 4), scales=[1.0, 1.0, 2.0, 2.0], mode="nearest")
    y = n("Upsample", n.conv(x, 4, 4), scales=[1.0, 1.0, 2.0, 2.0], mode="linear")
    return n.model(y, opset=7, ir=3)


def clip_pad_slice_9() -> Any:
    """Clip, Pad and Slice with attributes; channel split by Slice."""
    n = Net(7, x=(1, 3, 11, 13))
    x = n("Clip", n.conv("x", 3, 8), min=0.0, max=6.0)
    x = n("Pad", x, pads=[0, 0, 1, 0, 0, 0, 0, 1], mode="constant", value=0.0)
    left = n("Slice", x, axes=[1], starts=[0], ends=[4])
    right = n("Slice", x, axes=[1, 3], starts=[4, 1], ends=[2**31 - 1, -1])
    left = n("Slice", left, axes=[3], starts=[1], ends=[-1])
    mixed = n("Pad", n("Add", left, right), pads=[0, 0, 2, 1, 0, 0, 2, 1], mode="reflect")
    return n.model(n("Clip", n.conv(mixed, 4, 6, 3), min=-1.0), opset=9, ir=4)


def dynamic_flatten_9() -> Any:
    """x.view(x.size(0), -1) as PyTorch 1.0 wrote it, with an open batch."""
    n = Net(8, x=("batch", 3, 8, 8))
    x = n("MaxPool", n.relu(n.conv("x", 3, 4)), kernel_shape=[2, 2], strides=[2, 2])
    size = n("Gather", n("Shape", x), np.array(0), axis=0)
    shape = n("Concat", n("Unsqueeze", size, axes=[0]), np.array([-1]), axis=0)
    x = n("Reshape", x, shape)
    return n.model(
        n("LogSoftmax", n("Gemm", x, n.weights(6, 64), n.noise(6), transB=1), axis=1), opset=9, ir=4
    )


def interpolate_10() -> Any:
    """F.interpolate of opset 10: Resize of scales that are computed from shapes."""
    n = Net(9, x=(1, 3, 8, 10))
    x = n.relu(n.conv("x", 3, 6, 3, strides=[2, 2]))
    want, have = (
        n("Cast", n("Slice", n("Shape", t), np.array([2]), np.array([4]), np.array([0])), to=1)
        for t in ("x", x)
    )
    scales = n("Concat", np.array([1, 1], np.float32), n("Div", want, have), axis=0)
    x = n("Resize", x, scales, mode="nearest")
    y = n("Resize", n.conv(x, 6, 4), np.array([1, 1, 2, 2], np.float32), mode="linear")
    return n.model(y, opset=10, ir=5)


def split_squeeze_11() -> Any:
    """Split, Squeeze, Unsqueeze and ReduceSum with attributes; negative axes."""
    n = Net(10, x=(1, 4, 8, 6))
    a, b = n("Split", n.conv("x", 4, 8), outs=2, axis=1, split=[3, 5])
    pooled = n("ReduceSum", b, axes=[-1], keepdims=1)
    pooled = n("Unsqueeze", n("Squeeze", pooled, axes=[3]), axes=[-1])
    x = n("Concat", a, n("Mul", b, n("Sigmoid", pooled)), axis=1)
    return n.model(n("ReduceMean", x, axes=[2, 3], keepdims=0), opset=11, ir=6)


def softmax_coerced_11() -> Any:
    """Softmax below 13 normalizes over all dimensions from its axis on."""
    n = Net(11, x=(1, 4, 5, 6))
    x = n.conv("x", 4, 6)
    return n.model(
        n("Softmax", x, axis=2), n("LogSoftmax", x, axis=1), n("Softmax", x, axis=3), opset=11, ir=6
    )


def hourglass_11() -> Any:
    """Resize-11 in the forms of PyTorch: pytorch_half_pixel, align_corners, asymmetric floor; empty roi."""
    n = Net(12, x=(1, 3, 12, 10))
    x = n.relu(n.conv("x", 3, 4, 3, strides=[2, 2]))
    none = np.zeros(0, np.float32)
    twice = np.array([1, 1, 2, 2], np.float32)
    a = n(
        "Resize",
        x,
        none,
        twice,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    b = n("Resize", x, none, twice, mode="linear", coordinate_transformation_mode="pytorch_half_pixel")
    size = np.array([1, 4, 12, 10])
    c = n("Resize", x, none, none, size, mode="linear", coordinate_transformation_mode="align_corners")
    return n.model(n.conv(n("Concat", a, b, c, axis=1), 12, 4), opset=11, ir=6)


def deconv_11() -> Any:
    """ConvTranspose with output_padding, groups, and output_shape."""
    n = Net(13, x=(1, 6, 7, 5))
    x = n("ConvTranspose", "x", n.weights(6, 4, 3, 3), n.noise(4), kernel_shape=[3, 3], strides=[2, 2],
          pads=[1, 1, 1, 1], output_padding=[1, 1])  # fmt: skip
    x = n("ConvTranspose", n.relu(x), n.weights(4, 2, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1], group=2)
    return n.model(n("Sigmoid", x), opset=11, ir=6)


NETWORKS = (
    squeezenet_7, alexnet_7, inception_7, caffe_scale_7, yolo_upsample_9, upsample_7, clip_pad_slice_9,
    dynamic_flatten_9, interpolate_10, split_squeeze_11, softmax_coerced_11, hourglass_11, deconv_11,
)  # fmt: skip
