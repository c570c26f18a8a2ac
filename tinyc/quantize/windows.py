"""Windows as the .tflite format has them: every convolution with a bias, padding that pooling there knows.

A window over the whole image is none: a convolution by it is a dense layer.

Every step leaves the real numbers as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyc.ir import Graph, Op, Tensor, TensorType, fresh_name
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.mul import Mul
from tinyc.ops.pad import Pad
from tinyc.ops.reshape import Reshape
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window

Tensors = dict[str, Tensor]


def usual_windows(graph: Graph) -> Graph:
    """Return a graph of the same float function."""
    tensors: Tensors = dict(graph.tensors)
    ops: list[Op] = []
    for op in graph.ops:
        rewrite = _REWRITES.get(type(op))
        ops += [op] if rewrite is None else rewrite(graph, op, tensors)
    return graph.with_ops(ops, tensors)


def _biased(graph: Graph, op: Conv2D | DepthwiseConv2D, tensors: Tensors) -> list[Op]:
    """Return the convolution with a bias, of zeros where it has none: LiteRT asks for one."""
    if op.bias:
        return [op]
    channels = graph.type(op.outputs[0]).shape[-1]
    bias = _add(tensors, f"{op.outputs[0]}_bias", (channels,), np.zeros(channels, np.float32))
    return [replace(op, inputs=(*op.inputs[:2], bias))]


def _convolved(graph: Graph, op: Conv2D, tensors: Tensors) -> list[Op]:
    """Return a dense layer where the window is the whole image: its kernels are for one vector."""
    n, height, width, channels = graph.type(op.x).shape
    data, pixels = graph.tensors[op.weights].data, height * width
    whole = op.window.kernel == (height, width) and not any(op.window.padding) and pixels > 1
    if not whole or data is None or data.shape[3] != channels:
        return _biased(graph, op, tensors)
    flat = (n, 1, 1, pixels * channels)
    x = _add(tensors, f"{op.outputs[0]}_pixels", flat)
    weights = _add(tensors, f"{op.weights}_rows", (len(data), flat[3]), data.reshape(len(data), -1))
    return [
        Reshape((op.x,), (x,), op.origin, flat),
        FullyConnected((x, weights, op.bias), op.outputs, op.origin, op.activation, keep_dims=True),
    ]


def _averaged(graph: Graph, op: AveragePool2D, tensors: Tensors) -> list[Op]:
    """Return an average that counts its padding, and what makes up for that, where the padding is not SAME."""
    _, height, width, channels = graph.type(op.x).shape
    if not any(op.window.padding) or op.window.is_same(height, width):
        return [op]
    top, left, bottom, right = op.window.padding
    (kh, kw), out = op.window.kernel, graph.type(op.outputs[0]).shape
    wide = (1, height + top + bottom, width + left + right, channels)
    padded = _add(tensors, f"{op.outputs[0]}_padded", wide)
    summed = _add(tensors, f"{op.outputs[0]}_counted", out)
    rows, columns = (
        np.array([_inside(i * step - before, kernel, size) for i in range(count)], np.float64)
        for step, before, kernel, size, count in zip(
            op.window.stride, (top, left), (kh, kw), (height, width), out[1:3], strict=True
        )
    )
    factors = (kh / rows)[:, None] * (kw / columns)[None, :]
    factor = _add(
        tensors, f"{op.outputs[0]}_factor", (1, *out[1:3], 1), factors[None, :, :, None].astype(np.float32)
    )
    window = replace(op.window, padding=(0, 0, 0, 0), scheme=Padding.VALID)
    return [
        Pad((op.x,), (padded,), op.origin, ((0, 0), (top, bottom), (left, right), (0, 0))),
        AveragePool2D((padded,), (summed,), op.origin, window),
        Mul((summed, factor), op.outputs, op.origin, op.activation),
    ]


def _inside(start: int, kernel: int, size: int) -> int:
    """Return how many of `kernel` pixels from `start` on lie in the image."""
    return min(start + kernel, size) - max(start, 0)


def _cropped(graph: Graph, op: TransposeConv, tensors: Tensors) -> list[Op]:
    """Return the whole output and a slice of it, where the padding is not SAME."""
    (kh, kw), (sh, sw) = op.window.kernel, op.window.stride
    top, left, bottom, right = op.window.padding
    _, height, width, _ = graph.type(op.x).shape
    if not any((top, left, bottom, right)) or op.window.is_same(*op.size):
        return [op]
    full = ((height - 1) * sh + kh, (width - 1) * sw + kw)
    if top + op.size[0] > full[0] or left + op.size[1] > full[1]:
        return [op]
    out = graph.type(op.outputs[0]).shape
    whole = _add(tensors, f"{op.outputs[0]}_whole", (1, *full, out[3]))
    window = Window(op.window.kernel, op.window.stride, scheme=Padding.VALID)
    return [
        replace(op, outputs=(whole,), window=window, size=full),
        StridedSlice((whole,), op.outputs, op.origin, (0, top, left, 0), (1, 1, 1, 1), out, out),
    ]


def _add(tensors: Tensors, name: str, shape: tuple[int, ...], data: Any = None) -> str:
    found = fresh_name(name, tensors)
    tensors[found] = Tensor(found, TensorType(shape, "float32"), data)
    return found


_REWRITES: Mapping[type[Op], Callable[[Graph, Any, Tensors], list[Op]]] = {
    AveragePool2D: _averaged,
    Conv2D: _convolved,
    DepthwiseConv2D: _biased,
    TransposeConv: _cropped,
}
