"""Where ternary weights take more time than int8 weights do by SIMD kernels: instructions of a row, as measured.

On the Cortex-M4: of 1x1 kernels within 4 %, of others within 15 %.
"""

from __future__ import annotations

from math import ceil

from tinyc.ir import Graph
from tinyc.kernels.dsp import ternary
from tinyc.kernels.dsp.matmul import SCRATCH, round_up
from tinyc.kernels.dsp.ternary_vector import MOST
from tinyc.kernels.packing.fours import Split, split
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar.ternary import MORE as EIGHTS
from tinyc.kernels.scalar.ternary import few_pixels
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Words of a pair of channels whose sums fit: TC_FOURS_PART.
_PART = 5
#: Of a block of pixels and a pair of channels, with its bytes; of a word of twenty weights, of an unpacked four, of a
#: further part.
_BLOCK = {4: (105, 36, 6, 21), 3: (89, 31, 5, 17), 2: (73, 26, 4, 13)}
#: What the bytes of a pair by lines save, and those of each pixel.
_LINES, _LINE = 15, 3
#: With int8 weights, of a block of pixels and a pair of channels: for each, and for a tap.
_INT8_1X1 = {3: (58.9, 4.2), 2: (45.9, 3.1), 1: (28.4, 2.3)}
_INT8 = {3: (67.0, 3.9), 2: (29.8, 3.2), 1: (24.5, 2.4)}


def too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights, or a dense layer of ternary ones, take less time."""
    return ternary.one_pixel(op, graph) or few_taps(op, graph)


def few_taps(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time: of few taps a channel's bytes take most of it."""
    if fours(op, graph) > MOST * int8_weights(op, graph):
        return Refusal("int8 weights take less time: there are too few taps, or too few pixels in a row")
    return None


def eights_too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why other kernels come before those for cores without SIMD, which compute eight pixels."""
    if reason := few_pixels(op, graph, EIGHTS):
        return reason
    by_simd = ternary.lower(op, graph)
    return None if isinstance(by_simd, Refusal) else Refusal("there are SIMD kernels")


def fours(op: Conv2D, graph: Graph) -> float:
    """Return instructions for a row of all channels."""
    width, depth, channels = _sizes(op, graph)
    to, pairs, blocks = split(depth), channels // 2, _blocks(width, 4)
    computed = sum(count * _pair(to, pixels) for pixels, count in blocks.items())
    if _has_lines(op, graph):
        computed -= sum(count * (_LINES + _LINE * pixels) for pixels, count in blocks.items())
    times = 1 if ternary.group_of(to, pairs) >= pairs else sum(blocks.values())
    if not not_pointwise(op, graph):
        rests = 4.5 * to.fours + 21 * to.lone + (10 if to.lone else 0)
        return (
            pairs * (computed + times * rests) + width * (1.1 * depth - 13) + 211 * sum(blocks.values()) + 90
        )
    rests = 2.2 * to.fours + 5 * to.lone + (48 if to.lone else 0)
    lines = graph.type(op.x).shape[3] % 4 != 0
    rows = op.window.kernel[0]
    each = 1.5 * depth + (2.6 * depth + 134 * rows if lines else 143 * rows) - 246
    return pairs * (computed + times * rests + 4) + width * each + 574


def _has_lines(op: Conv2D, graph: Graph) -> bool:
    lower = ternary.lower if not_pointwise(op, graph) else ternary.lower_1x1
    found = lower(op, graph)
    return not isinstance(found, Refusal) and "_line_" in found.symbols


def int8_weights(op: Conv2D, graph: Graph) -> float:
    """Return the same of int8 weights."""
    width, taps, channels = _sizes(op, graph)
    depth, pairs = round_up(taps, 4), ceil(channels / 2)
    blocks = _blocks(width, 3 if 6 * depth <= SCRATCH else 2)
    pointwise = not not_pointwise(op, graph)
    costs = _INT8_1X1 if pointwise else _INT8
    computed = sum(
        count * pairs * (each + tap * depth)
        for pixels, count in blocks.items()
        for each, tap in (costs[pixels],)
    )
    if pointwise:
        return computed + width * (1.5 * depth + 22) + 35
    rows, columns = op.window.kernel
    lines = graph.type(op.x).shape[3] % 4 != 0
    each = 1.4 * depth + (4.5 * taps + 25 * rows if lines else 36 * rows) + 12 * rows * columns - 53
    return computed + width * each + 321


def _sizes(op: Conv2D, graph: Graph) -> tuple[int, int, int]:
    """Return the pixels of a row, of a column where these are rows of one pixel; a pixel's taps; and channels."""
    _, height, width, channels = graph.type(op.outputs[0]).shape
    rows, columns = op.window.kernel
    pixels = height if width == 1 and not not_pointwise(op, graph) else width
    return pixels, rows * columns * graph.type(op.x).shape[3], channels


def _blocks(width: int, together: int) -> dict[int, int]:
    """Return how many blocks of so many pixels there are in a row."""
    whole, left = divmod(width, together)
    blocks = {together: whole, left: 1} if left else {together: whole}
    if together == 4 and left == 1:  # no block has one pixel: five are three and two
        blocks = {4: whole - 1, 3: 1, 2: 1} if whole else {2: 1}
    return blocks


def _pair(to: Split, pixels: int) -> int:
    """Return instructions of a block of pixels and a pair of channels."""
    each, word, four, part = _BLOCK[pixels]
    parts = max(ceil(to.words / _PART) - 1, 0)
    return each + word * to.words + four * (to.fours + to.lone) + part * parts
