"""Blocks of networks that public zoos have, each as some exporter writes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.wild.nets import Net


def _stem(n: Net, outs: int = 8) -> Any:
    return n.relu(n.conv("x", 3, outs, 3, strides=[2, 2]))


def channel_shuffle() -> Any:
    """By Reshape with constants, and by shapes that are computed."""
    n = Net(41, x=(1, 3, 16, 16))
    x = _stem(n)
    y = n("Reshape", x, np.array([1, 2, 4, 8, 8]))
    x = n.conv(
        n("Reshape", n("Transpose", y, perm=[0, 2, 1, 3, 4]), np.array([1, 8, 8, 8])), 8, 8, 3, group=8
    )
    size = [n("Unsqueeze", n("Gather", n("Shape", x), np.array(i)), np.array([0])) for i in range(4)]
    shape = n("Concat", size[0], np.array([2]), np.array([4]), size[2], size[3], axis=0)
    y = n("Transpose", n("Reshape", x, shape), perm=[0, 2, 1, 3, 4])
    y = n("Reshape", y, n("Concat", size[0], np.array([-1]), size[2], size[3], axis=0))
    return n.model(n.conv(y, 8, 4, 1))


def shuffle_units() -> Any:
    """Halves by Split or Gather of indices, joined and shuffled by Reshape, Transpose, and two Gathers."""
    n = Net(42, x=(1, 3, 16, 16))
    x = _stem(n)
    left, right = n("Split", x, outs=2, axis=1)
    right = n.relu(n.conv(right, 4, 4, 3, group=4))
    x = n("Concat", left, right, axis=1)
    pairs = n("Transpose", n("Reshape", x, np.array([4, 2, 64])), perm=[1, 0, 2])
    pairs = n("Reshape", pairs, np.array([2, 1, 4, 8, 8]))
    a, b = (n("Gather", pairs, np.array(i), axis=0) for i in (0, 1))
    return n.model(n("Add", n.conv(a, 4, 6, 1), n.conv(b, 4, 6, 1)), opset=11)


def group_norm() -> Any:
    """InstanceNormalization between reshapes, then scale and shift of each channel."""
    n = Net(43, x=(1, 3, 16, 16))
    x = _stem(n)
    y = n("Reshape", x, np.array([0, 4, -1]))
    y = n("InstanceNormalization", y, np.ones(4, np.float32), np.zeros(4, np.float32), epsilon=1e-5)
    y = n("Reshape", y, n("Shape", x))
    y = n("Add", n("Mul", y, n.noise(8, 1, 1) + 1), n.noise(8, 1, 1))
    return n.model(n.conv(n.relu(y), 8, 5))


def instance_norm() -> Any:
    n = Net(44, x=(1, 3, 16, 14))
    x = n("InstanceNormalization", n.conv("x", 3, 6), n.noise(6) + 1, n.noise(6))
    return n.model(n("Tanh", n.conv(n.relu(x), 6, 3)))


def style_transfer() -> Any:
    """Reflected borders, instance normalization, residuals, upsampling by nearest."""
    n = Net(45, x=(1, 3, 16, 16))
    x = n("Pad", "x", np.array([0, 0, 4, 4, 0, 0, 4, 4]), mode="reflect")
    x = n.conv(x, 3, 8, 9, pads=[0, 0, 0, 0])
    x = n.relu(n("InstanceNormalization", x, n.noise(8) + 1, n.noise(8)))
    y = n.conv(n("Pad", x, np.array([0, 0, 1, 1, 0, 0, 1, 1]), mode="reflect"), 8, 8, 3, pads=[0, 0, 0, 0])
    x = n("Add", x, n("InstanceNormalization", y, n.noise(8) + 1, n.noise(8)))
    x = n("Resize", x, "", np.array([1, 1, 2, 2], np.float32), mode="nearest")
    return n.model(n.conv(x, 8, 3))


def squeeze_excite() -> Any:
    """By a mean of axes and dense layers, hard sigmoid of pieces; scaled by [N, C, 1, 1]."""
    n = Net(46, x=(1, 3, 16, 16))
    x = _stem(n, 16)
    y = n("ReduceMean", x, axes=[2, 3], keepdims=0)
    y = n.relu(n("Gemm", y, n.weights(4, 16), n.noise(4), transB=1))
    y = n("Gemm", y, n.weights(16, 4), n.noise(16), transB=1)
    y = n("Div", n("Clip", n("Add", y, np.float32(3)), np.float32(0), np.float32(6)), np.float32(6))
    y = n("Reshape", y, np.array([1, 16, 1, 1]))
    return n.model(n.conv(n("Mul", x, y), 16, 4, 1))


def attention_cbam() -> Any:
    """Mean and largest of the channels of each pixel, joined, a convolution, a sigmoid, and the product."""
    n = Net(47, x=(1, 3, 16, 16))
    x = _stem(n)
    gates = [
        n.conv(n.relu(n.conv(n(kind, x), 8, 2, 1)), 2, 8, 1)
        for kind in ("GlobalAveragePool", "GlobalMaxPool")
    ]
    x = n("Mul", x, n("Sigmoid", n("Add", *gates)))
    mean, most = (n(kind, x, axes=[1], keepdims=1) for kind in ("ReduceMean", "ReduceMax"))
    y = n.conv(n("Concat", mean, most, axis=1), 2, 1, 7)
    return n.model(n("Mul", x, n("Sigmoid", y)))


def tf_keras_style() -> Any:
    """tf2onnx: channels last at the borders, transposes around each convolution, asymmetric Pad for SAME."""
    n = Net(48, x=(1, 17, 19, 3))
    x = n("Transpose", "x", perm=[0, 3, 1, 2])
    x = n("Conv", x, n.weights(8, 3, 3, 3), strides=[2, 2], pads=[0, 0, 1, 1], kernel_shape=[3, 3])
    x = n("Transpose", x, perm=[0, 2, 3, 1])
    x = n.relu(n("Add", x, n.noise(8)))
    x = n("Transpose", n("Pad", x, np.array([0, 0, 0, 0, 0, 1, 1, 0])), perm=[0, 3, 1, 2])
    x = n.conv(x, 8, 8, 3, group=8, strides=[2, 2], pads=[0, 0, 0, 0])
    x = n("Transpose", x, perm=[0, 2, 3, 1])
    x = n("ReduceMean", x, axes=[1, 2], keepdims=0)
    return n.model(n("Softmax", n("Add", n("MatMul", x, n.weights(8, 5)), n.noise(5)), axis=-1))


def keras2onnx_1d() -> Any:
    """Conv1D as a 2-D convolution of one row: Unsqueeze, Conv, Squeeze; pooled over time."""
    n = Net(49, x=("N", 30, 4))
    x = n("Unsqueeze", n("Transpose", "x", perm=[0, 2, 1]), np.array([2]))
    x = n("Conv", x, n.weights(8, 4, 1, 3), kernel_shape=[1, 3], pads=[0, 1, 0, 1])
    x = n("Transpose", n("Squeeze", n.relu(x), np.array([2])), perm=[0, 2, 1])
    x = n("ReduceMax", x, axes=[1], keepdims=0)
    return n.model(n("Gemm", x, n.weights(8, 3), n.noise(3)), opset=13)


def conv_1d_dilated() -> Any:
    """A causal network: padding in front only, dilated, gated by tanh and sigmoid, skips added."""
    n = Net(50, x=(1, 6, 40))
    x, skips = n("Conv", "x", n.weights(8, 6, 1), n.noise(8)), []
    for rate in (1, 2, 4):
        padded = n("Pad", x, np.array([0, 0, 2 * rate, 0, 0, 0]))
        y = n("Conv", padded, n.weights(16, 8, 3), n.noise(16), dilations=[rate], kernel_shape=[3])
        a, b = n("Split", y, outs=2, axis=1)
        y = n("Mul", n("Tanh", a), n("Sigmoid", b))
        skips.append(n("Conv", y, n.weights(8, 8, 1), n.noise(8)))
        x = n("Add", x, skips[-1])
    return n.model(n("Sum", *skips), n("ReduceMean", x, axes=[2], keepdims=0), opset=11)


def borders() -> Any:
    """Edges repeated, the other end repeated, and averages of windows that end behind a padding that counts."""
    n = Net(60, x=(1, 3, 12, 11))
    x = n("Pad", n.conv("x", 3, 4), np.array([0, 0, 1, 1, 0, 0, 1, 1]), mode="edge")
    x = n("Pad", n.conv(x, 4, 4), np.array([0, 0, 2, 0, 0, 0, 1, 3]), mode="edge")
    x = n("Pad", x, np.array([0, 0, 0, 2, 0, 0, 0, 2]), mode="wrap")
    window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1}
    return n.model(*(n("AveragePool", x, count_include_pad=count, **window) for count in (0, 1)), opset=19)


def unet() -> Any:
    """Transposed convolutions, cropped to the skip's size by Pad with negative sizes or by Slice."""
    n = Net(51, x=(1, 3, 18, 22))
    a = n.relu(n.conv("x", 3, 8))
    b = n.relu(n.conv(n("MaxPool", a, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1), 8, 16))
    c = n.relu(n.conv(n("MaxPool", b, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1), 16, 16))
    up = n("ConvTranspose", c, n.weights(16, 16, 2, 2), n.noise(16), strides=[2, 2], kernel_shape=[2, 2])
    up = n("Pad", up, np.array([0, 0, 0, 0, 0, 0, -1, -1]))
    d = n.relu(n.conv(n("Concat", up, b, axis=1), 32, 8))
    up = n("ConvTranspose", d, n.weights(8, 8, 3, 3), n.noise(8), strides=[2, 2], pads=[1, 1, 1, 1],
           output_padding=[1, 1], kernel_shape=[3, 3])  # fmt: skip
    return n.model(n("Sigmoid", n.conv(n("Concat", up, a, axis=1), 16, 1, 1)))


