"""One function per op kind: adds an op of random attributes to a net and returns its output tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil

import numpy as np

from tests.modelgen.net import CHANNELS, Net, elements

_SAME, _VALID = 0, 1

#: Windows as (height, width): square, 1 x N, N x 1, even, larger than most images.
_WINDOWS = ((1, 1), (3, 3), (2, 2), (1, 3), (3, 1), (1, 5), (5, 1), (5, 5), (2, 3), (4, 3), (7, 2))


def _window(net: Net, x: int, dilate: bool) -> tuple[int, int, int, int, int, int, int]:
    """(kernel h and w, stride h and w, dilation h and w, padding) that leave at least one output."""
    _, h, w, _ = net.shape(x)
    kh, kw = net.pick(_WINDOWS)
    dh = net.size(1, 3) if dilate and net.chance(0.3) else 1
    dw = net.size(1, 3) if dilate and net.chance(0.3) else 1
    sh = net.pick((1, 1, 2, 3)) if dh == dw == 1 else 1
    sw = net.pick((1, 1, 2, 3)) if dh == dw == 1 else 1
    padding = net.pick((_SAME, _VALID))
    if padding == _VALID and ((kh - 1) * dh + 1 > h or (kw - 1) * dw + 1 > w):
        padding = _SAME
    return kh, kw, sh, sw, dh, dw, padding


def _extent(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    if padding == _SAME:
        return ceil(size / stride)
    return ceil((size - (kernel - 1) * dilation) / stride)


def conv_2d(net: Net, x: int) -> list[int]:
    _, h, w, c = net.shape(x)
    kh, kw, sh, sw, dh, dw, padding = _window(net, x, dilate=True)
    out = net.pick(CHANNELS)
    depth = kh * kw * c
    weights, bias, zero = net.weights((out, kh, kw, c), 0, depth, x)
    y = net.activation(
        (1, _extent(h, kh, sh, dh, padding), _extent(w, kw, sw, dw, padding), out),
        net.output_scale(x, weights, depth),
        zero,
    )
    if bias < 0:  # LiteRT wants one
        bias = net.writer.tensor((out,), "int32", 1.0, 0, data=np.zeros(out))
    net.writer.op(
        "CONV_2D",
        [x, weights, bias],
        [y],
        padding=padding,
        stride_h=sh,
        stride_w=sw,
        dilation_h_factor=dh,
        dilation_w_factor=dw,
        fused_activation_function=net.fused(),
    )
    return [y]


def depthwise_conv_2d(net: Net, x: int) -> list[int]:
    _, h, w, c = net.shape(x)
    kh, kw, sh, sw, dh, dw, padding = _window(net, x, dilate=True)
    multiplier = net.pick((1, 1, 1, 2, 3)) if c < 17 else 1
    weights, bias, zero = net.weights((1, kh, kw, c * multiplier), 3, kh * kw, x)
    y = net.activation(
        (1, _extent(h, kh, sh, dh, padding), _extent(w, kw, sw, dw, padding), c * multiplier),
        net.output_scale(x, weights, kh * kw),
        zero,
    )
    net.writer.op(
        "DEPTHWISE_CONV_2D",
        [x, weights] if bias < 0 else [x, weights, bias],
        [y],
        padding=padding,
        stride_h=sh,
        stride_w=sw,
        depth_multiplier=multiplier,
        dilation_h_factor=dh,
        dilation_w_factor=dw,
        fused_activation_function=net.fused(),
    )
    return [y]


def dilated_conv(net: Net, x: int) -> list[int]:
    """As the converter writes it: phases of the image as batches, a plain convolution, and back.

    Without pads, which TFLM leaves unwritten; tests/frontends/test_dilation.py has them.
    """
    _, h, w, c = net.shape(x)
    depthwise = net.chance(0.4)
    kernel = net.pick(((1, 3), (3, 3), (3, 1), (2, 2)))
    kernel = tuple(k if k <= n else 1 for k, n in zip(kernel, (h, w), strict=True))
    block = [
        net.pick([b for b in (1, 2, 3) if size % b == 0 and (k - 1) * b < size])
        for size, k in zip((h, w), kernel, strict=True)
    ]
    pads = crops = [[0, 0], [0, 0]]
    inner = [n // b for n, b in zip((h, w), block, strict=True)]
    made = [n - k + 1 for n, k in zip(inner, kernel, strict=True)]
    out = c if depthwise else net.pick(CHANNELS)
    depth = kernel[0] * kernel[1] * (1 if depthwise else c)
    shape = (1, *kernel, c) if depthwise else (out, *kernel, c)
    weights, bias, zero = net.weights(shape, 3 if depthwise else 0, depth, x)
    if bias < 0:
        bias = net.writer.tensor((out,), "int32", 1.0, 0, data=np.zeros(out))
    phases = net.like(x, (block[0] * block[1], *inner, c))
    scale = net.output_scale(x, weights, depth)
    done = net.activation((block[0] * block[1], *made, out), scale, zero)
    left = [n * b for n, b in zip(made, block, strict=True)]
    y = net.like(done, (1, *left, out))
    net.writer.op("SPACE_TO_BATCH_ND", [x, net.writer.constant(block), net.writer.constant(pads)], [phases])
    net.writer.op(
        "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
        [phases, weights, bias],
        [done],
        padding=_VALID,
        stride_h=1,
        stride_w=1,
        fused_activation_function=net.fused(),
        **({"depth_multiplier": 1} if depthwise else {}),
    )
    net.writer.op("BATCH_TO_SPACE_ND", [done, net.writer.constant(block), net.writer.constant(crops)], [y])
    return [y]


def transpose_conv(net: Net, x: int) -> list[int]:
    """Of the output sizes that the stride leaves open, any."""
    _, h, w, c = net.shape(x)
    kh, kw = net.pick(_WINDOWS)
    sh, sw = net.pick((1, 2, 2, 3)), net.pick((1, 2, 2, 3))
    padding = net.pick((_SAME, _VALID))
    more = net.size(0, sh - 1), net.size(0, sw - 1)
    if padding == _SAME:
        size = h * sh - more[0], w * sw - more[1]
    else:
        size = (h - 1) * sh + kh + more[0], (w - 1) * sw + kw + more[1]
    out = net.pick(CHANNELS)
    depth = max(1, kh * kw * c // (sh * sw))
    weights, bias, zero = net.weights((out, kh, kw, c), 0, depth, x)
    y = net.activation((1, *size, out), net.output_scale(x, weights, depth), zero)
    net.writer.op(
        "TRANSPOSE_CONV",
        [net.writer.constant([1, *size, out]), weights, x, *([bias] if bias >= 0 else [])],
        [y],
        padding=padding,
        stride_h=sh,
        stride_w=sw,
        fused_activation_function=net.fused(),
    )
    return [y]


def fully_connected(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    keep = len(shape) > 1 and net.chance(0.4)
    depth = shape[-1] if keep or net.chance(0.3) else elements(shape)
    out = net.pick(CHANNELS)
    weights, bias, zero = net.weights((out, depth), 0, depth, x)
    y_shape = (*shape[:-1], out) if keep else (elements(shape) // depth, out)
    y = net.activation(y_shape, net.output_scale(x, weights, depth), zero)
    net.writer.op(
        "FULLY_CONNECTED",
        [x, weights, bias],
        [y],
        fused_activation_function=net.fused(),
        keep_num_dims=keep,
    )
    return [y]


def _second(net: Net, x: int) -> int:
    """A partner of x: of its shape or one that broadcasts, an input, a constant, or x itself."""
    shape = net.shape(x)
    style = net.rng.random()
    if style < 0.1:
        return x
    if style < 0.6:
        other = shape
    elif style < 0.7:
        other = (1,) * len(shape)
    elif style < 0.8:
        other = shape[-1:]
    else:
        other = tuple(n if net.chance(0.5) else 1 for n in shape)
    if net.chance(0.4) or (len(other) > 1 and other[0] != 1):  # an input of more than 1 would be a batch
        data = net.bytes(other, -128)
        return net.writer.tensor(other, "int8", net.scale(), net.zero_point(), data=data)
    return net.input(other)


def _binary(kind: str) -> Callable[[Net, int], list[int]]:
    def layer(net: Net, x: int) -> list[int]:
        other = _second(net, x)
        pair = [x, other] if net.chance(0.7) else [other, x]
        return binary(net, kind, pair[0], pair[1])

    return layer


#: The least scale of a product.
LEAST = 2.0**-20


def binary(net: Net, kind: str, a: int, b: int) -> list[int]:
    """ADD, SUB or MUL of two given tensors."""
    shape = np.broadcast_shapes(net.shape(a), net.shape(b))
    sa, sb = net.spec(a).scale, net.spec(b).scale
    typical = sa * sb * 90 if kind == "MUL" else max(sa, sb)
    factor = net.pick((1 / 64, 1 / 8, 16)) if net.chance(0.15) else net.rng.uniform(0.4, 2.5)
    # of products of products: bounds of a fused activation are to fit 32 bits in units of it, also convolutions behind
    scale = max(typical * factor, LEAST) if kind == "MUL" else typical * factor
    y = net.activation(shape, float(np.float32(scale)))
    net.writer.op(kind, [a, b], [y], fused_activation_function=net.fused())
    return [y]


def _extreme(kind: str) -> Callable[[Net, int], list[int]]:
    """Both operands and the output of one quantization, as converters give them."""

    def layer(net: Net, x: int) -> list[int]:
        spec = net.spec(x)
        shape = tuple(n if net.chance(0.7) else 1 for n in spec.shape)
        if net.chance(0.4):
            given = net.pick((shape, shape[1:], shape[-1:], ()))
            other = net.writer.tensor(given, "int8", spec.scale, spec.zero_point, data=net.bytes(given, -128))
        else:
            other = net.input((1, *shape[1:]), spec.scale, spec.zero_point)
        y = net.like(x, np.broadcast_shapes(spec.shape, net.shape(other)))
        net.writer.op(kind, [x, other] if net.chance(0.7) else [other, x], [y])
        return [y]

    return layer


def prelu(net: Net, x: int) -> list[int]:
    """Slopes per channel, per element, or fewer."""
    spec = net.spec(x)
    channels = (*(1 for _ in spec.shape[1:-1]), spec.shape[-1])
    if net.chance(0.8):
        given = net.pick((channels, channels, spec.shape[1:] or (1,), (1,)))
        alpha = net.writer.tensor(given, "int8", net.scale(), net.zero_point(), data=net.bytes(given, -128))
    else:
        alpha = net.input((1, *(n if net.chance(0.7) else 1 for n in spec.shape[1:])))
    y = net.activation(spec.shape, float(np.float32(spec.scale * net.rng.uniform(0.3, 3))))
    net.writer.op("PRELU", [x, alpha], [y])
    return [y]


def neg(net: Net, x: int) -> list[int]:
    """In float32 between int8 tensors, as converters write it."""
    shape = net.shape(x)
    real, negative = (net.writer.tensor(shape, "float32") for _ in range(2))
    y = _rescaled(net, x)
    net.writer.op("DEQUANTIZE", [x], [real])
    net.writer.op("NEG", [real], [negative])
    net.writer.op("QUANTIZE", [negative], [y])
    return [y]


def _pool(kind: str) -> Callable[[Net, int], list[int]]:
    def layer(net: Net, x: int) -> list[int]:
        _, h, w, c = net.shape(x)
        kh, kw, sh, sw, _, _, padding = _window(net, x, dilate=False)
        if net.chance(0.2):
            kh, kw, padding = h, w, _VALID
        y = net.like(x, (1, _extent(h, kh, sh, 1, padding), _extent(w, kw, sw, 1, padding), c))
        net.writer.op(
            kind,
            [x],
            [y],
            padding=padding,
            stride_h=sh,
            stride_w=sw,
            filter_height=kh,
            filter_width=kw,
            fused_activation_function=net.fused(),
        )
        return [y]

    return layer


def reduce_max(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    axes = [1, 2] if len(shape) == 4 and net.chance(0.4) else _some_axes(net, len(shape))
    keep = net.chance(0.5)
    y = net.like(x, tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes))
    net.writer.op("REDUCE_MAX", [x, net.writer.constant(axes)], [y], keep_dims=keep)
    return [y]


def _some_axes(net: Net, rank: int) -> list[int]:
    return sorted(int(a) for a in net.rng.choice(rank, net.size(1, rank), replace=False))


def mean(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    rank = len(shape)
    axes = [1, 2] if rank == 4 and net.chance(0.5) else _some_axes(net, rank)
    keep = net.chance(0.5)
    y_shape = tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes)
    written = [a - rank if net.chance(0.2) else a for a in axes]
    same = net.chance(0.4)
    spec = net.spec(x)
    y = net.like(x, y_shape) if same else net.activation(y_shape, spec.scale * float(net.rng.uniform(0.2, 2)))
    axis = net.writer.constant(written[0] if len(written) == 1 and net.chance(0.3) else written)
    net.writer.op("MEAN", [x, axis], [y], keep_dims=keep)
    return [y]


def pad(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    amounts = [[net.size(0, 3), net.size(0, 3)] if net.chance(0.6) else [0, 0] for _ in shape]
    amounts[0] = [0, 0]
    y_shape = tuple(n + a + b for n, (a, b) in zip(shape, amounts, strict=True))
    y = net.like(x, y_shape)
    inputs = [x, net.writer.constant(amounts)]
    kind = net.pick(("PAD", "PADV2"))
    if kind == "PADV2":
        spec = net.spec(x)
        value = np.array([net.size(-128, 127)])
        inputs.append(net.writer.tensor((1,), "int8", spec.scale, spec.zero_point, data=value))
    net.writer.op(kind, inputs, [y])
    return [y]


def reshape(net: Net, x: int) -> list[int]:
    total = elements(net.shape(x))
    shape = net.pick(((1, total), (total,), (1, 1, total), (1, total, 1, 1), _factored(net, total)))
    y = net.like(x, shape)
    given = [-1 if i == len(shape) - 1 and net.chance(0.3) else n for i, n in enumerate(shape)]
    inputs = [x, net.writer.constant(given)]
    net.writer.op("RESHAPE", inputs, [y], new_shape=given)
    return [y]


def _factored(net: Net, total: int) -> tuple[int, ...]:
    """(1, a, b, c) with a * b * c = total."""
    a = net.pick([d for d in range(1, total + 1) if total % d == 0])
    b = net.pick([d for d in range(1, total // a + 1) if total // a % d == 0])
    return (1, a, b, total // a // b)


def squeeze(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    ones = [i for i, n in enumerate(shape) if n == 1]
    if not ones:
        return reshape(net, x)
    count = net.size(1, len(ones))
    dims = sorted(int(i) for i in net.rng.choice(ones, count, replace=False))
    y_shape = tuple(n for i, n in enumerate(shape) if i not in dims)
    y = net.like(x, y_shape)
    everything = dims == ones and net.chance(0.5)
    net.writer.op("SQUEEZE", [x], [y], **({} if everything else {"squeeze_dims": dims}))
    return [y]


def softmax(net: Net, x: int) -> list[int]:
    y = net.activation(net.shape(x), 1 / 256, -128)
    net.writer.op("SOFTMAX", [x], [y], beta=1.0 if net.chance(0.7) else net.pick((0.25, 0.5, 2.0, 10.0)))
    return [y]


def logistic(net: Net, x: int) -> list[int]:
    y = net.activation(net.shape(x), 1 / 256, -128)
    net.writer.op("LOGISTIC", [x], [y])
    return [y]


def tanh(net: Net, x: int) -> list[int]:
    y = net.activation(net.shape(x), 1 / 128, 0)
    net.writer.op("TANH", [x], [y])
    return [y]


def _rescaled(net: Net, x: int) -> int:
    """A tensor of x's shape in another scale: often the same, often wider, sometimes far off."""
    spec = net.spec(x)
    if net.chance(0.35):
        return net.like(x, spec.shape)
    factor = net.pick((1 / 32, 16.0)) if net.chance(0.1) else net.rng.uniform(0.3, 1.5)
    return net.activation(spec.shape, float(np.float32(spec.scale * factor)))


