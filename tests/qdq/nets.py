"""Random float ONNX networks, the same ones for the same seed.

Their convolutions add up many products, as real ones do: where few are added, a step more of one input is several
steps of the output, and where two runtimes round a half to different sides they soon have nothing in common.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSETS = (13, 15, 17, 18, 20, 21)


@dataclass
class Net:
    """A network in the making: nodes so far, and where its images and vectors are."""

    rng: np.random.Generator
    opset: int = 17
    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def name(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def weights(self, *shape: int) -> str:
        fan = int(np.prod(shape[1:])) or 1
        return self.constant((self.rng.normal(size=shape) / np.sqrt(fan)).astype(np.float32))

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        out = self.name()
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def pick(self, *values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]


def random_net(seed: int) -> Any:
    """Return a float model: an image, some layers, and often a classifier behind them."""
    rng = np.random.default_rng(seed)
    n = Net(rng, opset=OPSETS[int(rng.integers(len(OPSETS)))])
    shape = [1, n.pick(1, 3, 3, 4, 8), int(rng.integers(6, 15)), int(rng.integers(6, 15))]
    x, size = "x", list(shape)
    x, size = _conv(n, x, size)
    for _ in range(int(rng.integers(1, 6))):
        x, size = _layer(n, x, size)
    if rng.random() < 0.6:
        x, size = _head(n, x, size)
    n.nodes.append(helper.make_node("Identity", [x], ["y"]))
    n.nodes[-2].output[0] = "y"
    n.nodes.pop()
    graph = helper.make_graph(
        n.nodes,
        f"net{seed}",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, size)],
        [numpy_helper.from_array(value, name) for name, value in n.constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", n.opset)], ir_version=8)


def _layer(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    kinds = (
        _conv,
        _conv,
        _conv,
        _depthwise,
        _pool,
        _residual,
        _branches,
        _activation,
        _resize,
        _gate,
        _moved,
    )
    return kinds[int(n.rng.integers(len(kinds)))](n, x, size)


def _conv(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    _, channels, h, w = size
    group = n.pick(1, 1, 1, 2) if channels % 2 == 0 else 1
    outs = group * int(n.rng.integers(4, 17))
    kernel = (
        [min(n.pick(2, 3, 3), h), min(n.pick(2, 3, 5), w)] if channels < 8 else [min(n.pick(1, 3), h, w)] * 2
    )
    stride = [n.pick(1, 1, 2), n.pick(1, 1, 2)]
    pads = [int(n.rng.integers(0, k)) for k in (*kernel, *kernel)]
    out = [1, outs, *((s + pads[i] + pads[i + 2] - kernel[i]) // stride[i] + 1 for i, s in enumerate((h, w)))]
    inputs = [x, n.weights(outs, channels // group, *kernel)]
    if n.rng.random() < 0.8:
        inputs.append(n.constant((0.3 * n.rng.normal(size=outs)).astype(np.float32)))
    made = n.add("Conv", *inputs, kernel_shape=kernel, strides=stride, pads=pads, group=group)
    return _activated(n, made), out


def _depthwise(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    channels = size[1]
    inputs = [
        x,
        n.weights(channels, 1, 3, 3),
        n.constant(n.rng.normal(size=channels).astype(np.float32) * 0.2),
    ]
    made = n.add("Conv", *inputs, kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=channels)
    return _activated(n, made), size


def _activated(n: Net, x: str) -> str:
    kind = n.pick("", "Relu", "Relu", "Clip")
    if kind == "Clip":
        return n.add("Clip", x, n.constant(np.float32(0)), n.constant(np.float32(n.pick(6, 2.5, 4))))
    return n.add(kind, x) if kind else x


def _pool(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    """Means of nine: means of four often lie between two steps, and the runtimes round halves to different sides."""
    kind, kernel = n.pick(("MaxPool", 2), ("MaxPool", 3), ("AveragePool", 3))
    if min(size[2:]) < kernel:
        return x, size
    pads = [0, 0, 0, 0]
    if kind == "MaxPool" and n.rng.random() < 0.5:
        pads = [int(n.rng.integers(0, 2)) for _ in range(4)]
    out = [*size[:2], *((s + pads[i] + pads[i + 2] - kernel) // 2 + 1 for i, s in enumerate(size[2:]))]
    return n.add(kind, x, kernel_shape=[kernel, kernel], strides=[2, 2], pads=pads), out


def _residual(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    channels = size[1]
    made = n.add("Conv", x, n.weights(channels, channels, 3, 3), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    return _activated(n, n.add(n.pick("Add", "Add", "Sub"), made, x)), size


def _branches(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    outs = [int(n.rng.integers(2, 7)) for _ in range(n.pick(2, 3))]
    parts = [n.add("Conv", x, n.weights(o, size[1], 1, 1), kernel_shape=[1, 1]) for o in outs]
    if n.rng.random() < 0.5:
        parts.append(x)
        outs.append(size[1])
    return n.add("Concat", *parts, axis=1), [1, sum(outs), *size[2:]]


def _activation(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    kind = n.pick("Sigmoid", "Tanh", "LeakyRelu", "HardSwish")
    if kind == "HardSwish" and n.opset < 14:
        kind = "Tanh"
    attributes = {"alpha": 0.2} if kind == "LeakyRelu" else {}
    return n.add(kind, x, **attributes), size


def _resize(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    scales = n.constant(np.array([1, 1, 2, 2], np.float32))
    attributes = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    if max(size[2:]) > 16:
        return x, size
    return n.add("Resize", x, "", scales, **attributes), [*size[:2], size[2] * 2, size[3] * 2]


def _gate(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    """Squeeze and excite."""
    channels = size[1]
    pooled = n.add("GlobalAveragePool", x)
    inner = n.add("Relu", n.add("Conv", pooled, n.weights(8, channels, 1, 1), kernel_shape=[1, 1]))
    gate = n.add("Sigmoid", n.add("Conv", inner, n.weights(channels, 8, 1, 1), kernel_shape=[1, 1]))
    return n.add("Mul", x, gate), size


def _moved(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    kind = n.pick("Pad", "Slice", "SpaceToDepth")
    if kind == "Pad":
        pads = n.constant(np.array([0, 0, 1, 0, 0, 0, 0, 2], np.int64))
        return n.add("Pad", x, pads), [*size[:2], size[2] + 1, size[3] + 2]
    if kind == "Slice" and min(size[2:]) > 3:
        parts = ([1, 1], [2**31 - 1, -1], [2, 3])
        starts, ends, axes = (n.constant(np.array(p, np.int64)) for p in parts)
        return n.add("Slice", x, starts, ends, axes), [*size[:2], size[2] - 1, size[3] - 2]
    if kind == "SpaceToDepth" and size[2] % 2 == 0 and size[3] % 2 == 0 and size[1] < 8:
        return n.add("SpaceToDepth", x, blocksize=2), [1, size[1] * 4, size[2] // 2, size[3] // 2]
    return x, size


def _head(n: Net, x: str, size: list[int]) -> tuple[str, list[int]]:
    if n.rng.random() < 0.6:
        x, size = n.add("GlobalAveragePool", x), [*size[:2], 1, 1]
    depth, outs = int(np.prod(size)), int(n.rng.integers(2, 12))
    x = n.add("Flatten", x)
    if n.rng.random() < 0.5:
        bias = n.constant(n.rng.normal(size=outs).astype(np.float32))
        x = n.add("Gemm", x, n.weights(outs, depth), bias, transB=1)
    else:
        matrix = n.weights(outs, depth)
        n.constants[matrix] = np.ascontiguousarray(n.constants[matrix].T)
        x = n.add("MatMul", x, matrix)
        if n.rng.random() < 0.5:
            x = n.add("Add", x, n.constant(n.rng.normal(size=outs).astype(np.float32)))
    return (n.add("Softmax", x) if n.rng.random() < 0.5 else x), [1, outs]
