"""Readers of ONNX operators with windows and weights: convolutions, pooling, dense layers, batch normalization."""

from __future__ import annotations

import numpy as np

from tinyc.frontends.onnx.operands import joined
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, channels_last
from tinyc.frontends.onnx.views import View
from tinyc.ir import Array
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mul import Mul
from tinyc.ops.pad import Pad
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window, same_padding

_IMAGE = 4


def conv(n: Node) -> list[Lazy | Known]:
    weights = _as_image(n.known(1, "the weights"))
    x, lines = _image(n)
    stored = n.draft.tensors[x].type.shape
    outs, depth = weights.shape[:2]
    group = int(n.attributes.get("group", 1))
    n.need(depth * group == stored[3], f"{group} groups of {depth} channels, the input has {stored[3]}")
    window = _window(n, weights.shape[2:], stored[1:3], lines)
    size = window.output_size(*stored[1:3])
    n.need(min(size) > 0, f"a window of {list(window.kernel)} does not fit into {list(stored[1:3])}")
    out = n.draft.tensor(n.outputs[0], (stored[0], *size, outs))
    bias = _bias(n, 2)
    last = np.moveaxis(weights, 1, 3)
    if group == stored[3] and group > 1:
        filters = last.reshape(outs, *last.shape[1:3]).transpose(1, 2, 0)[None]
        names = x, n.draft.constant(f"{n.outputs[0]}_weights", filters), bias
        n.draft.ops.append(DepthwiseConv2D(names, (out,), n.origin, window, outs // group))
    else:
        names = x, n.draft.constant(f"{n.outputs[0]}_weights", last), bias
        n.draft.ops.append(Conv2D(names, (out,), n.origin, window))
    return [_leave(n, out, lines)]


def conv_transpose(n: Node) -> list[Lazy | Known]:
    weights = _as_image(n.known(1, "the weights"))
    n.need(n.attributes.get("group", 1) == 1, "groups are not supported")
    x, lines = _image(n)
    stored = n.draft.tensors[x].type.shape
    steps = _pair(n, "dilations", 1, lines)
    n.need(steps == (1, 1), "dilation is not supported")
    window = _window(n, weights.shape[2:], stored[1:3], lines, on_output=True)
    extra = _pair(n, "output_padding", 0, lines)
    top, left, bottom, right = window.padding
    size = tuple(
        (have - 1) * stride + kernel - before - after + more
        for have, stride, kernel, before, after, more in zip(
            stored[1:3], window.stride, window.kernel, (top, left), (bottom, right), extra, strict=True
        )
    )
    outs = weights.shape[1]
    out = n.draft.tensor(n.outputs[0], (stored[0], *size, outs))
    names = x, n.draft.constant(f"{n.outputs[0]}_weights", weights.transpose(1, 2, 3, 0)), _bias(n, 2)
    n.draft.ops.append(TransposeConv(names, (out,), n.origin, window, (size[0], size[1])))
    return [_leave(n, out, lines)]


def max_pool(n: Node) -> list[Lazy | Known]:
    n.need(len(n.outputs) == 1, "the indices are not supported")
    return _pool(n, MaxPool2D, counts_padding=False)


def average_pool(n: Node) -> list[Lazy | Known]:
    return _pool(n, AveragePool2D, counts_padding=bool(n.attributes.get("count_include_pad", 0)))


def _pool(
    n: Node, kind: type[MaxPool2D] | type[AveragePool2D], *, counts_padding: bool
) -> list[Lazy | Known]:
    x, lines = _image(n)
    stored = n.draft.tensors[x].type.shape
    kernel = tuple(int(k) for k in n.attributes["kernel_shape"])
    window = _window(n, (1, *kernel) if lines else kernel, stored[1:3], lines)
    n.need(window.dilation == (1, 1), "dilation is not supported")
    if counts_padding and any(window.padding):
        top, left, bottom, right = window.padding
        pads = ((0, 0), (top, bottom), (left, right), (0, 0))
        wider = n.draft.tensor(f"{x}_padded", [s + a + b for s, (a, b) in zip(stored, pads, strict=True)])
        n.draft.ops.append(Pad((x,), (wider,), n.origin, pads))
        x, stored = wider, n.draft.tensors[wider].type.shape
        window = Window(window.kernel, window.stride)
    size = window.output_size(*stored[1:3])
    out = n.draft.tensor(n.outputs[0], (stored[0], *size, stored[3]))
    n.draft.ops.append(kind((x,), (out,), n.origin, window))
    return [_leave(n, out, lines)]


def gemm(n: Node) -> list[Lazy | Known]:
    weights = np.multiply(n.known(1, "the weights"), np.float32(n.attributes.get("alpha", 1.0)))
    n.need(not n.attributes.get("transA", 0), "transA is not supported")
    matrix = weights if n.attributes.get("transB", 0) else weights.T
    bias = n.optional(2)
    data = None
    if bias is not None:
        data = np.broadcast_to(n.known(2, "the bias").reshape(-1), (len(matrix),))
        data = np.multiply(data, np.float32(n.attributes.get("beta", 1.0)))
    return [_dense(n, n.computed(), matrix, data)]


def matmul(n: Node) -> list[Lazy | Known]:
    b = n.lazy(1)
    if isinstance(b, Known) and b.data.ndim == 2 and not isinstance(n.lazy(), Known):
        return [_dense(n, n.computed(), b.data.T, None)]
    a_shape, b_shape = (n.draft.shape(n.lazy(i)) for i in (0, 1))
    n.need(min(len(a_shape), len(b_shape)) > 1, "vectors are not supported")
    names = tuple(n.draft.plain(n.lazy(i), n.origin) for i in (0, 1))
    lead = np.broadcast_shapes(a_shape[:-2], b_shape[:-2])
    out = n.draft.tensor(n.outputs[0], (*lead, a_shape[-2], b_shape[-1]))
    n.draft.ops.append(BatchMatMul(names, (out,), n.origin, adj_x=False, adj_y=False))
    return [Value(out, tuple(range(len(lead) + 2)))]


def _dense(n: Node, x: Lazy, weights: Array, bias: Array | None) -> Value:
    """weights: [O, I]."""
    shape = n.draft.shape(x)
    n.need(weights.shape[1] == shape[-1], f"weights {list(weights.shape)} for vectors of {shape[-1]}")
    name, weights = _vectors(n, x, weights)
    names = (
        name,
        n.draft.constant(f"{n.outputs[0]}_weights", weights),
        "" if bias is None else n.draft.constant(f"{n.outputs[0]}_bias", bias),
    )
    out = n.draft.tensor(n.outputs[0], (*shape[:-1], len(weights)))
    n.draft.ops.append(FullyConnected(names, (out,), n.origin, keep_dims=len(shape) != 2))
    return Value(out, tuple(range(len(shape))))


def _vectors(n: Node, x: Lazy, weights: Array) -> tuple[str, Array]:
    """Return the tensor of the input vectors and the weights in the order in which their elements lie.

    Of an image that was flattened, that is channels last: the weights move, not the pixels.
    """
    view = n.draft.view(x)
    rank = len(view.dims)
    before = view.axes_in(tuple(range(rank - 1)))
    inner = view.axes_in((rank - 1,))
    if (*before, *sorted(inner)) != tuple(sorted((*before, *inner))):
        return n.draft.plain(x, n.origin), weights
    sizes = [view.sizes[a] for a in inner]
    order = np.argsort(inner).astype(int).tolist()
    moved = weights.reshape(len(weights), *sizes).transpose(0, *(1 + i for i in order))
    return n.draft.reshaped(view.name, n.draft.shape(x), n.origin), moved.reshape(weights.shape)


def batch_normalization(n: Node) -> list[Lazy | Known]:
    """What is folded into a convolution before it is done by a pass; else a product and a sum per channel."""
    parameters = (n.known(i, "a parameter").astype(np.float64) for i in range(1, 5))
    scale, shift, mean, variance = parameters
    factor = scale / np.sqrt(variance + float(n.attributes.get("epsilon", 1e-5)))
    x = n.computed()
    rank = n.rank()
    n.need(rank > 1, "input has no channels")
    ends = (-1,) + (1,) * (rank - 2)
    scaled = joined(n, Mul, x, Known(factor.reshape(ends)))
    return [joined(n, Add, scaled, Known((shift - mean * factor).reshape(ends)))]


def _image(n: Node) -> tuple[str, bool]:
    """Return the input as [N, H, W, C], and whether it is a sequence, of one row, in ONNX."""
    x = n.computed()
    shape = n.draft.shape(x)
    n.need(len(shape) in (3, 4), f"input has {len(shape)} dimensions; 3 and 4 are supported")
    if len(shape) == _IMAGE:
        return n.draft.ordered(x, channels_last(_IMAGE), n.origin), False
    batch, channels, length = shape
    image = n.draft.view(x).reshaped((batch, channels, 1, length))
    assert image is not None
    return n.draft.ordered(image, channels_last(_IMAGE), n.origin), True


def _leave(n: Node, out: str, lines: bool) -> Lazy:
    if not lines:
        return Value(out, channels_last(_IMAGE))
    return View(out, n.draft.tensors[out].type.shape, ((0,), (3,), (2,)))


def _as_image(weights: Array) -> Array:
    """[O, I, K] as [O, I, 1, K]."""
    return weights[:, :, None] if weights.ndim == 3 else weights


def _pair(n: Node, name: str, default: int, lines: bool) -> tuple[int, int]:
    """Return an attribute along rows and along columns."""
    found = tuple(int(v) for v in n.attributes.get(name, ()))
    if not found:
        return default, default
    if lines:
        return (1 if default else 0), found[0]
    return found[0], found[1]


def _window(
    n: Node, kernel: tuple[int, ...], size: tuple[int, ...], lines: bool, *, on_output: bool = False
) -> Window:
    """size: rows and columns of the input; on_output: the window lies on the output (ConvTranspose)."""
    stride, dilation = _pair(n, "strides", 1, lines), _pair(n, "dilations", 1, lines)
    given = [int(p) for p in n.attributes.get("pads", ())]
    if lines and given:
        given = [0, given[0], 0, given[1]]
    mode = n.attributes.get("auto_pad", b"NOTSET")
    mode = mode.decode() if isinstance(mode, bytes) else mode
    top, left, bottom, right = given or (0, 0, 0, 0)
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        n.need(not on_output, f"auto_pad {mode} is not supported")
        pads = [_same(s, k, st, d, mode) for s, k, st, d in zip(size, kernel, stride, dilation, strict=True)]
        (top, bottom), (left, right) = pads
    else:
        n.need(mode in ("NOTSET", "VALID"), f"auto_pad is {mode}")
    if not on_output and n.attributes.get("ceil_mode", 0):
        bottom += _missing(size[0] + top + bottom, kernel[0], stride[0], dilation[0])
        right += _missing(size[1] + left + right, kernel[1], stride[1], dilation[1])
    return Window((kernel[0], kernel[1]), stride, dilation, (top, left, bottom, right), Padding.EXPLICIT)


def _same(size: int, kernel: int, stride: int, dilation: int, mode: str) -> tuple[int, int]:
    less, more = same_padding(size, kernel, stride, dilation)
    return (less, more) if mode == "SAME_UPPER" else (more, less)


def _missing(size: int, kernel: int, stride: int, dilation: int) -> int:
    """Return by how much the input has to be wider for the last window of ceil_mode to fit."""
    return -(size - (kernel - 1) * dilation - 1) % stride


def _bias(n: Node, index: int) -> str:
    if n.optional(index) is None:
        return ""
    return n.draft.constant(f"{n.outputs[0]}_bias", n.known(index, "the bias"))