def space_to_depth() -> Any:
    """By Reshape and Transpose, as reorg layers are, and by the operator."""
    n = Net(52, x=(1, 4, 16, 12))
    x = n("Reshape", n.conv("x", 4, 4), np.array([1, 4, 8, 2, 6, 2]))
    x = n("Reshape", n("Transpose", x, perm=[0, 3, 5, 1, 2, 4]), np.array([1, 16, 8, 6]))
    y = n("SpaceToDepth", n.conv(x, 16, 8, 1), blocksize=2)
    return n.model(n.conv(y, 32, 4, 1))


def pixel_shuffle() -> Any:
    n = Net(53, x=(1, 1, 12, 10))
    x = n.relu(n.conv("x", 1, 16, 5))
    x = n("Reshape", n.conv(x, 16, 9), np.array([1, 1, 3, 3, 12, 10]))
    return n.model(n("Reshape", n("Transpose", x, perm=[0, 1, 4, 2, 5, 3]), np.array([1, 1, 36, 30])))


def mixed_inputs() -> Any:
    """An image and a vector; the vector is repeated over the image."""
    n = Net(54, x=(1, 3, 8, 8), state=(1, 5))
    x = n.relu(n.conv("x", 3, 6))
    v = n(
        "Reshape", n.relu(n("Gemm", "state", n.weights(4, 5), n.noise(4), transB=1)), np.array([1, 4, 1, 1])
    )
    v = n("Expand", v, np.array([1, 4, 8, 8]))
    x = n("Flatten", n("GlobalAveragePool", n.relu(n.conv(n("Concat", x, v, axis=1), 10, 8))))
    return n.model(n("Gemm", n("Concat", x, "state", axis=1), n.weights(13, 3), n.noise(3)))


