"""Readers of ONNX operators with weights: convolutions, dense layers, batch normalization."""

from __future__ import annotations

from math import prod

import numpy as np

from tinyc.frontends.onnx.compose import both, number, reshaped, turned
from tinyc.frontends.onnx.operands import joined
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, channels_last
from tinyc.frontends.onnx.views import View
from tinyc.ir import Array
from tinyc.ops.add import Add
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.mul import Mul
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Padding, Window, same_padding

_IMAGE = 4


def conv(n: Node) -> list[Lazy | Known]:
    weights = _as_image(n.known(1, "the weights"))
    x, lines = image_of(n)
    stored = n.draft.tensors[x].type.shape
    outs, depth = weights.shape[:2]
    group = int(n.attributes.get("group", 1))
    n.need(depth * group == stored[3], f"{group} groups of {depth} channels, the input has {stored[3]}")
    window = window_of(n, weights.shape[2:], stored[1:3], lines)
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
    return [leave(n, out, lines)]


def conv_transpose(n: Node) -> list[Lazy | Known]:
    """Groups and dilation are zeros among the weights."""
    weights = _ungrouped(n, _as_image(n.known(1, "the weights")), int(n.attributes.get("group", 1)))
    x, lines = image_of(n)
    stored = n.draft.tensors[x].type.shape
    steps = _pair(n, "dilations", 1, lines)
    if steps != (1, 1):
        spread = [(k - 1) * step + 1 for k, step in zip(weights.shape[2:], steps, strict=True)]
        wide = np.zeros((*weights.shape[:2], *spread), np.float32)
        wide[:, :, :: steps[0], :: steps[1]] = weights
        weights = wide
    kernel, stride = weights.shape[2:], _pair(n, "strides", 1, lines)
    extra = _pair(n, "output_padding", 0, lines)
    full = [
        (have - 1) * step + k + more
        for have, step, k, more in zip(stored[1:3], stride, kernel, extra, strict=True)
    ]
    (top, bottom), (left, right) = _around(n, full, stored[1:3], stride, lines)
    size = full[0] - top - bottom, full[1] - left - right
    n.need(min(size) > 0, f"nothing is left of {full} between its paddings")
    pads = (top, left, max(bottom, 0), max(right, 0))
    window = Window((kernel[0], kernel[1]), stride, (1, 1), pads, Padding.EXPLICIT)
    out = n.draft.tensor(n.outputs[0], (stored[0], *size, weights.shape[1]))
    names = x, n.draft.constant(f"{n.outputs[0]}_weights", weights.transpose(1, 2, 3, 0)), _bias(n, 2)
    n.draft.ops.append(TransposeConv(names, (out,), n.origin, window, size))
    return [leave(n, out, lines)]


