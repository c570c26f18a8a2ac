"""Random networks of the model generator with many dead channels: zero filters, unread inputs, clamped outputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from tests.modelgen import graphs, layers
from tests.modelgen.net import Net


class SparseNet(Net):
    """A net whose weights are zero for whole output channels, and for whole input channels."""

    def weights(self, shape: Sequence[int], axis: int, depth: int, source: int) -> tuple[int, int, int]:
        w, bias, zero = super().weights(shape, axis, depth, source)
        spec = self.writer.tensors[w]
        assert spec.data is not None
        data = np.moveaxis(spec.data.copy(), axis, 0)
        data[self.rng.random(len(data)) < self.pick((0.2, 0.5, 0.9))] = 0
        if axis == 0:
            data[..., self.rng.random(data.shape[-1]) < self.pick((0.0, 0.3, 0.8))] = 0
        self.writer.tensors[w] = replace(spec, data=np.ascontiguousarray(np.moveaxis(data, 0, axis)))
        if bias >= 0:
            spec = self.writer.tensors[bias]
            assert spec.data is not None
            values = np.where(self.rng.random(spec.data.shape) < 0.2, spec.data * 30, spec.data)
            values[self.rng.random(values.shape) < 0.2] = 0
            self.writer.tensors[bias] = replace(spec, data=values.astype(np.int32))
        if self.chance(0.5):
            zero = -128
        return w, bias, zero


def mobile(net: Net) -> list[int]:
    """Pointwise and depthwise in turns, then a classifier."""
    x = net.image(net.pick((1, 3)))
    for _ in range(net.size(2, 5)):
        x = layers.depthwise_conv_2d(net, layers.conv_2d(net, x)[0])[0]
    x = layers.conv_2d(net, x)[0]
    return layers.fully_connected(net, x)


def inverted(net: Net) -> list[int]:
    """Inverted residuals: expand, depthwise, project, add; one of them with a gate per channel."""
    x = graphs.net_pointwise(net, net.image(3), net.pick((4, 8)))
    for _ in range(net.size(1, 3)):
        y = graphs.net_pointwise(net, x, net.pick((8, 17)))
        y = layers.depthwise_conv_2d(net, y)[0]
        if net.chance(0.4):
            c = net.shape(y)[3]
            z = net.activation((1, 1, 1, c), net.spec(y).scale)
            net.writer.op("MEAN", [y, net.writer.constant([1, 2])], [z], keep_dims=True)
            gate = layers.logistic(net, graphs.net_pointwise(net, z, c))[0]
            y = layers.binary(net, "MUL", y, gate)[0]
        y = graphs.net_pointwise(net, y, net.shape(x)[3])
        x = layers.binary(net, net.pick(("ADD", "SUB")), x, y)[0] if net.shape(x) == net.shape(y) else y
    return layers.conv_2d(net, x)


def joined(net: Net) -> list[int]:
    """Branches of one convolution, concatenated with a constant, padded, sliced and read again."""
    x = graphs.net_pointwise(net, net.image(3), net.pick((3, 8)))
    spec = net.spec(x)
    parts = [x]
    for _ in range(net.size(1, 3)):
        y = graphs.net_pointwise(net, x, net.pick((3, 8)))
        z = net.like(x, net.shape(y))
        net.writer.op("QUANTIZE", [y], [z])
        parts.append(z)
    constant = (*net.shape(x)[:3], 3)
    data = np.broadcast_to(net.bytes(constant[3:], -128), constant)
    parts.append(net.writer.tensor(constant, "int8", spec.scale, spec.zero_point, data=data))
    y = layers.concatenate(net, parts, 3)[0]
    for _ in range(net.size(1, 3)):
        kind = net.pick(("pad", "strided_slice", "reshape", "average_pool_2d", "relu6", "transpose"))
        y = {**layers.IMAGE_LAYERS, **layers.LAYERS}[kind](net, y)[0]
        if len(net.shape(y)) != 4:
            return layers.fully_connected(net, y)
    return layers.conv_2d(net, y) + (layers.softmax(net, y) if net.chance(0.2) else [])


#: Patterns of the generator that read what a convolution computed, and a few more.
PATTERNS: dict[str, Callable[[Net], list[int]]] = {
    **{
        name: graphs.GRAPHS[name] for name in ("residual", "branches", "classifier", "dense", "upsample_skip")
    },
    "mobile": mobile,
    "inverted": inverted,
    "joined": joined,
}


def sparse_model(seed: int) -> bytes:
    """A model file. Patterns take turns."""
    name = tuple(PATTERNS)[seed % len(PATTERNS)]
    net = SparseNet(f"{name}_{seed}", np.random.default_rng((seed, 77)))
    outputs = PATTERNS[name](net) or list(net.writer.ops[-1].outputs)
    return net.finish(outputs)
