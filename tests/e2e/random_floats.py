"""Random networks of float32: written as .tflite, judged by LiteRT, and byte for byte the same by every schedule.

usage: python -m tests.e2e.random_floats [--count N] [--seed S]

Prints the largest error and each network that is wrong; exits 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.kernels.float_layers import FloatTable
from tinyc.compiler import host_model
from tinyc.export import export_tflite
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Activation, Array, Graph, Port, verify
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.logistic import Logistic
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.pad import Pad
from tinyc.ops.prelu import Prelu
from tinyc.ops.relu import Relu
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.softmax import Softmax
from tinyc.ops.sub import Sub
from tinyc.ops.tanh import Tanh
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window, same_padding
from tinyc.passes import optimize
from tinyc.schedule import plan_layers, plan_smallest
from tinyc.verify import near
from tinyc.verify.judge import IsolatedJudge

_ACTIVATIONS = tuple(Activation)
_LARGEST = 24


class _Net(FloatTable):
    """A network in the making: images by name, and the last of them."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.images = [self.input(1, *(int(self.rng.integers(low, 18)) for low in (5, 5, 1)))]

    def pick(self, *values: object) -> object:
        return values[int(self.rng.integers(len(values)))]

    def shape(self, name: str) -> tuple[int, ...]:
        return self.tensors[name].type.shape

    def activation(self) -> Activation:
        return _ACTIVATIONS[int(self.rng.integers(len(_ACTIVATIONS)))]

    def window(self, name: str) -> Window:
        """A window that fits the image."""
        _, height, width, _ = self.shape(name)
        kernel = (int(self.rng.integers(1, min(5, height) + 1)), int(self.rng.integers(1, min(5, width) + 1)))
        stride = (int(self.rng.integers(1, 3)), int(self.rng.integers(1, 3)))
        if self.rng.random() < 0.5:
            return Window(kernel, stride, scheme=Padding.VALID)
        rows, cols = (
            same_padding(n, k, s, 1) for n, k, s in zip((height, width), kernel, stride, strict=True)
        )
        return Window(kernel, stride, (1, 1), (rows[0], cols[0], rows[1], cols[1]), Padding.SAME)

    def weights(self, *shape: int, fan: int) -> str:
        return self.constant(self.noise(*shape, scale=1 / fan**0.5))


