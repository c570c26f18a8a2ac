"""Seeded networks of 3 to 15 ops as real ones are built: stems, residual blocks, branches, heads, odd sizes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.modelgen import random_model
from tests.modelgen.graphs import net_pointwise
from tests.modelgen.layers import IMAGE_LAYERS, LAYERS, binary, concatenate, conv_2d, depthwise_conv_2d, mean
from tests.modelgen.net import Net, elements
from tests.modelgen.sequences import sequence_model
from tinyc.frontends import load_tflite
from tinyc.ir import DTYPES, Array, Graph
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.passes import optimize
from tinyc.verify.expected import Vectors

#: Of ten seeds, so many give a network of this file; the others give a model of tests/modelgen.
_OWN = 7
#: Elements beyond which a tensor is not built upon.
_LARGEST = 1500


def network(seed: int) -> Graph:
    """One optimised graph; the same seed gives the same one everywhere."""
    if seed % 10 >= _OWN:
        case = random_model(seed)
        return optimize(load_tflite(case.data, case.name, "litert"))
    net = Net(f"network_{seed}", np.random.default_rng((seed, 2)))
    outputs = _image_network(net)
    return optimize(load_tflite(net.finish(outputs), net.writer.name, "litert"))


def sequence(seed: int) -> Graph:
    """A network over a sequence."""
    case = sequence_model(seed)
    return optimize(load_tflite(case.data, case.name, "litert"))


def chain(seed: int) -> Graph:
    """Four ops on a wide image that ends small: worth cutting into strips."""
    net = Net(f"chain_{seed}", np.random.default_rng((seed, 5)))
    x = net.input((1, net.size(8, 12), net.size(16, 24), 1))
    x = net_pointwise(net, x, net.size(6, 9))
    x = _same_depthwise(net, x)
    x = net_pointwise(net, x, net.size(1, 2))
    _, h, w, c = net.shape(x)
    y = net.like(x, (1, h // 2, w // 2, c))
    net.writer.op("MAX_POOL_2D", [x], [y], padding=1, stride_h=2, stride_w=2, filter_height=2, filter_width=2)
    return optimize(load_tflite(net.finish([y]), net.writer.name, "litert"))


def inputs_of(graph: Graph, seed: int) -> dict[str, Array]:
    """Random values of the graph's inputs, by tensor."""
    rng = np.random.default_rng((seed, 3))
    found: dict[str, Array] = {}
    for port in graph.inputs:
        kind = graph.type(port.tensor)
        if kind.dtype == "float32":
            found[port.tensor] = (rng.integers(-640, 641, kind.shape) / 64).astype(np.float32)
        else:
            found[port.tensor] = rng.integers(-128, 128, kind.shape).astype(DTYPES[kind.dtype])
    return found


def vectors_of(graph: Graph, seed: int) -> Vectors:
    """Two samples at the model's outside, and what our numpy reference computes for them."""
    rng = np.random.default_rng((seed, 4))
    inputs: list[list[Array]] = []
    outputs: list[list[Array]] = []
    for _ in range(2):
        sample = [
            (rng.integers(-640, 641, p.type.shape) / 64).astype(np.float32)
            if p.type.dtype == "float32"
            else rng.integers(-128, 128, p.type.shape).astype(DTYPES[p.type.dtype])
            for p in graph.inputs
        ]
        values = evaluate(
            graph, {p.tensor: to_port(p, graph, x) for p, x in zip(graph.inputs, sample, strict=True)}
        )
        inputs.append(sample)
        outputs.append([from_port(p, graph, values[p.tensor]) for p in graph.outputs])
    return Vectors(
        tuple(np.stack(column) for column in zip(*inputs, strict=True)),
        tuple(np.stack(column) for column in zip(*outputs, strict=True)),
        "numpy",
    )


def _image_network(net: Net) -> list[int]:
    width = 1 if net.chance(0.1) else net.size(2, 11)
    x = net.input((1, net.size(2, 10), width, net.pick((1, 2, 3, 4))))
    heads: list[int] = []
    for _ in range(net.size(2, 5)):
        x = net.pick(_BLOCKS)(net, x)
        if len(net.shape(x)) != 4 or elements(net.shape(x)) > _LARGEST:
            break
        if net.chance(0.25):
            heads.append(_detection_head(net, x))
    if net.chance(0.4) and len(net.shape(x)) == 4:
        x = _classifier(net, x)
    return list(dict.fromkeys([*heads, x]))[:: 1 if net.chance(0.5) else -1]


def _separable(net: Net, x: int) -> int:
    y = depthwise_conv_2d(net, x)[0]
    return net_pointwise(net, y, net.size(1, 6))


def _convolution(net: Net, x: int) -> int:
    return conv_2d(net, x)[0]


def _residual(net: Net, x: int) -> int:
    y = net_pointwise(net, x, net.size(1, 6))
    y = _same_depthwise(net, y)
    y = net_pointwise(net, y, net.shape(x)[3])
    return binary(net, net.pick(("ADD", "ADD", "MUL")), *((x, y) if net.chance(0.5) else (y, x)))[0]