def _ungrouped(n: Node, weights: Array, groups: int) -> Array:
    """[C, O / groups, KH, KW] as [C, O, KH, KW]."""
    inputs, outs = weights.shape[:2]
    n.need(inputs % groups == 0, f"{inputs} channels do not make {groups} groups")
    full = np.zeros((inputs, outs * groups, *weights.shape[2:]), np.float32)
    for g in range(groups):
        own = slice(g * inputs // groups, (g + 1) * inputs // groups)
        full[own, g * outs : (g + 1) * outs] = weights[own]
    return full


def _around(
    n: Node, full: list[int], size: tuple[int, ...], stride: tuple[int, int], lines: bool
) -> list[tuple[int, int]]:
    """Return what is cut off the output (before, after), along rows and columns. size: of the input."""
    mode = n.text("auto_pad", "NOTSET")
    wanted = [int(s) for s in n.attributes.get("output_shape", ())][-2:]
    wanted = [1, wanted[-1]] if lines and wanted else wanted
    if mode in ("SAME_UPPER", "SAME_LOWER") and not wanted:
        wanted = [have * step for have, step in zip(size, stride, strict=True)]
    if wanted:
        total = [have - want for have, want in zip(full, wanted, strict=True)]
        # where more is asked for than there is, the rest lies behind and is less than nothing cut off
        before = [max(0, t // 2 if mode == "SAME_UPPER" else t - t // 2) for t in total]
        return [(b, t - b) for b, t in zip(before, total, strict=True)]
    n.need(mode in ("NOTSET", "VALID"), f"auto_pad is {mode}")
    given = [int(p) for p in n.attributes.get("pads", ())]
    if lines and given:
        given = [0, given[0], 0, given[1]]
    top, left, bottom, right = given or (0, 0, 0, 0)
    return [(top, bottom), (left, right)]


def gemm(n: Node) -> list[Lazy | Known]:
    """alpha * a b + beta * c: a dense layer where b is a constant and c one per output."""
    a, b, c = n.lazy(0), n.lazy(1), n.optional(2)
    alpha, beta = (np.float32(n.attributes.get(name, 1.0)) for name in ("alpha", "beta"))
    a = turned(n, a, (1, 0)) if n.attributes.get("transA", 0) else a
    b = turned(n, b, (1, 0)) if n.attributes.get("transB", 0) else b
    if isinstance(b, Known) and not isinstance(a, Known):
        outputs = b.data.shape[-1]
        if c is None or (
            isinstance(c, Known) and c.data.size in (1, outputs) and c.data.shape[-1:] != (outputs, 1)
        ):
            bias = None if c is None else np.multiply(np.broadcast_to(c.data.reshape(-1), (outputs,)), beta)
            return [_dense(n, a, np.multiply(b.data, alpha).T, bias)]
    made: Lazy = product(n, a, b)
    made = made if alpha == 1 else number(n, Mul, made, float(alpha))
    if c is None:
        return [made]
    if not isinstance(c, Known):
        return [both(n, Add, made, c if beta == 1 else number(n, Mul, c, float(beta)))]
    return [both(n, Add, made, Known(np.multiply(c.data, beta)))]


def matmul(n: Node) -> list[Lazy | Known]:
    """A vector in front is a matrix of one row, a vector behind one of one column."""
    a, b = n.lazy(0), n.lazy(1)
    shapes = n.draft.shape(a), n.draft.shape(b)
    n.need(min(map(len, shapes)) > 0, "single numbers are not multiplied as matrices")
    a = reshaped(n, a, (1, *shapes[0])) if len(shapes[0]) == 1 else a
    b = reshaped(n, b, (*shapes[1], 1)) if len(shapes[1]) == 1 else b
    made = product(n, a, b)
    shape = n.draft.shape(made)
    left = shape[:-2] + shape[-2:][len(shapes[0]) == 1 : 2 - (len(shapes[1]) == 1)]
    return [made if left == shape else reshaped(n, made, left)]


def product(n: Node, a: Lazy | Known, b: Lazy | Known) -> Lazy:
    """Return the product of matrices: a dense layer where one is a constant, the same for all vectors."""
    shapes = n.draft.shape(a), n.draft.shape(b)
    if isinstance(b, Known) and not isinstance(a, Known) and _is_single(b, len(shapes[0])):
        return _dense(n, a, b.data.reshape(shapes[1][-2:]).T, None)
    if isinstance(a, Known) and not isinstance(b, Known) and _is_single(a, len(shapes[1])):
        rank = len(shapes[1])
        order = (*range(rank - 2), rank - 1, rank - 2)  # the vectors are columns
        columns = turned(n, b, order)
        assert not isinstance(columns, Known)
        made = turned(n, _dense(n, columns, a.data.reshape(shapes[0][-2:]), None), order)
        assert not isinstance(made, Known)
        return made
    n.need(
        shapes[0][-1] == shapes[1][-2], f"matrices {list(shapes[0])} and {list(shapes[1])} do not go together"
    )
    (left, adj_x), (right, adj_y) = (_matrices(n, v) for v in (a, b))
    lead = np.broadcast_shapes(shapes[0][:-2], shapes[1][:-2])
    out = n.draft.tensor(n.outputs[0], (*lead, shapes[0][-2], shapes[1][-1]))
    n.draft.ops.append(BatchMatMul((left, right), (out,), n.origin, adj_x, adj_y))
    return Value(out, tuple(range(len(lead) + 2)))


def _is_single(matrices: Known, rank: int) -> bool:
    """Whether a constant is one matrix. rank: of what it is multiplied with."""
    return matrices.data.ndim <= rank and prod(matrices.data.shape[:-2]) == 1


def _matrices(n: Node, value: Lazy | Known) -> tuple[str, bool]:
    """Return the tensor of an operand, and whether it has columns before rows: as it lies where that is possible."""
    if not isinstance(value, Known):
        rank = len(n.draft.shape(value))
        plain, turned = tuple(range(rank)), (*range(rank - 2), rank - 1, rank - 2)
        axes = [list(n.draft.view(value).axes_in(perm)) for perm in (plain, turned)]
        if axes[0] != sorted(axes[0]) and axes[1] == sorted(axes[1]):
            return n.draft.ordered(value, turned, n.origin), True
    return n.draft.plain(value, n.origin), False


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
    n.need(
        not n.attributes.get("training_mode"),
        "it is in training mode, where answers depend on the batch; export with model.eval()",
    )
    parameters = (n.known(i, "a parameter").astype(np.float64) for i in range(1, 5))
    scale, shift, mean, variance = parameters
    factor = scale / np.sqrt(variance + float(n.attributes.get("epsilon", 1e-5)))
    x = n.computed()
    rank = n.rank()
    n.need(rank > 1, "input has no channels")
    ends = (-1,) + (1,) * (rank - 2)
    scaled = joined(n, Mul, x, Known(factor.reshape(ends)))
    return [joined(n, Add, scaled, Known((shift - mean * factor).reshape(ends)))]


def image_of(n: Node) -> tuple[str, bool]:
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


def leave(n: Node, out: str, lines: bool) -> Lazy:
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


def window_of(n: Node, kernel: tuple[int, ...], size: tuple[int, ...], lines: bool) -> Window:
    """size: rows and columns of the input."""
    stride, dilation = _pair(n, "strides", 1, lines), _pair(n, "dilations", 1, lines)
    given = [int(p) for p in n.attributes.get("pads", ())]
    if lines and given:
        given = [0, given[0], 0, given[1]]
    mode = n.text("auto_pad", "NOTSET")
    top, left, bottom, right = given or (0, 0, 0, 0)
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        pads = [_same(s, k, st, d, mode) for s, k, st, d in zip(size, kernel, stride, dilation, strict=True)]
        (top, bottom), (left, right) = pads
    else:
        n.need(mode in ("NOTSET", "VALID"), f"auto_pad is {mode}")
    if n.attributes.get("ceil_mode", 0):
        bottom += _missing(size[0], (top, bottom), kernel[0], stride[0], dilation[0])
        right += _missing(size[1], (left, right), kernel[1], stride[1], dilation[1])
    return Window((kernel[0], kernel[1]), stride, dilation, (top, left, bottom, right), Padding.EXPLICIT)


def _same(size: int, kernel: int, stride: int, dilation: int, mode: str) -> tuple[int, int]:
    less, more = same_padding(size, kernel, stride, dilation)
    return (less, more) if mode == "SAME_UPPER" else (more, less)


def _missing(size: int, pads: tuple[int, int], kernel: int, stride: int, dilation: int) -> int:
    """Return by how much the input is too narrow for the last window of ceil_mode, if it begins before the padding."""
    left = size + sum(pads) - (kernel - 1) * dilation - 1
    more = -left % stride
    begins = left + more
    return more if begins < size + pads[0] else 0


def _bias(n: Node, index: int) -> str:
    if n.optional(index) is None:
        return ""
    return n.draft.constant(f"{n.outputs[0]}_bias", n.known(index, "the bias").reshape(-1))