def separate_tile() -> Any:
    """Tile and Expand of maps, GlobalAveragePool subtracted, products of matrices with einsum's meaning."""
    n = Net(55, x=(1, 4, 6, 8))
    x = n.conv("x", 4, 4)
    pooled = n("Tile", n("GlobalAveragePool", x), np.array([1, 1, 6, 8]))
    x = n("Sub", x, pooled)
    flat = n("Reshape", x, np.array([1, 4, 48]))
    gram = n("MatMul", flat, n("Transpose", flat, perm=[0, 2, 1]))
    return n.model(n("Mul", gram, np.float32(1 / 48)))


def einsum_forms() -> Any:
    """Einsum as a product of matrices and as a weighted sum."""
    n = Net(56, x=(1, 4, 6, 8))
    x = n.conv("x", 4, 4)
    y = n("Einsum", x, n.noise(5, 4), equation="nchw,oc->nohw")
    z = n(
        "Einsum",
        n("Reshape", y, np.array([1, 5, 48])),
        n("Reshape", x, np.array([1, 4, 48])),
        equation="nit,njt->nij",
    )
    return n.model(z)


def maxout() -> Any:
    """Halves of the channels compared, as light face networks do."""
    n = Net(57, x=(1, 1, 16, 16))
    x = n.conv("x", 1, 16, 5)
    a, b = n("Split", x, np.array([8, 8]), outs=2, axis=1)
    x = n("MaxPool", n("Max", a, b), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    low = n("Slice", n.conv(x, 8, 12), np.array([0]), np.array([6]), np.array([1]))
    high = n("Slice", n.conv(x, 8, 12), np.array([6]), np.array([12]), np.array([1]))
    x = n("Flatten", n("Max", low, high))
    return n.model(n("Gemm", x, n.weights(4, 6 * 64), n.noise(4), transB=1))


def policy() -> Any:
    """An observation normalized, ELU layers, actions clipped."""
    n = Net(58, obs=(1, 24))
    x = n("Div", n("Sub", "obs", n.noise(24)), np.abs(n.noise(24)) + np.float32(0.5))
    x = n("Clip", x, np.float32(-5), np.float32(5))
    for ins, outs in ((24, 32), (32, 16)):
        x = n("Elu", n("Gemm", x, n.weights(outs, ins), n.noise(outs, scale=0.1), transB=1), alpha=1.0)
    return n.model(n("Tanh", n("Gemm", x, n.weights(6, 16), n.noise(6), transB=1)))


def mlp_mixer() -> Any:
    """LayerNormalization in pieces, products over tokens and over channels, GELU in pieces."""
    n = Net(59, x=(1, 3, 16, 16))
    x = n.conv("x", 3, 16, 4, strides=[4, 4], pads=[0, 0, 0, 0])
    x = n("Transpose", n("Reshape", x, np.array([1, 16, 16])), perm=[0, 2, 1])

    def norm(x: Any) -> Any:
        centred = n("Sub", x, n("ReduceMean", x, axes=[-1]))
        power = n("ReduceMean", n("Pow", centred, np.float32(2)), axes=[-1])
        y = n("Div", centred, n("Sqrt", n("Add", power, np.float32(1e-5))))
        return n("Add", n("Mul", y, n.noise(16) + 1), n.noise(16))

    def mlp(x: Any, width: int) -> Any:
        x = n("Add", n("MatMul", x, n.weights(width, 24)), n.noise(24))
        half = n("Add", n("Erf", n("Div", x, np.float32(2**0.5))), np.float32(1))
        return n(
            "Add",
            n("MatMul", n("Mul", n("Mul", x, half), np.float32(0.5)), n.weights(24, width)),
            n.noise(width),
        )

    y = n("Transpose", mlp(n("Transpose", norm(x), perm=[0, 2, 1]), 16), perm=[0, 2, 1])
    x = n("Add", x, y)
    x = n("Add", x, mlp(norm(x), 16))
    return n.model(n("ReduceMean", x, axes=[1], keepdims=0))


NETWORKS = (
    channel_shuffle, shuffle_units, group_norm, instance_norm, style_transfer, squeeze_excite, attention_cbam,
    borders,
    tf_keras_style, keras2onnx_1d, conv_1d_dilated, unet, space_to_depth, pixel_shuffle, mixed_inputs,
    separate_tile, einsum_forms, maxout, policy, mlp_mixer,
)  # fmt: skip
