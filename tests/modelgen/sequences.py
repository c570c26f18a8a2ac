"""Seeded networks over sequences, as Keras writes its layers of one dimension.

Conv1D takes an image of one row [1, 1, T, C], pools of one dimension one of one column [1, T, 1, C], everything else
the sequence as it is, [1, T, C]; RESHAPEs stand between them. Of some networks all is an image of one row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tests.modelgen.cases import ModelCase
from tests.modelgen.layers import IMAGE_LAYERS, LAYERS, binary, concatenate, conv_2d, depthwise_conv_2d
from tests.modelgen.net import Net

#: Of every four networks, one of each style.
STYLES = ("stack", "residual", "dilated", "gated")


def sequence_model(seed: int, widths: Sequence[int] = (1, 2, 3, 4, 6, 9)) -> ModelCase:
    """One network; seeds take turns at the styles. widths: channels that the input may have."""
    net = Net(f"sequence_{seed}", np.random.default_rng((seed, 11)))
    steps, channels = net.size(5, 40) if net.chance(0.5) else net.size(60, 150), net.pick(widths)
    x = net.input((1, 1, steps, channels) if net.chance(0.4) else (1, steps, channels))
    for _ in range(net.size(2, 4)):
        x = _BLOCKS[STYLES[seed % len(STYLES)]](net, x)
    outputs = [x] if net.chance(0.2) else _head(net, x)
    data = net.finish(outputs)
    text = " ".join(f"{op.kind}{list(net.shape(op.outputs[0]))}" for op in net.writer.ops)
    return ModelCase(net.writer.name, seed, data, text, tuple(net.spec(i) for i in net.inputs))


def _shaped(net: Net, x: int, shape: tuple[int, ...]) -> int:
    if net.shape(x) == shape:
        return x
    y = net.like(x, shape)
    net.writer.op("RESHAPE", [x, net.writer.constant(shape)], [y], new_shape=list(shape))
    return y


def _mean_of(net: Net, x: int, shape: tuple[int, ...]) -> int:
    return net.activation(shape, net.spec(x).scale * float(net.rng.uniform(0.2, 2)))


def _size(net: Net, x: int) -> tuple[int, int]:
    """Steps and channels of a sequence in any shape."""
    shape = net.shape(x)
    return max(shape[1:-1]), shape[-1]


def _row(net: Net, x: int) -> int:
    steps, channels = _size(net, x)
    return _shaped(net, x, (1, 1, steps, channels))


def _plain(net: Net, x: int) -> int:
    steps, channels = _size(net, x)
    return _shaped(net, x, (1, steps, channels))


def _conv(net: Net, x: int, channels: int, kernel: int, *, dilation: int = 1, padding: int = 0) -> int:
    """CONV_2D of an image of one row; padding: 0 for SAME, 1 for VALID."""
    steps, depth = _size(net, x)
    assert not padding or steps > (kernel - 1) * dilation
    weights, bias, zero = net.weights((channels, 1, kernel, depth), 0, kernel * depth, x)
    if bias < 0:
        bias = net.writer.tensor((channels,), "int32", 1.0, 0, data=np.zeros(channels))
    left = steps - (kernel - 1) * dilation if padding else steps
    y = net.activation((1, 1, left, channels), net.output_scale(x, weights, kernel * depth), zero)
    net.writer.op(
        "CONV_2D",
        [x, weights, bias],
        [y],
        padding=padding,
        stride_h=1,
        stride_w=1,
        dilation_h_factor=1,
        dilation_w_factor=dilation,
        fused_activation_function=net.fused(),
    )
    return y


def _pool(net: Net, x: int) -> int:
    """MAX or AVERAGE_POOL_2D of an image of one column."""
    steps, channels = _size(net, x)
    if steps < 4:
        return x
    x = _shaped(net, x, (1, steps, 1, channels))
    size, padding = net.pick((2, 3)), net.pick((0, 1))
    stride = net.pick((1, 2, size))
    left = (steps - size) // stride + 1 if padding else -(-steps // stride)
    y = net.like(x, (1, left, 1, channels))
    net.writer.op(
        net.pick(("MAX_POOL_2D", "AVERAGE_POOL_2D")),
        [x],
        [y],
        padding=padding,
        stride_h=stride,
        stride_w=1,
        filter_height=size,
        filter_width=1,
    )
    return y


def _stack(net: Net, x: int) -> int:
    """Any window, at times with a stride, and at times a pool."""
    y = net.pick((conv_2d, depthwise_conv_2d, IMAGE_LAYERS["max_pool_2d"]))(net, _row(net, x))[0]
    if net.chance(0.4):
        y = LAYERS[net.pick(("relu", "hard_swish", "logistic"))](net, _plain(net, y))[0]
    return _pool(net, y) if net.chance(0.4) else y


def _residual(net: Net, x: int) -> int:
    x = _plain(net, x)
    steps, channels = _size(net, x)
    y = _conv(net, _row(net, x), net.size(2, 8), net.pick((1, 3, 5)))
    y = _conv(net, y, channels, net.pick((1, 3)))
    return binary(net, net.pick(("ADD", "ADD", "MUL")), x, _shaped(net, y, (1, steps, channels)))[0]


def _dilated(net: Net, x: int) -> int:
    """A causal convolution: PAD of the sequence, then a dilated window without padding."""
    x = _plain(net, x)
    steps, channels = _size(net, x)
    kernel, dilation = net.pick((2, 3)), net.pick((1, 2, 4))
    spec = net.spec(x)
    before = (kernel - 1) * dilation
    padded = net.activation((1, steps + before, channels), spec.scale, spec.zero_point)
    net.writer.op("PAD", [x, net.writer.constant([[0, 0], [before, 0], [0, 0]])], [padded])
    y = _conv(net, _row(net, padded), net.size(2, 8), kernel, dilation=dilation, padding=1)
    return _pool(net, y) if net.chance(0.3) else y


def _gated(net: Net, x: int) -> int:
    """Squeeze-and-excite, or two branches side by side."""
    y = depthwise_conv_2d(net, _row(net, x))[0]
    steps, channels = _size(net, y)
    if net.chance(0.5):
        mean = _mean_of(net, y, (1, 1, 1, channels))
        net.writer.op("MEAN", [y, net.writer.constant([1, 2])], [mean], keep_dims=True)
        gate = LAYERS["logistic"](net, _conv(net, mean, channels, 1))[0]
        return binary(net, "MUL", y, gate)[0]
    other = _conv(net, y, channels, net.pick((1, 3)))
    spec = net.spec(y)
    same = net.activation((1, 1, steps, channels), spec.scale, spec.zero_point)
    net.writer.op("QUANTIZE", [other], [same])
    return concatenate(net, [y, same], 3)[0]


_BLOCKS: dict[str, Callable[[Net, int], int]] = {
    "stack": _stack,
    "residual": _residual,
    "dilated": _dilated,
    "gated": _gated,
}


def _head(net: Net, x: int) -> list[int]:
    """The mean over all steps, or the whole sequence, and a dense layer."""
    steps, channels = _size(net, x)
    y = _shaped(net, x, (1, steps * channels))
    if net.chance(0.7):
        mean = _mean_of(net, x, (1, channels))
        if net.chance(0.5):
            net.writer.op("MEAN", [_plain(net, x), net.writer.constant([1])], [mean], keep_dims=False)
        else:
            net.writer.op("MEAN", [_row(net, x), net.writer.constant([1, 2])], [mean], keep_dims=False)
        y = mean
    return LAYERS["fully_connected"](net, y)
