"""Small networks of a few ops: the patterns that passes, planners and schedules have to get right."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from tests.modelgen import layers
from tests.modelgen.layers import IMAGE_LAYERS, LAYERS
from tests.modelgen.net import Net, elements


def residual(net: Net) -> list[int]:
    """pointwise, depthwise, pointwise, and the input added again; twice."""
    x = net.image(net.pick((3, 8, 16)))
    for _ in range(2):
        y = layers.depthwise_conv_2d(net, layers.conv_2d(net, x)[0])[0]
        y = net_pointwise(net, y, net.shape(x)[3])
        x = layers.binary(net, "ADD", x, y)[0] if net.shape(x) == net.shape(y) else y
    return [x]


def net_pointwise(net: Net, x: int, channels: int) -> int:
    """A 1 x 1 convolution to a given number of channels."""
    _, h, w, c = net.shape(x)
    weights, bias, zero = net.weights((channels, 1, 1, c), 0, c, x)
    y = net.activation((1, h, w, channels), net.output_scale(x, weights, c), zero)
    if bias < 0:
        bias = net.writer.tensor((channels,), "int32", 1.0, 0, data=np.zeros(channels))
    net.writer.op(
        "CONV_2D",
        [x, weights, bias],
        [y],
        padding=1,
        stride_h=1,
        stride_w=1,
        dilation_h_factor=1,
        dilation_w_factor=1,
        fused_activation_function=net.fused(),
    )
    return y


def branches(net: Net) -> list[int]:
    """Two or three branches of one image, concatenated by channels."""
    x = net.image()
    spec = net.spec(x)
    parts = []
    for _ in range(net.size(2, 3)):
        y = net_pointwise(net, x, net.pick((1, 3, 8)))
        z = net.activation(net.shape(y), spec.scale, spec.zero_point)
        net.writer.op("QUANTIZE", [y], [z])
        parts.append(z)
    parts.append(x)
    y = layers.concatenate(net, parts, 3)[0]
    return layers.conv_2d(net, y) if net.chance(0.5) else [y]


def pad_conv(net: Net) -> list[int]:
    """PAD before a convolution or a pool, as converters write asymmetric padding."""
    y = layers.pad(net, net.image())[0]
    kind = net.pick((layers.conv_2d, layers.depthwise_conv_2d, IMAGE_LAYERS["max_pool_2d"]))
    return kind(net, y)


def classifier(net: Net) -> list[int]:
    """Convolution, global mean or pool, FULLY_CONNECTED, SOFTMAX."""
    x = layers.conv_2d(net, net.image())[0]
    _, h, w, c = net.shape(x)
    if net.chance(0.5):
        y = net.activation((1, c), net.spec(x).scale * float(net.rng.uniform(0.3, 1)))
        net.writer.op("MEAN", [x, net.writer.constant([1, 2])], [y], keep_dims=False)
    else:
        pooled = net.like(x, (1, 1, 1, c))
        net.writer.op(
            "AVERAGE_POOL_2D",
            [x],
            [pooled],
            padding=1,
            stride_h=1,
            stride_w=1,
            filter_height=h,
            filter_width=w,
        )
        y = net.like(x, (1, c))
        net.writer.op("RESHAPE", [pooled, net.writer.constant([-1, c])], [y], new_shape=[-1, c])
    y = layers.fully_connected(net, y)[0]
    return net.pick((layers.softmax, layers.logistic, layers.tanh))(net, y)


def dense(net: Net) -> list[int]:
    """A few FULLY_CONNECTED in a row."""
    x = net.input((1, net.size(1, 60)))
    for _ in range(net.size(2, 4)):
        x = layers.fully_connected(net, x)[0]
    return [x]


def squeeze_excite(net: Net) -> list[int]:
    """An image scaled by a gate per channel, computed from its own mean."""
    x = net.image(net.pick((4, 8, 17)))
    c = net.shape(x)[3]
    y = net.like(x, (1, 1, 1, c))
    net.writer.op("MEAN", [x, net.writer.constant([1, 2])], [y], keep_dims=True)
    gate = layers.logistic(net, net_pointwise(net, net_pointwise(net, y, 3), c))[0]
    return layers.binary(net, "MUL", x, gate)


def split_join(net: Net) -> list[int]:
    """SPLIT by channels, each part its own way, joined again in another order."""
    x = net.image(net.pick((4, 6, 8)))
    shape = net.shape(x)
    parts = [net.like(x, (*shape[:3], shape[3] // 2)) for _ in range(2)]
    net.writer.op("SPLIT", [net.writer.constant(3), x], parts, num_splits=2)
    spec = net.spec(x)
    ways = []
    for part in parts:
        y = net.activation(net.shape(part), spec.scale, spec.zero_point)
        net.writer.op(net.pick(("RELU", "QUANTIZE", "RELU6")), [part], [y])
        ways.append(y)
    return layers.concatenate(net, ways[::-1], net.pick((1, 2, 3)))


def upsample_skip(net: Net) -> list[int]:
    """Pool, resize back, concatenate with what was there before: half a U-Net."""
    c = net.pick((1, 3, 8))
    x = net.input((1, 2 * net.size(1, 5), 2 * net.size(1, 5), c))
    _, h, w, _ = net.shape(x)
    small = net.like(x, (1, h // 2, w // 2, c))
    net.writer.op(
        "MAX_POOL_2D", [x], [small], padding=1, stride_h=2, stride_w=2, filter_height=2, filter_width=2
    )
    large = net.like(x, (1, h, w, c))
    kind = net.pick(("RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"))
    net.writer.op(kind, [small, net.writer.constant([h, w])], [large], half_pixel_centers=net.chance(0.5))
    y = layers.concatenate(net, [x, large], 3)[0]
    return layers.conv_2d(net, y)


def many_outputs(net: Net) -> list[int]:
    """Intermediate tensors that are outputs too, and an output that is read again."""
    x = net.image()
    a = layers.conv_2d(net, x)[0]
    b = LAYERS["relu"](net, a)[0]
    c = layers.depthwise_conv_2d(net, b)[0]
    return [c, a, b] if net.chance(0.5) else [b, c]


def float_border(net: Net) -> list[int]:
    """QUANTIZE at the input, DEQUANTIZE at the output, or only one of them."""
    shape = (1, net.size(2, 9), net.size(2, 9), net.pick((1, 3)))
    if net.chance(0.75):
        real = net.writer.tensor(shape, "float32")
        net.inputs.append(real)
        x = net.activation(shape)
        net.writer.op("QUANTIZE", [real], [x])
    else:
        x = net.input(shape)
    y = net.pick((layers.conv_2d, layers.fully_connected, LAYERS["mul"], IMAGE_LAYERS["max_pool_2d"]))(
        net, x
    )[0]
    if net.chance(0.75):
        out = net.writer.tensor(net.shape(y), "float32")
        net.writer.op("DEQUANTIZE", [y], [out])
        return [out]
    return [y]


def movement(net: Net) -> list[int]:
    """Ops that only move bytes, in a row, around one that computes."""
    x = net.image()
    movers = ("reshape", "transpose", "pad", "strided_slice", "squeeze")
    x = LAYERS[net.pick(movers)](net, x)[0]
    if net.shape(x):
        x = LAYERS[net.pick(("fully_connected", "relu6", "mul"))](net, x)[0]
    if net.shape(x):
        x = LAYERS[net.pick(movers)](net, x)[0]
    return [x]


def wild(net: Net) -> list[int]:
    """Any ops, each reading any earlier tensor; every tensor that nothing reads is an output."""
    tensors = [net.image(net.pick((1, 3, 4, 8)), 8)]
    first = len(net.writer.ops)
    for _ in range(net.size(4, 9)):
        x = tensors[-1] if net.chance(0.7) else net.pick(tensors)
        table = {**IMAGE_LAYERS, **LAYERS} if len(net.shape(x)) == 4 and net.shape(x)[0] == 1 else LAYERS
        if not net.shape(x) or elements(net.shape(x)) > 4000:
            continue
        tensors += table[net.pick(tuple(table))](net, x)
    ops = net.writer.ops[first:]
    read = {i for op in ops for i in op.inputs}
    return [o for op in ops for o in op.outputs if o not in read]


#: Every pattern.
GRAPHS: Mapping[str, Callable[[Net], list[int]]] = {
    "residual": residual,
    "branches": branches,
    "pad_conv": pad_conv,
    "classifier": classifier,
    "dense": dense,
    "squeeze_excite": squeeze_excite,
    "split_join": split_join,
    "upsample_skip": upsample_skip,
    "many_outputs": many_outputs,
    "float_border": float_border,
    "movement": movement,
    "wild": wild,
}
