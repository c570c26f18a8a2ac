"""Convolutions whose weights are computed: kernels mixed for each image, or made of another image, as trackers do.

The pixels under each tap of the window are a slice of the image. Of all taps together they are a matrix, whose product
with the weights is the convolution; where each channel has a window of its own, they are summed tap by tap.
"""

from __future__ import annotations

from itertools import product as pairs

from tinyc.frontends.onnx import windowed
from tinyc.frontends.onnx.compose import both, gathered, joined_along, reshaped, turned
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, channels_last
from tinyc.frontends.onnx.windowed import image_of, leave, product, window_of
from tinyc.ops.add import Add
from tinyc.ops.mul import Mul
from tinyc.ops.pad import Pad
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.window import Window

_LAST = channels_last(4)
#: Taps beyond which a sum of slices is no convolution that anybody would compute so.
_MOST_TAPS = 1024


def conv(n: Node) -> list[Lazy | Known]:
    """Read a convolution, whatever its weights are."""
    return windowed.conv(n) if isinstance(n.lazy(1), Known) else _of_values(n)


def _of_values(n: Node) -> list[Lazy | Known]:
    shape = n.draft.shape(n.computed(1))
    outs, depth, *kernel = shape if len(shape) > 3 else (*shape[:2], 1, *shape[2:])
    n.need(len(kernel) == 2, f"weights have {len(shape)} dimensions; 3 and 4 are supported")
    x, lines = image_of(n)
    stored = n.draft.tensors[x].type.shape
    group = int(n.attributes.get("group", 1))
    n.need(depth * group == stored[3], f"{group} groups of {depth} channels, the input has {stored[3]}")
    each = group == stored[3] == outs
    n.need(
        group == 1 or each, f"weights that are computed are supported of 1 group or {stored[3]}, not {group}"
    )
    window = window_of(n, tuple(kernel), stored[1:3], lines)
    n.need(min(window.output_size(*stored[1:3])) > 0, f"a window of {kernel} does not fit")
    n.need(
        kernel[0] * kernel[1] <= _MOST_TAPS, f"a window of {kernel} of weights that are computed is too large"
    )
    taps = _taps(n, x, window)
    made = _by_channels(n, taps, outs) if each and group > 1 else _by_product(n, taps, outs, depth)
    bias = n.optional(2)
    made = made if bias is None else both(n, Add, made, reshaped(n, bias, (1, outs, 1, 1)))
    return [leave(n, n.draft.ordered(made, _LAST, n.origin), lines)]


def _taps(n: Node, x: str, window: Window) -> list[Lazy]:
    """Return for each tap what lies under it, [N, C, OH, OW]."""
    top, left, bottom, right = window.padding
    batch, height, width, channels = n.draft.tensors[x].type.shape
    rows, columns = window.output_size(height, width)
    if any(window.padding):
        padded = n.draft.tensor(n.outputs[0], (batch, height + top + bottom, width + left + right, channels))
        pads = ((0, 0), (top, bottom), (left, right), (0, 0))
        n.draft.ops.append(Pad((x,), (padded,), n.origin, pads))
        x = padded
    size, steps = (batch, rows, columns, channels), (1, *window.stride, 1)
    found: list[Lazy] = []
    for ky, kx in pairs(range(window.kernel[0]), range(window.kernel[1])):
        begin = (0, ky * window.dilation[0], kx * window.dilation[1], 0)
        out = n.draft.tensor(n.outputs[0], size)
        n.draft.ops.append(StridedSlice((x,), (out,), n.origin, begin, steps, size, size))
        found.append(Value(out, _LAST))
    return found


def _by_product(n: Node, taps: list[Lazy], outs: int, depth: int) -> Lazy:
    every = joined_along(n, taps, 1) if len(taps) > 1 else taps[0]
    batch, _, rows, columns = n.draft.shape(every)
    pixels = turned(n, every, (0, 2, 3, 1))
    matrix = reshaped(n, pixels, (batch * rows * columns, len(taps) * depth))
    weights = reshaped(n, n.computed(1), (outs, depth, len(taps)))
    weights = reshaped(n, turned(n, weights, (0, 2, 1)), (outs, len(taps) * depth))
    made = product(n, matrix, turned(n, weights, (1, 0)))
    image = turned(n, reshaped(n, made, (batch, rows, columns, outs)), (0, 3, 1, 2))
    assert not isinstance(image, Known)
    return image


def _by_channels(n: Node, taps: list[Lazy], channels: int) -> Lazy:
    weights = reshaped(n, n.computed(1), (channels, len(taps)))
    assert not isinstance(weights, Known)
    total: Lazy | None = None
    for number, tap in enumerate(taps):
        factor = reshaped(n, gathered(n, weights, 1, (number,)), (1, channels, 1, 1))
        part = both(n, Mul, tap, factor)
        total = part if total is None else both(n, Add, total, part)
    assert total is not None
    return total
