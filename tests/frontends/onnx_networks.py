"""Networks as PyTorch's exporters write them, with random weights: one of each kind that people bring."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import helper

from tests.frontends.onnx_models import model


class Network:
    """An ONNX graph in the making: each method adds a layer behind a value, and returns its output's name."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.shapes: dict[str, tuple[int, ...]] = {"x": tuple(shape)}
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}
        self._rng = np.random.default_rng(0)

    def op(self, kind: str, inputs: Sequence[Any], shape: Sequence[int], **attributes: Any) -> str:
        """Add an operator; inputs that are arrays become constants."""
        out = f"{kind.lower()}_{len(self.nodes)}"
        names = []
        for i, one in enumerate(inputs):
            if not isinstance(one, str):
                self.constants[f"{out}_{i}"] = one
            names.append(one if isinstance(one, str) else f"{out}_{i}")
        self.nodes.append(helper.make_node(kind, names, [out], **attributes))
        self.shapes[out] = tuple(shape)
        return out

    def weights(self, *shape: int, fan: int) -> Any:
        return (self._rng.normal(size=shape) * (2 / fan) ** 0.5).astype(np.float32)

    def conv(
        self, x: str, outs: int, kernel: int = 3, stride: int = 1, *, group: int = 1, norm: bool = True
    ) -> str:
        """Convolution and batch normalization, of an image or a sequence."""
        batch, channels, *size = self.shapes[x]
        axes = len(size)
        window = (kernel,) * axes
        fan = channels // group * kernel**axes
        out = (batch, outs, *(-(-s // stride) for s in size))
        pads = [(kernel - 1) // 2] * axes + [(kernel - 1) // 2] * axes
        weights = self.weights(outs, channels // group, *window, fan=fan)
        y = self.op("Conv", [x, weights], out, pads=pads, strides=[stride] * axes, group=group)
        return self.norm(y) if norm else y

    def norm(self, x: str) -> str:
        n, shape = self.shapes[x][1], self.shapes[x]
        draw = self._rng
        parts = (
            draw.uniform(0.5, 1.5, n),
            draw.normal(0, 0.2, n),
            draw.normal(0, 0.2, n),
            draw.uniform(0.5, 1.5, n),
        )
        return self.op("BatchNormalization", [x, *(p.astype(np.float32) for p in parts)], shape)

    def same(self, kind: str, *inputs: Any, **attributes: Any) -> str:
        return self.op(kind, inputs, self.shapes[inputs[0]], **attributes)

    def relu(self, x: str) -> str:
        return self.same("Relu", x)

    def relu6(self, x: str) -> str:
        return self.same("Clip", x, np.float32(0), np.float32(6))

    def pool(self, x: str, kind: str = "MaxPool", kernel: int = 2, stride: int = 2) -> str:
        batch, channels, *size = self.shapes[x]
        axes, pad = len(size), (kernel - 1) // 2
        out = (batch, channels, *((s + 2 * pad - kernel) // stride + 1 for s in size))
        window = {"kernel_shape": [kernel] * axes, "strides": [stride] * axes, "pads": [pad] * (2 * axes)}
        return self.op(kind, [x], out, **window)

    def cat(self, *parts: str) -> str:
        first = self.shapes[parts[0]]
        channels = sum(self.shapes[p][1] for p in parts)
        return self.op("Concat", list(parts), (first[0], channels, *first[2:]), axis=1)

    def classes(self, x: str, outs: int) -> str:
        """The end of a classifier."""
        batch, channels, *size = self.shapes[x]
        y = self.op("GlobalAveragePool", [x], (batch, channels, *(1 for _ in size)))
        return self.dense(self.op("Flatten", [y], (batch, channels)), outs)

    def dense(self, x: str, outs: int) -> str:
        batch, depth = self.shapes[x]
        bias = self.weights(outs, fan=8)
        return self.op("Gemm", [x, self.weights(outs, depth, fan=depth), bias], (batch, outs), transB=1)

    def made(self, *outputs: str) -> Any:
        return model(self.nodes, {"x": self.shapes["x"]}, outputs, self.constants)


def inverted(n: Network, x: str, outs: int, stride: int, widen: int, act: Callable[[str], str]) -> str:
    """The block of MobileNetV2 and EfficientNet-lite."""
    channels = n.shapes[x][1]
    y = act(n.conv(x, channels * widen, 1)) if widen > 1 else x
    y = act(n.conv(y, channels * widen, 3, stride, group=channels * widen))
    y = n.conv(y, outs, 1)
    return n.same("Add", x, y) if stride == 1 and outs == channels else y


def mobilenet_v2() -> Any:
    """0.35, at 96x96."""
    n = Network((1, 3, 96, 96))
    x = n.relu6(n.conv("x", 16, 3, 2))
    plan = [
        (8, 1, 1, 1),
        (8, 2, 2, 6),
        (16, 3, 2, 6),
        (24, 4, 2, 6),
        (32, 3, 1, 6),
        (56, 3, 2, 6),
        (112, 1, 1, 6),
    ]
    for outs, count, stride, widen in plan:
        for i in range(count):
            x = inverted(n, x, outs, stride if i == 0 else 1, widen, n.relu6)
    return n.made(n.classes(n.relu6(n.conv(x, 320, 1)), 10))


def resnet8() -> Any:
    n = Network((1, 3, 32, 32))
    x = n.relu(n.conv("x", 16))
    for outs, stride in ((16, 1), (32, 2), (64, 2)):
        y = n.conv(n.relu(n.conv(x, outs, 3, stride)), outs)
        x = n.relu(n.same("Add", y, x if stride == 1 else n.conv(x, outs, 1, stride, norm=False)))
    return n.made(n.same("Softmax", n.classes(x, 10)))


def ds_cnn() -> Any:
    n = Network((1, 1, 49, 10))
    x = n.relu(n.conv("x", 32, 3, 2))
    for _ in range(4):
        x = n.relu(n.conv(n.relu(n.conv(x, 32, 3, group=32)), 32, 1))
    return n.made(n.classes(x, 12))


def autoencoder() -> Any:
    n = Network((1, 128))
    x = "x"
    for outs in (64, 64, 8, 64, 64):
        x = n.relu(n.norm(n.dense(x, outs)))
    return n.made(n.dense(x, 128))


def unet() -> Any:
    """Two levels, transposed convolutions up."""
    n = Network((1, 1, 32, 32))
    skips, x = [], "x"
    for outs in (8, 16):
        x = n.relu(n.conv(n.relu(n.conv(x, outs)), outs))
        skips.append(x)
        x = n.pool(x)
    x = n.relu(n.conv(x, 32))
    for outs, skip in ((16, skips[1]), (8, skips[0])):
        batch, channels, h, w = n.shapes[x]
        weights, bias = n.weights(channels, outs, 2, 2, fan=channels), n.weights(outs, fan=50)
        x = n.op("ConvTranspose", [x, weights, bias], (batch, outs, 2 * h, 2 * w), strides=[2, 2])
        x = n.relu(n.conv(n.cat(x, skip), outs))
    return n.made(n.same("Sigmoid", n.conv(x, 1, 1, norm=False)))


def conv_1d() -> Any:
    """Of a sequence, its end flattened."""
    n = Network((1, 4, 64))
    x = n.pool(n.relu(n.conv("x", 16, 5)))
    x = n.pool(n.relu(n.conv(n.relu(n.conv(x, 16, 3, group=16)), 24, 1)))
    batch, channels, length = n.shapes[x]
    return n.made(n.dense(n.op("Flatten", [x], (batch, channels * length)), 6))


def squeezenet() -> Any:
    n = Network((1, 3, 48, 48))
    x = n.pool(n.relu(n.conv("x", 24, 3, 2, norm=False)), kernel=3)
    for squeeze, expand in ((8, 24), (8, 24), (12, 32)):
        s = n.relu(n.conv(x, squeeze, 1, norm=False))
        x = n.cat(n.relu(n.conv(s, expand, 1, norm=False)), n.relu(n.conv(s, expand, 3, norm=False)))
    y = n.relu(n.conv(x, 10, 1, norm=False))
    pooled = n.op("GlobalAveragePool", [y], (1, 10, 1, 1))
    return n.made(n.op("Flatten", [pooled], (1, 10)))


def shuffle(n: Network, x: str) -> str:
    """The channels of two groups by turns."""
    batch, c, h, w = n.shapes[x]
    apart = n.op("Reshape", [x, np.array([batch, 2, c // 2, h, w])], (batch, 2, c // 2, h, w))
    turned = n.op("Transpose", [apart], (batch, c // 2, 2, h, w), perm=[0, 2, 1, 3, 4])
    return n.op("Reshape", [turned, np.array([batch, -1, h, w])], (batch, c, h, w))


def shufflenet_v2() -> Any:
    n = Network((1, 3, 48, 48))
    x = n.pool(n.relu(n.conv("x", 12, 3, 2)), kernel=3)
    for outs in (24, 48):
        for i in range(2):
            batch, c, h, w = n.shapes[x]
            half = outs // 2
            if i:
                parts = [
                    n.op(
                        "Slice", [x, np.array([a]), np.array([a + half]), np.array([1])], (batch, half, h, w)
                    )
                    for a in (0, half)
                ]
                left = parts[0]
            else:
                parts = [x, x]
                left = n.relu(n.conv(n.conv(x, c, 3, 2, group=c), half, 1))
            right = n.relu(n.conv(parts[1], half, 1))
            right = n.relu(n.conv(n.conv(right, half, 3, 1 if i else 2, group=half), half, 1))
            x = shuffle(n, n.cat(left, right))
    return n.made(n.classes(n.relu(n.conv(x, 64, 1)), 10))


def efficientnet() -> Any:
    """Inverted blocks with swish and squeeze-and-excite."""
    n = Network((1, 3, 48, 48))

    def swish(x: str) -> str:
        return n.same("Mul", x, n.same("Sigmoid", x))

    x = swish(n.conv("x", 16, 3, 2))
    for outs, stride in ((16, 1), (24, 2), (24, 1), (40, 2)):
        x = inverted(n, x, outs, stride, 4, swish)
        pooled = n.op("ReduceMean", [x], (1, outs, 1, 1), axes=[2, 3])
        small = swish(n.conv(pooled, outs // 4, 1, norm=False))
        x = n.same("Mul", x, n.same("Sigmoid", n.conv(small, outs, 1, norm=False)))
    return n.made(n.classes(swish(n.conv(x, 64, 1)), 10))


NETWORKS: dict[str, Callable[[], Any]] = {
    "autoencoder": autoencoder,
    "conv_1d": conv_1d,
    "ds_cnn": ds_cnn,
    "efficientnet": efficientnet,
    "mobilenet_v2": mobilenet_v2,
    "resnet8": resnet8,
    "shufflenet_v2": shufflenet_v2,
    "squeezenet": squeezenet,
    "unet": unet,
}