def _unary(kind: str) -> Callable[[Net, int], list[int]]:
    """Ops from one scale to another."""

    def layer(net: Net, x: int) -> list[int]:
        y = _rescaled(net, x)
        options = {}
        if kind == "LEAKY_RELU":
            options = {"alpha": float(np.float32(net.pick((0.01, 0.1, 0.2, 0.3, 0.9, 1.5, 0.0))))}
        net.writer.op(kind, [x], [y], **options)
        return [y]

    return layer


def hard_swish(net: Net, x: int) -> list[int]:
    spec = net.spec(x)
    y = net.activation(spec.shape, float(np.float32(spec.scale * net.rng.uniform(0.3, 1.5))))
    net.writer.op("HARD_SWISH", [x], [y])
    return [y]


def concatenation(net: Net, x: int) -> list[int]:
    """All of one quantization: both references insist on it for int8."""
    shape = net.shape(x)
    axis = net.size(1, len(shape) - 1) if len(shape) > 1 else 0
    parts = [x]
    spec = net.spec(x)
    for _ in range(net.size(1, 3)):
        size = net.size(1, 6)
        other = tuple(size if i == axis else n for i, n in enumerate(shape))
        if net.chance(0.2) or shape[0] != 1:  # an input of more than 1 would be a batch
            data = net.bytes(other, -128)
            parts.append(net.writer.tensor(other, "int8", spec.scale, spec.zero_point, data=data))
        else:
            parts.append(x if net.chance(0.2) else net.input(other, spec.scale, spec.zero_point))
    parts = [parts[i] for i in net.rng.permutation(len(parts))]
    return concatenate(net, parts, axis)