def _same_depthwise(net: Net, x: int) -> int:
    _, h, w, c = net.shape(x)
    kernel = (net.pick((1, 3, 5)), net.pick((1, 3)))
    dilation = net.pick((1, 1, 2))
    weights, bias, zero = net.weights((1, *kernel, c), 3, kernel[0] * kernel[1], x)
    y = net.activation((1, h, w, c), net.output_scale(x, weights, kernel[0] * kernel[1]), zero)
    net.writer.op(
        "DEPTHWISE_CONV_2D",
        [x, weights] if bias < 0 else [x, weights, bias],
        [y],
        padding=0,
        stride_h=1,
        stride_w=1,
        depth_multiplier=1,
        dilation_h_factor=dilation,
        dilation_w_factor=dilation,
        fused_activation_function=net.fused(),
    )
    return y


def _two_branches(net: Net, x: int) -> int:
    """A shallow and a deep branch, joined by ADD or by channels."""
    c = net.size(1, 4)
    a = net_pointwise(net, x, c)
    b = net_pointwise(net, x, c)
    for _ in range(net.size(1, 2)):
        b = _same_depthwise(net, b)
    if net.chance(0.5):
        return binary(net, "ADD", a, b)[0]
    spec = net.spec(a)
    joined = net.activation(net.shape(b), spec.scale, spec.zero_point)
    net.writer.op("QUANTIZE", [b], [joined])
    return concatenate(net, [a, joined], net.pick((1, 2, 3, 3)))[0]


def _activation(net: Net, x: int) -> int:
    return LAYERS[net.pick(("relu", "hard_swish", "logistic", "leaky_relu", "prelu", "abs", "maximum"))](
        net, x
    )[0]


def _pool(net: Net, x: int) -> int:
    return IMAGE_LAYERS[net.pick(("max_pool_2d", "average_pool_2d"))](net, x)[0]


def _up_down(net: Net, x: int) -> int:
    _, h, w, c = net.shape(x)
    small = IMAGE_LAYERS["max_pool_2d"](net, x)[0]
    large = net.like(x, (1, h, w, c))
    kind = net.pick(("RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"))
    net.writer.op(kind, [small, net.writer.constant([h, w])], [large], half_pixel_centers=net.chance(0.5))
    return concatenate(net, [x, large] if net.chance(0.5) else [large, x], 3)[0]


def _decoder(net: Net, x: int) -> int:
    """An image made larger, or where it is large already, smaller."""
    if elements(net.shape(x)) > _LARGEST // 4:
        return IMAGE_LAYERS["max_pool_2d"](net, x)[0]
    return IMAGE_LAYERS[net.pick(("transpose_conv", "transpose_conv", "resize_bilinear"))](net, x)[0]


def _gate(net: Net, x: int) -> int:
    """Squeeze and excite."""
    c = net.shape(x)[3]
    y = net.like(x, (1, 1, 1, c))
    net.writer.op("MEAN", [x, net.writer.constant([1, 2])], [y], keep_dims=True)
    return binary(net, "MUL", x, LAYERS["logistic"](net, net_pointwise(net, y, c))[0])[0]


def _moved(net: Net, x: int) -> int:
    """An op that only moves bytes, within their rows or across them."""
    kind = net.pick((*_MOVES, "pad", "strided_slice", "transpose", "reshape"))
    y = {**IMAGE_LAYERS, **LAYERS}[kind](net, x)[0]
    return y if len(net.shape(y)) == 4 and net.shape(y)[0] == 1 else LAYERS["relu"](net, x)[0]


_MOVES = ("space_to_depth", "depth_to_space", "channel_shuffle")


def _rank_3(net: Net, x: int) -> int:
    """Rows as vectors: [1, H, W * C], through a dense layer per row, and back."""
    _, h, w, c = net.shape(x)
    y = net.like(x, (1, h, w * c))
    net.writer.op("RESHAPE", [x, net.writer.constant([1, h, w * c])], [y], new_shape=[1, h, w * c])
    y = LAYERS[net.pick(("relu", "softmax", "tanh"))](net, y)[0]
    z = net.like(y, (1, h, w, c))
    net.writer.op("RESHAPE", [y, net.writer.constant([1, h, w, c])], [z], new_shape=[1, h, w, c])
    return z


_BLOCKS: tuple[Callable[[Net, int], int], ...] = (
    _separable,
    _separable,
    _convolution,
    _residual,
    _residual,
    _two_branches,
    _two_branches,
    _activation,
    _pool,
    _up_down,
    _decoder,
    _gate,
    _moved,
    _moved,
    _rank_3,
)


def _detection_head(net: Net, x: int) -> int:
    y = net_pointwise(net, x, net.size(1, 5))
    shape = (1, elements(net.shape(y)[1:3]), net.shape(y)[3])
    z = net.like(y, shape)
    net.writer.op("RESHAPE", [y, net.writer.constant(list(shape))], [z], new_shape=list(shape))
    return LAYERS[net.pick(("logistic", "softmax"))](net, z)[0] if net.chance(0.7) else z


def _classifier(net: Net, x: int) -> int:
    y = mean(net, x)[0]
    if net.shape(y) and len(net.shape(y)) > 1:
        y = LAYERS["fully_connected"](net, y)[0]
    return LAYERS["softmax"](net, y)[0] if net.shape(y) else y
