"""Float models to quantize: one of every kind of layer, with weights that are hard on bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.floats import evaluate_floats

Built = tuple[list[int], list[int]]
SAME, RELU, RELU6 = 0, 1, 3
SHAPE = (1, 12, 10, 3)


def noise(*shape: int, seed: int, scale: float = 1.0) -> npt.NDArray[np.float32]:
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def samples(count: int, seed: int = 5) -> npt.NDArray[np.float32]:
    return noise(count, *SHAPE, seed=seed)


class Floats:
    """Layers on float tensors, each with weights of its own."""

    def __init__(self, writer: ModelWriter) -> None:
        self.w = writer
        self._seed = 0

    def tensor(self, *shape: int) -> int:
        return self.w.tensor(shape, "float32")

    def weights(self, *shape: int, scale: float) -> int:
        self._seed += 1
        return self.w.tensor(shape, "float32", data=noise(*shape, seed=self._seed, scale=scale))

    def conv(self, x: int, channels: int, kernel: int = 3, stride: int = 1, activation: int = RELU) -> int:
        n, h, w, c = self.w.tensors[x].shape
        y = self.tensor(n, -(-h // stride), -(-w // stride), channels)
        weights = self.weights(channels, kernel, kernel, c, scale=1 / (kernel * c**0.5))
        bias = self.weights(channels, scale=0.2)
        options = {"stride_h": stride, "stride_w": stride, "fused_activation_function": activation}
        self.w.op("CONV_2D", [x, weights, bias], [y], padding=SAME, **options)
        return y

    def depthwise(self, x: int, multiplier: int = 1) -> int:
        n, h, w, c = self.w.tensors[x].shape
        y = self.tensor(n, h, w, c * multiplier)
        weights = self.weights(1, 3, 3, c * multiplier, scale=0.4)
        options = {"stride_h": 1, "stride_w": 1, "depth_multiplier": multiplier}
        self.w.op("DEPTHWISE_CONV_2D", [x, weights, self.weights(c * multiplier, scale=0.1)], [y], **options)
        return y

    def same(self, kind: str, *inputs: int, **options: object) -> int:
        y = self.tensor(*self.w.tensors[inputs[0]].shape)
        self.w.op(kind, list(inputs), [y], **options)
        return y

    def dense(self, x: int, outputs: int, *, bias: bool = True) -> int:
        depth = int(np.prod(self.w.tensors[x].shape))
        y = self.tensor(1, outputs)
        weights = self.weights(outputs, depth, scale=depth**-0.5)
        self.w.op("FULLY_CONNECTED", [x, weights, self.weights(outputs, scale=0.1) if bias else -1], [y])
        return y

    def average(self, x: int) -> int:
        n, h, w, c = self.w.tensors[x].shape
        y = self.tensor(n, 1, 1, c)
        options = {"filter_height": h, "filter_width": w, "stride_h": 1, "stride_w": 1, "padding": 1}
        self.w.op("AVERAGE_POOL_2D", [x], [y], **options)
        return y


def classifier(w: ModelWriter) -> Built:
    """A residual network with a separate RELU, an average over the image, a dense layer and a softmax."""
    f = Floats(w)
    x = f.tensor(*SHAPE)
    a = f.conv(x, 8, activation=RELU6)
    b = f.conv(f.depthwise(a), 8, kernel=1, activation=0)
    c = f.same("RELU", f.same("ADD", a, b, fused_activation_function=0))
    d = f.conv(c, 16, stride=2)
    return [x], [f.same("SOFTMAX", f.dense(f.average(d), 5), beta=1.0)]


def branches(w: ModelWriter) -> Built:
    """Joined branches of unlike ranges, one of them a sigmoid; a gate; an op that int8 lacks; no bias at the end."""
    f = Floats(w)
    x = f.tensor(*SHAPE)
    a = f.conv(x, 4)
    b = f.same("LOGISTIC", f.conv(x, 4, activation=0))
    joined = f.tensor(1, 12, 10, 8)
    w.op("CONCATENATION", [a, b], [joined], axis=3)
    gate = f.same("MUL", joined, f.same("TANH", joined))
    squared = f.same("SQUARE", gate)
    bent = f.same("LEAKY_RELU", f.same("SUB", squared, joined), alpha=0.1)
    scaled = f.same("MUL", bent, f.weights(8, scale=1.0))
    return [x], [f.dense(scaled, 6, bias=False), joined]


def command(folder: Path, build: Callable[[ModelWriter], Built]) -> list[str]:
    """Return the command that quantizes a model, to out.tflite; its samples' labels are the float network's answers."""
    file, x = folder / "m.tflite", folder / "x.npz"
    file.write_bytes(model(build))
    graph, given = load_float_tflite(file.read_bytes(), "m.tflite"), samples(60)
    scores = evaluate_floats(graph, {graph.inputs[0].tensor: given})[graph.outputs[0].tensor]
    np.savez(x, x=given, labels=scores.reshape(60, -1).argmax(axis=1))
    return ["quantize", str(file), "--calibration", str(x), "-o", str(folder / "out.tflite")]