def _conv(net: _Net, x: str) -> str:
    window, channels = net.window(x), net.shape(x)[3]
    groups = int(net.pick(*(g for g in range(1, channels + 1) if channels % g == 0)))  # type: ignore[call-overload]
    groups = groups if net.rng.random() < 0.2 else 1
    outs = groups * int(net.rng.integers(1, 1 + max(1, _LARGEST // groups)))
    depth = channels // groups
    fan = window.kernel[0] * window.kernel[1] * depth
    inputs = (x, net.weights(outs, *window.kernel, depth, fan=fan), net.constant(net.noise(outs)))
    return net.add(Conv2D, inputs, window, net.activation())


def _depthwise(net: _Net, x: str) -> str:
    window, multiplier = net.window(x), int(net.rng.integers(1, 3))
    outs = net.shape(x)[3] * multiplier
    fan = window.kernel[0] * window.kernel[1]
    inputs = (x, net.weights(1, *window.kernel, outs, fan=fan), net.constant(net.noise(outs)))
    return net.add(DepthwiseConv2D, inputs, window, multiplier, net.activation())


def _transposed(net: _Net, x: str) -> str:
    _, height, width, channels = net.shape(x)
    kernel, stride = (int(net.rng.integers(1, 5)),) * 2, (int(net.rng.integers(1, 3)),) * 2
    outs = int(net.rng.integers(1, 9))
    size = tuple((n - 1) * s + k for n, s, k in zip((height, width), stride, kernel, strict=True))
    weights = net.weights(outs, *kernel, channels, fan=kernel[0] * kernel[1] * channels)
    window = Window(kernel, stride, scheme=Padding.VALID)
    return net.add(TransposeConv, (x, weights, net.constant(net.noise(outs))), window, size)


def _pool(net: _Net, x: str) -> str:
    kind = AveragePool2D if net.rng.random() < 0.5 else MaxPool2D
    return net.add(kind, (x,), net.window(x), net.activation())


def _unary(net: _Net, x: str) -> str:
    kinds: tuple[Callable[[], str], ...] = (
        lambda: net.add(Relu, (x,), Activation.RELU6),
        lambda: net.add(Logistic, (x,)),
        lambda: net.add(Tanh, (x,)),
        lambda: net.add(HardSwish, (x,)),
        lambda: net.add(LeakyRelu, (x,), float(np.float32(0.1))),
        lambda: net.add(Abs, (x,)),
        lambda: net.add(Prelu, (x, net.constant(net.noise(1, 1, net.shape(x)[3])))),
        lambda: net.add(Softmax, (x,), 1.0),
    )
    return kinds[int(net.rng.integers(len(kinds)))]()


def _binary(net: _Net, x: str) -> str:
    """With an earlier image of the same shape, the image itself, or a constant for each channel."""
    alike = [name for name in net.images if net.shape(name) == net.shape(x)]
    other = str(net.pick(*alike, net.constant(net.noise(net.shape(x)[3]))))
    kind = (Add, Sub, Mul, Maximum, Minimum)[int(net.rng.integers(5))]
    fused = () if kind in (Maximum, Minimum) else (net.activation(),)
    return net.add(kind, (x, other), *fused)


def _moved(net: _Net, x: str) -> str:
    _, height, width, channels = net.shape(x)
    alike = [name for name in net.images if net.shape(name)[:3] == (1, height, width)]
    kind = int(net.rng.integers(4))
    if kind == 0 and channels < _LARGEST:
        return net.add(Concat, (x, str(net.pick(*alike))), 3)
    size = height + int(net.rng.integers(0, 5)), width + int(net.rng.integers(0, 5))
    if kind == 1:
        return net.add(ResizeBilinear, (x,), size, False, bool(net.rng.integers(2)))
    if kind == 2:
        return net.add(ResizeNearest, (x,), size, False, False)
    return net.add(Pad, (x,), ((0, 0), (1, 0), (0, 2), (0, 0)), 0.0)


_LAYERS = (_conv, _conv, _depthwise, _pool, _unary, _binary, _binary, _moved, _transposed)


def network(seed: int) -> Graph:
    """Images through two to nine layers, then perhaps a classifier."""
    net = _Net(seed)
    for _ in range(int(net.rng.integers(2, 10))):
        x = net.images[-1]
        if max(net.shape(x)[1:3]) > 2 * _LARGEST or net.shape(x)[3] > 2 * _LARGEST:
            break
        net.images.append(_LAYERS[int(net.rng.integers(len(_LAYERS)))](net, x))
    last = net.images[-1]
    if net.rng.random() < 0.5:
        last = net.add(Mean, (last,), (1, 2), False)
        depth, outs = net.shape(last)[-1], int(net.rng.integers(1, 12))
        inputs = (last, net.weights(outs, depth, fan=depth), net.constant(net.noise(outs)))
        last = net.add(Softmax, (net.add(FullyConnected, inputs),), 1.0)

    def port(name: str) -> Port:
        return Port(name, name, net.tensors[name].type)

    inputs, outputs = tuple(map(port, net.inputs)), (port(last),)
    graph = Graph(f"random_{seed}", net.tensors, tuple(net.ops), inputs, outputs)
    return verify(graph.with_ops(net.ops))


def checked(seed: int, judge: IsolatedJudge) -> tuple[float, str | None]:
    """Return the error of a network's firmware, and what is wrong with it."""
    data = export_tflite(network(seed))
    source = load_float_tflite(data, f"random_{seed}.tflite")
    graph = optimize(source)
    rng = np.random.default_rng(seed)
    inputs = tuple(rng.normal(size=(2, *p.type.shape)).astype(np.float32) for p in graph.inputs)
    judged = judge.judge(data, inputs, "litert")
    assert judged is not None, "ai-edge-litert is not installed"
    return compared(graph, source, ModelFile(Path("random.tflite"), data, ""), inputs, judged.outputs)


def compared(
    graph: Graph, source: Graph, file: ModelFile, inputs: Sequence[Array], judged: Sequence[Array]
) -> tuple[float, str | None]:
    """Return how far two schedules of a graph lie from the judge's outputs, and what is wrong with them.

    graph: as it is compiled, source: as it was read.
    """
    made = [
        host_model(plan, file, ("Generated by a test.",)).infer(inputs)
        for plan in (plan_layers(graph, ("ref",)), plan_smallest(graph, ("ref",)))
    ]
    if any(a.shape != b.shape for a, b in zip(judged, made[0], strict=True)):
        return 0.0, "outputs have other shapes"
    worst = max(
        near.error(want, have, near.least_magnitude(source, p.tensor))
        for p, want, have in zip(source.outputs, judged, made[0], strict=True)
    )
    if not all(np.array_equal(a, b) for a, b in zip(*made, strict=True)):
        return worst, "schedules differ"
    return worst, None if worst <= near.BOUND else f"off by {worst:.2g} of the largest output"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    largest, wrong = 0.0, 0
    with IsolatedJudge() as judge:
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            worst, problem = checked(seed, judge)
            largest = max(largest, worst)
            if problem is not None:
                wrong += 1
                print(f"seed {seed}: {problem}", flush=True)
    print(f"{chosen.count} networks, {wrong} wrong, largest error {largest:.2g} (bound {near.BOUND:.2g})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