def concatenate(net: Net, parts: list[int], axis: int) -> list[int]:
    shape = net.shape(parts[0])
    total = sum(net.shape(p)[axis] for p in parts)
    y = net.like(parts[0], tuple(total if i == axis else n for i, n in enumerate(shape)))
    net.writer.op("CONCATENATION", parts, [y], axis=axis - len(shape) if net.chance(0.3) else axis)
    return [y]


def strided_slice(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    begin, end, strides, masks, y_shape = [], [], [], [0, 0, 0], []
    for i, n in enumerate(shape):
        step = net.pick((1, 1, 1, 2, 3, -1, -2)) if i > 0 else 1
        first, last = sorted((net.size(0, n - 1), net.size(0, n - 1)))
        b, e = (first, last + 1) if step > 0 else (last, first - 1)
        if i > 0 and net.chance(0.1):
            masks[2] |= 1 << i
            begin, end, strides = (
                [*begin, first - n if net.chance(0.3) else first],
                [*end, first + 1],
                [*strides, 1],
            )
            continue
        if net.chance(0.25):
            masks[0] |= 1 << i
            b = 0 if step > 0 else n - 1
        if net.chance(0.25) or e < 0 or i == 0:
            masks[1] |= 1 << i
            e = n if step > 0 else -1
        y_shape.append(len(range(b, e, step)))
        begin.append(b - n if net.chance(0.2) else b)
        end.append(
            0
            if e < 0
            else e - n
            if e < n and net.chance(0.2)
            else e + (5 if e == n and net.chance(0.1) else 0)
        )
        strides.append(step)
    y = net.like(x, y_shape)
    inputs = [x, net.writer.constant(begin), net.writer.constant(end), net.writer.constant(strides)]
    net.writer.op(
        "STRIDED_SLICE", inputs, [y], begin_mask=masks[0], end_mask=masks[1], shrink_axis_mask=masks[2]
    )
    return [y]


def split(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    choices = [
        (axis, n) for axis, size in enumerate(shape) for n in range(2, 5) if size % n == 0 and axis > 0
    ] or [(len(shape) - 1, 1)]
    axis, count = net.pick(choices)
    part = tuple(n // count if i == axis else n for i, n in enumerate(shape))
    outs = [net.like(x, part) for _ in range(count)]
    where = net.writer.constant(axis - len(shape) if net.chance(0.3) else axis)
    net.writer.op("SPLIT", [where, x], outs, num_splits=count)
    return outs


def transpose(net: Net, x: int) -> list[int]:
    """The first dimension stays where it is: it is the batch of 1 of what comes next."""
    return _permute(net, x, [0, *(int(i) + 1 for i in net.rng.permutation(len(net.shape(x)) - 1))])


def transpose_all(net: Net, x: int) -> list[int]:
    return _permute(net, x, [int(i) for i in net.rng.permutation(len(net.shape(x)))])


def _permute(net: Net, x: int, order: list[int]) -> list[int]:
    shape = net.shape(x)
    y = net.like(x, [shape[i] for i in order])
    net.writer.op("TRANSPOSE", [x, net.writer.constant(order)], [y])
    return [y]


def _resize(kind: str) -> Callable[[Net, int], list[int]]:
    def layer(net: Net, x: int) -> list[int]:
        _, h, w, c = net.shape(x)
        size = [net.pick((2 * h, 3 * h, net.size(1, 13))), net.pick((2 * w, net.size(1, 13)))]
        y = net.like(x, (1, *size, c))
        mode = net.size(0, 2)
        net.writer.op(
            kind,
            [x, net.writer.constant(size)],
            [y],
            align_corners=mode == 1,
            half_pixel_centers=mode == 2,
        )
        return [y]

    return layer


def tile(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    multiples = [1, *(net.pick((1, 1, 2, 3)) for _ in shape[1:])]
    y = net.like(x, [n * m for n, m in zip(shape, multiples, strict=True)])
    net.writer.op("TILE", [x, net.writer.constant(multiples)], [y])
    return [y]


def up_sampling(net: Net, x: int) -> list[int]:
    """Rows and columns repeated as Keras writes it: RESHAPE, TILE, RESHAPE, twice."""
    _, h, w, c = net.shape(x)
    rows, cols = net.size(1, 3), net.size(2, 3)
    for shape, multiples in (
        ((1, h, 1, w * c), (1, 1, rows, 1)),
        ((1, h * rows, w, 1, c), (1, 1, 1, cols, 1)),
    ):
        viewed = net.like(x, shape)
        tiled = net.like(x, [n * m for n, m in zip(shape, multiples, strict=True)])
        net.writer.op("RESHAPE", [x, net.writer.constant(shape)], [viewed])
        net.writer.op("TILE", [viewed, net.writer.constant(multiples)], [tiled])
        x = tiled
    y = net.like(x, (1, h * rows, w * cols, c))
    net.writer.op("RESHAPE", [x, net.writer.constant(net.shape(y))], [y])
    return [y]


def depth_to_space(net: Net, x: int) -> list[int]:
    _, h, w, c = net.shape(x)
    block = net.pick([b for b in (1, 2, 3, 4) if c % (b * b) == 0])
    y = net.like(x, (1, h * block, w * block, c // (block * block)))
    net.writer.op("DEPTH_TO_SPACE", [x], [y], block_size=block)
    return [y]


def space_to_depth(net: Net, x: int) -> list[int]:
    _, h, w, c = net.shape(x)
    block = net.pick([b for b in (1, 2, 3, 4) if h % b == 0 and w % b == 0])
    y = net.like(x, (1, h // block, w // block, c * block * block))
    net.writer.op("SPACE_TO_DEPTH", [x], [y], block_size=block)
    return [y]


def channel_shuffle(net: Net, x: int) -> list[int]:
    _, h, w, c = net.shape(x)
    groups = net.pick([g for g in range(1, c + 1) if c % g == 0])
    apart, turned = (1, h, w, groups, c // groups), (1, h, w, c // groups, groups)
    a, b, y = (net.like(x, shape) for shape in (apart, turned, (1, h, w, c)))
    net.writer.op("RESHAPE", [x, net.writer.constant(apart)], [a], new_shape=list(apart))
    net.writer.op("TRANSPOSE", [a, net.writer.constant([0, 1, 2, 4, 3])], [b])
    net.writer.op("RESHAPE", [b, net.writer.constant((1, h, w, c))], [y], new_shape=[1, h, w, c])
    return [y]


#: Operators that TFLM has no kernel for.
LITERT_ONLY = ("RELU_N1_TO_1", "TILE", "EXP[", "GELU")

#: Ops that take an image [1, H, W, C].
IMAGE_LAYERS: Mapping[str, Callable[[Net, int], list[int]]] = {
    "conv_2d": conv_2d,
    "depthwise_conv_2d": depthwise_conv_2d,
    "dilated_conv": dilated_conv,
    "transpose_conv": transpose_conv,
    "average_pool_2d": _pool("AVERAGE_POOL_2D"),
    "max_pool_2d": _pool("MAX_POOL_2D"),
    "resize_bilinear": _resize("RESIZE_BILINEAR"),
    "resize_nearest_neighbor": _resize("RESIZE_NEAREST_NEIGHBOR"),
    "depth_to_space": depth_to_space,
    "space_to_depth": space_to_depth,
    "channel_shuffle": channel_shuffle,
    "up_sampling": up_sampling,
}

#: Ops that take a tensor of any rank above zero.
LAYERS: Mapping[str, Callable[[Net, int], list[int]]] = {
    "fully_connected": fully_connected,
    "add": _binary("ADD"),
    "sub": _binary("SUB"),
    "mul": _binary("MUL"),
    "maximum": _extreme("MAXIMUM"),
    "minimum": _extreme("MINIMUM"),
    "prelu": prelu,
    "abs": _unary("ABS"),
    "neg": neg,
    "mean": mean,
    "reduce_max": reduce_max,
    "tile": tile,
    "pad": pad,
    "reshape": reshape,
    "squeeze": squeeze,
    "softmax": softmax,
    "logistic": logistic,
    "tanh": tanh,
    "relu": _unary("RELU"),
    "relu6": _unary("RELU6"),
    "relu_n1_to_1": _unary("RELU_N1_TO_1"),
    "leaky_relu": _unary("LEAKY_RELU"),
    "hard_swish": hard_swish,
    "concatenation": concatenation,
    "strided_slice": strided_slice,
    "split": split,
    "transpose": transpose,
    "quantize": _unary("QUANTIZE"),
}
