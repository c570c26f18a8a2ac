"""Networks of given size as people build them: the families whose planning is timed, and whose placement is held to
its bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.modelgen.layers import binary, channel_shuffle, concatenate, logistic, tanh
from tests.modelgen.net import Net
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.passes import optimize

#: Quantization of the activations, so that any two can be concatenated.
_SCALE, _ZERO = 0.05, 0


def family(name: str, ops: int, size: int = 64) -> Graph:
    """A network of about so many operators; size: of the input image."""
    net = Net(name, np.random.default_rng(1))
    outputs = FAMILIES[name](net, ops, size)
    return optimize(load_tflite(net.finish(outputs), name, "litert"))


def conv(net: Net, x: int, channels: int, kernel: int = 1, stride: int = 1) -> int:
    depth = net.shape(x)[3]
    weights, bias, _ = net.weights((channels, kernel, kernel, depth), 0, kernel * kernel * depth, x)
    return _spatial(net, "CONV_2D", x, channels, stride, [x, weights, bias])


def depthwise(net: Net, x: int, kernel: int = 3, stride: int = 1) -> int:
    channels = net.shape(x)[3]
    weights, bias, _ = net.weights((1, kernel, kernel, channels), 3, kernel * kernel, x)
    return _spatial(net, "DEPTHWISE_CONV_2D", x, channels, stride, [x, weights, bias], depth_multiplier=1)


def _spatial(
    net: Net, kind: str, x: int, channels: int, stride: int, inputs: Sequence[int], **options: int
) -> int:
    _, h, w, _ = net.shape(x)
    y = net.activation((1, -(-h // stride), -(-w // stride), channels), _SCALE, _ZERO)
    net.writer.op(
        kind,
        [i for i in inputs if i >= 0],
        [y],
        padding=0,
        stride_h=stride,
        stride_w=stride,
        dilation_h_factor=1,
        dilation_w_factor=1,
        fused_activation_function=1,
        **options,
    )
    return y


def _add(net: Net, a: int, b: int) -> int:
    y = net.activation(net.shape(a), _SCALE, _ZERO)
    net.writer.op("ADD", [a, b], [y], fused_activation_function=0)
    return y


def _pool(net: Net, x: int) -> int:
    _, h, w, c = net.shape(x)
    y = net.like(x, (1, h // 2, w // 2, c))
    net.writer.op("MAX_POOL_2D", [x], [y], padding=1, stride_h=2, stride_w=2, filter_height=2, filter_width=2)
    return y


def _pad_channels(net: Net, x: int, more: int) -> int:
    _, h, w, c = net.shape(x)
    y = net.like(x, (1, h, w, c + more))
    pads = net.writer.constant([[0, 0], [0, 0], [0, 0], [0, more]])
    net.writer.op("PAD", [x, pads], [y])
    return y


def _mean(net: Net, x: int) -> int:
    y = net.like(x, (1, 1, 1, net.shape(x)[3]))
    net.writer.op("MEAN", [x, net.writer.constant([1, 2])], [y], keep_dims=True)
    return y


def _upsample(net: Net, x: int) -> int:
    _, h, w, c = net.shape(x)
    y = net.like(x, (1, 2 * h, 2 * w, c))
    net.writer.op("RESIZE_NEAREST_NEIGHBOR", [x, net.writer.constant([2 * h, 2 * w])], [y])
    return y


def _channels(net: Net, x: int, first: int, last: int) -> int:
    """Part of the channels, of the last dimension."""
    shape = net.shape(x)
    y = net.like(x, (*shape[:-1], last - first))
    rank = len(shape)
    begin, end = [0] * (rank - 1) + [first], [*shape[:-1], last]
    inputs = [x, *(net.writer.constant(each) for each in (begin, end, [1] * rank))]
    net.writer.op("STRIDED_SLICE", inputs, [y])
    return y


def _flat(net: Net, x: int, columns: int) -> int:
    shape = (1, int(np.prod(net.shape(x))) // columns, columns)
    y = net.like(x, shape)
    net.writer.op("RESHAPE", [x, net.writer.constant(list(shape))], [y], new_shape=list(shape))
    return y


def _dense(net: Net, x: int, out: int) -> int:
    depth = net.shape(x)[-1]
    weights, bias, _ = net.weights((out, depth), 0, depth, x)
    y = net.activation((1, out), _SCALE, _ZERO)
    net.writer.op("FULLY_CONNECTED", [x, weights, bias], [y], fused_activation_function=0)
    return y


def _image(net: Net, size: int) -> int:
    return net.input((1, size, size, 3), _SCALE, _ZERO)


def _halves(net: Net, x: int, done: int, ops: int) -> bool:
    """Whether the next block halves the image: evenly spread over a network, down to 4 x 4."""
    size = net.shape(x)[1]
    return size > 4 and done * 4 > ops * (1 + len(bin(64 // size)) - 3)


def _backbone(net: Net, ops: int, size: int, per_block: int, block: Callable[[Net, int, int], int]) -> int:
    """A stem and blocks of `per_block` operators; block(net, x, stride)."""
    x = conv(net, _image(net, size), 16, 3, 2)
    for number in range(max(1, (ops - 1) // per_block)):
        x = block(net, x, 2 if _halves(net, x, number * per_block, ops) else 1)
    return x


def _chain(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        return conv(net, depthwise(net, x, 3, stride), min(48, net.shape(x)[3] * stride))

    return [_backbone(net, ops, size, 2, block)]


def _residual(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        if stride == 2:
            return conv(net, depthwise(net, x, 3, 2), min(48, 2 * net.shape(x)[3]))
        return _add(net, x, conv(net, depthwise(net, conv(net, x, net.shape(x)[3])), net.shape(x)[3]))

    return [_backbone(net, ops, size, 4, block)]


def _mobilenet_v2(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        channels = net.shape(x)[3]
        y = depthwise(net, conv(net, x, 6 * channels), 3, stride)
        if stride == 2:
            return conv(net, y, min(40, channels * 3 // 2))
        return _add(net, x, conv(net, y, channels))

    return [_backbone(net, ops, size, 4, block)]


def _squeeze_excite(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        channels = net.shape(x)[3]
        y = depthwise(net, conv(net, x, channels), 3, stride)
        gate = logistic(net, conv(net, conv(net, _mean(net, y), max(4, channels // 4)), channels))[0]
        return conv(net, binary(net, "MUL", y, gate)[0], min(48, channels * stride))

    return [_backbone(net, ops, size, 8, block)]


def _shufflenet(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        half = net.shape(x)[3] // 2
        if stride == 2:
            left = conv(net, depthwise(net, x, 3, 2), half + 4)
            right = conv(net, depthwise(net, conv(net, x, half + 4), 3, 2), half + 4)
        else:
            left = _channels(net, x, 0, half)
            right = conv(net, depthwise(net, conv(net, _channels(net, x, half, 2 * half), half)), half)
        return channel_shuffle(net, concatenate(net, [left, right], 3)[0])[0]

    return [_backbone(net, ops, size, 9, block)]


def _densenet(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        if stride == 2 or net.shape(x)[3] > 96:
            x = conv(net, x, 24)
            x = _pool(net, x) if stride == 2 else x
        return concatenate(net, [x, conv(net, conv(net, x, 24), 8, 3)], 3)[0]

    return [_backbone(net, ops, size, 3, block)]


def _blaze_block(net: Net, x: int, stride: int) -> int:
    channels = net.shape(x)[3]
    more = 8 if channels < 64 else 0
    y = conv(net, depthwise(net, x, 3, stride), channels + more)
    skip = _pool(net, x) if stride == 2 else x
    return _add(net, _pad_channels(net, skip, more) if more else skip, y)


def _blazeface(net: Net, ops: int, size: int) -> list[int]:
    x = _backbone(net, ops * 3 // 4, size, 4, _blaze_block)
    y = _blaze_block(net, x, 2 if net.shape(x)[1] > 2 else 1)
    for _ in range(max(1, ops // 16)):
        y = _blaze_block(net, y, 1)
    return [_flat(net, conv(net, z, anchors * of), of) for of in (1, 16) for z, anchors in ((x, 2), (y, 6))]


def _two_heads(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        if stride == 2:
            return conv(net, depthwise(net, x, 3, 2), min(48, 2 * net.shape(x)[3]))
        return _add(net, x, conv(net, depthwise(net, x), net.shape(x)[3]))

    x = _backbone(net, max(4, ops - 8), size, 3, block)
    boxes = _flat(net, conv(net, depthwise(net, x), 12), 4)
    return [boxes, logistic(net, _flat(net, conv(net, depthwise(net, x), 6), 2))[0]]


def _yolo(net: Net, ops: int, size: int) -> list[int]:
    def block(net: Net, x: int, stride: int) -> int:
        channels = min(64, net.shape(x)[3] * stride)
        return conv(net, conv(net, _pool(net, x) if stride == 2 else x, channels, 3), channels)

    x = conv(net, _image(net, size), 12, 3, 2)
    routes = []
    count = max(3, (ops - 10) // 2)
    for number in range(count):
        halve = _halves(net, x, number * 2, ops) and net.shape(x)[1] > 4
        halve = halve or (number == count - 1 and not routes)
        if halve:
            routes.append(x)
        x = block(net, x, 2 if halve else 1)
    small = conv(net, x, 32)
    large = conv(net, concatenate(net, [_upsample(net, small), routes[-1]], 3)[0], 32, 3)
    return [conv(net, z, 18) for z in (small, large)]


def _cell(net: Net, x: int, state: int, gates: int) -> list[int]:
    """Gates of a recurrent cell, from the input and the state before."""
    width = net.shape(state)[-1]
    both = _add(net, _dense(net, x, gates * width), _dense(net, state, gates * width))
    return [_channels(net, both, g * width, (g + 1) * width) for g in range(gates)]


def _rescaled(net: Net, kind: str, a: int, b: int) -> int:
    y = net.activation(net.shape(a), _SCALE, _ZERO)
    net.writer.op(kind, [a, b], [y], fused_activation_function=0)
    return y


def _gru(net: Net, ops: int, size: int) -> list[int]:
    steps = max(1, ops // 15)
    x = net.input((1, steps * 8), _SCALE, _ZERO)
    state = net.input((1, 16), _SCALE, _ZERO)
    for step in range(steps):
        update, reset, new = _cell(net, _channels(net, x, step * 8, step * 8 + 8), state, 3)
        gate = logistic(net, update)[0]
        fresh = tanh(net, _rescaled(net, "MUL", logistic(net, reset)[0], new))[0]
        kept = _rescaled(net, "MUL", gate, state)
        state = _add(net, kept, _rescaled(net, "SUB", fresh, _rescaled(net, "MUL", gate, fresh)))
    return [state]


def _lstm(net: Net, ops: int, size: int) -> list[int]:
    steps = max(1, ops // 17)
    x = net.input((1, steps * 8), _SCALE, _ZERO)
    state, memory = (net.input((1, 16), _SCALE, _ZERO) for _ in range(2))
    for step in range(steps):
        entry, forget, new, out = _cell(net, _channels(net, x, step * 8, step * 8 + 8), state, 4)
        kept = _rescaled(net, "MUL", logistic(net, forget)[0], memory)
        memory = _add(net, kept, _rescaled(net, "MUL", logistic(net, entry)[0], tanh(net, new)[0]))
        state = _rescaled(net, "MUL", logistic(net, out)[0], tanh(net, memory)[0])
    return [state]


FAMILIES: dict[str, Callable[[Net, int, int], list[int]]] = {
    "chain": _chain,
    "residual chain": _residual,
    "squeeze and excite": _squeeze_excite,
    "unrolled GRU": _gru,
    "unrolled LSTM": _lstm,
    "detector with two heads": _two_heads,
    "MobileNetV2": _mobilenet_v2,
    "ShuffleNet": _shufflenet,
    "DenseNet": _densenet,
    "YOLO": _yolo,
    "BlazeFace": _blazeface,
}
