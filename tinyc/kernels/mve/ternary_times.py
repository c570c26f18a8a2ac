"""Which Helium kernel of a ternary convolution takes the least time: instructions for a row, as measured."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, inf

from tinyc.ir import Graph
from tinyc.kernels.mve import ternary
from tinyc.kernels.mve.conv2d import block_of_columns
from tinyc.kernels.mve.matmul import BLOCK, VECTOR
from tinyc.kernels.mve.ternary_vector import MOST, in_fives
from tinyc.kernels.packing.trits import FIVE
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: The same of fives in images of one row.
MOST_OF_SEQUENCES = 1.3
#: Of a row's, below which kernels that unpack weights for all of its pixels come first: these take scratch memory,
#: and a network code for each kind.
LESS = 0.93
#: Bytes of scratch for unpacked weights at most, of blocks of four channels and of pairs.
BLOCKS_LINE, PAIRS_LINE = 2048, 1280
#: Vectors of inputs that blocks of four channels have in registers.
HELD = 2
#: Channels whose sums are made bytes together, in fives.
_SUMS = 100
#: Instructions more for four channels of two pixels whose sums may be negative.
_SIGNED = 4
#: How far below these an estimate stays: half a percent, so that ties keep int8 weights.
_OFF = 0.005

Time = Callable[[Conv2D, Graph], float]


def too_slow(op: Conv2D, graph: Graph, time: Time, most: float = MOST) -> Refusal | None:
    """Why int8 weights take much less time: ternary ones would take more than `most` times as long."""
    if time(op, graph) > (most - _OFF) * int8_weights(op, graph):
        return Refusal(
            "int8 weights take less time: too few pixels share unpacked weights, or there are too few taps"
        )
    return None


def fives_too_slow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why other kernels come before fives, which unpack no weights.

    Images of one row are computed some pixels at a time, for which alone the others would unpack weights.
    """
    height, width = graph.type(op.outputs[0]).shape[1:3]
    if height == 1:
        return too_slow(op, graph, fives, MOST_OF_SEQUENCES)
    if reason := too_slow(op, graph, fives):
        return reason
    if width < ternary.PIXELS:
        return None
    least = LESS * fives(op, graph)
    most = min(least, MOST * int8_weights(op, graph))
    others = (("blocks of four channels", blocks), ("pairs of channels", pairs))
    for name, time in others:
        if time(op, graph) < most:
            return Refusal(f"unpacked weights take less time, in {name}")
    return None


def int8_weights(op: Conv2D, graph: Graph) -> float:
    """Return instructions for a row of all channels."""
    width, depth, outputs = _sizes(op, graph)
    steps = ceil(depth / VECTOR)
    pair = pair_of_int8(steps) + _SIGNED * _is_signed(op, graph)
    held = steps <= HELD
    if depth % VECTOR:
        pair += -0.8 if held else 2 if ternary.is_in_place(op) else 5
    lone = 0.66 if not held else 0.95 if depth < HELD * VECTOR else 0.88
    pairs = width // 2 + width % 2 * lone
    begin = 70 + 40 * (width % 2 and width > 1 and not held)
    return begin + (outputs / BLOCK * pair + 25) * pairs + _lined_up_for_int8(op, graph)


def fives(op: Conv2D, graph: Graph) -> float:
    """Return those of ternary weights, two pixels and five channels at a time."""
    width, depth, outputs = _sizes(op, graph)
    steps, together = ceil(depth / VECTOR), in_fives(outputs)
    count, apart = ceil(together / FIVE), max(outputs - together, 0)
    segments = ternary.is_segmented(op, graph)
    around = ceil(outputs / _SUMS)
    five = 20 + 21 * steps + 2 * ceil((steps - 1) / 4)
    if steps <= HELD and not segments:
        five = 24 if steps == 1 else 47
    rest = 5 + apart // 2 * (10 + 9 * steps) + apart % 2 * (8 + 6 * steps) if apart else 0
    if apart == 3:
        rest = 17 + 12 * steps
    each = 6.75 if _is_signed(op, graph) else 4.75  # of a channel's bytes: rounded twice, or once by lines
    shared = rest + each * ceil(outputs / BLOCK) * BLOCK
    around_pair = 67 + 5 * (steps <= HELD) + 3 * _is_signed(op, graph)
    two = count * five + shared + around_pair * around
    one = count * (12 + 12 * steps) + shared + 57 * around
    unpacked = 20 + 15 * ceil(apart * depth / (FIVE * VECTOR)) if apart else 0
    is_pointwise = op.window.kernel == op.window.stride == (1, 1)
    begin = 80 if ternary.is_in_place(op) and not is_pointwise else 0
    time = 90 + 43 * around + begin + unpacked + width // 2 * two + width % 2 * (two if segments else one)
    if segments:
        taps = _taps(op)
        return time + ceil(width / 2) * (30 + 24 * taps + 14 * (taps - 1) * count)
    return time + _lined_up(op, graph, ternary.block_of(op, graph, sums_of_fives(op, graph)) or width)


def blocks(op: Conv2D, graph: Graph) -> float:
    """Return those of ternary weights, two pixels and four channels."""
    width, depth, outputs = _sizes(op, graph)
    steps, pairs_ = depth / VECTOR, ceil(width / 2)
    room = ternary.room_of_line(op, graph, BLOCKS_LINE)
    if BLOCK * depth > room or -outputs % BLOCK > 1:
        return inf  # they are refused
    count = min(room // depth // BLOCK, ceil(outputs / BLOCK))
    held = steps <= HELD
    rest = (31 if held else 18) if depth % VECTOR else 4 if held else 6
    of_pair = pair_of_int8(steps) + rest + 17 / count + _SIGNED * _is_signed(op, graph)
    calls = ceil(width / (ternary.block_of(op, graph, count * BLOCK * depth) or width))
    unpacking = calls * unpacking_of_blocks(depth, count)
    return 70 + outputs / BLOCK * (unpacking + pairs_ * of_pair) + _lined_up(op, graph, ceil(width / calls))


def pairs(op: Conv2D, graph: Graph) -> float:
    """Return those of ternary weights, four pixels and two channels."""
    width, depth, outputs = _sizes(op, graph)
    segments = ternary.is_segmented(op, graph)
    line = ternary.room_of_line(op, graph, PAIRS_LINE, segments=segments)
    calls = ceil(width / (ternary.block_of(op, graph, line, segments=segments) or width))
    steps = ceil(depth / VECTOR)
    four = four_of_pairs(steps) + (19 * _taps(op) if segments else 0)
    time = 70 + outputs / 2 * (unpacking_of_pairs(steps) * calls + ceil(width / ternary.PIXELS) * four)
    return time + (0 if segments else _lined_up(op, graph, ceil(width / calls)))


def sums_of_fives(op: Conv2D, graph: Graph) -> int:
    """Return the bytes of scratch that fives take for their sums, and for unpacked weights of channels left over."""
    _, depth, outputs = _sizes(op, graph)
    rest = -(-max(outputs - in_fives(outputs), 0) * depth // FIVE) * FIVE
    return 4 * (_SUMS + min(outputs + FIVE - 1, _SUMS)) + (rest + 3 & ~3)


def pair_of_int8(steps: float) -> float:
    """Return instructions of two pixels of four channels, of so many vectors of inputs."""
    return 33 + 14.5 * steps if steps > HELD else 23.3 + 13 * steps


def unpacking_of_blocks(depth: int, count: int) -> float:
    """Return those by which weights of four channels are unpacked, of so many times four together."""
    return 12.3 * depth / VECTOR + 90 / count


def unpacking_of_pairs(steps: int) -> int:
    """Return those by which weights of two channels are unpacked."""
    return 8 * steps + 50


def four_of_pairs(steps: int) -> int:
    """Return those of two channels of four pixels."""
    return 14 * steps + 46


def _sizes(op: Conv2D, graph: Graph) -> tuple[int, int, int]:
    """Return the pixels of a row, a pixel's inputs and channels."""
    width, outputs = graph.type(op.outputs[0]).shape[2:]
    return width, _taps(op) * graph.type(op.x).shape[3], outputs


def _is_signed(op: Conv2D, graph: Graph) -> bool:
    """Whether sums below the zero point are bytes of their own."""
    return graph.type(op.outputs[0]).q.zero_point > -128


def _taps(op: Conv2D) -> int:
    return op.window.kernel[0] * op.window.kernel[1]


def _lined_up(op: Conv2D, graph: Graph, block: int) -> float:
    """Return those by which a row's columns are lined up, so many pixels at a time."""
    if ternary.is_in_place(op):
        return 0
    width, channels = graph.type(op.outputs[0]).shape[2], graph.type(op.x).shape[3]
    whole, part = divmod(channels, VECTOR)
    columns = _columns(op, width, block)
    row = 41.0 * ceil(width / block) + columns * (5.3 * whole + 8 * (part > 0))
    padding = op.window.padding[1] + op.window.padding[3]
    if padding:
        row += ceil(width / block) * (46 + padding * (9 + 7.5 * ceil(channels / VECTOR)))
    return 145 + op.window.kernel[0] * row


def _lined_up_for_int8(op: Conv2D, graph: Graph) -> float:
    """Return the same with int8 weights: pixel by pixel where these share no columns, or have few channels."""
    height, width = graph.type(op.outputs[0]).shape[1:3]
    channels = graph.type(op.x).shape[3]
    (rows, columns), stride = op.window.kernel, op.window.stride[1]
    if ternary.is_in_place(op):
        return 0
    if op.window.dilation[1] != 1:
        return width * (30 + _taps(op) * (15 + 18 * ceil(channels / VECTOR)))
    top, left, bottom, right = op.window.padding
    if columns <= stride or channels < BLOCK:
        first = [x * stride - left for x in range(width)]
        at_edge = sum(x < 0 or x + columns > graph.type(op.x).shape[2] for x in first)
        outside = rows * at_edge + width * (top + bottom) / height
        inside = 9 + 5 * ceil(columns * channels / VECTOR)
        beside = (65 + 20 * columns) * (1 if stride == 1 else 1.25)
        return 100 + width * rows * inside + outside * beside
    block = block_of_columns(op, graph)
    around = 135 if left + right else 85
    each = 7.5 * ceil(channels / VECTOR)
    return rows * (around * ceil(width / block) + each * _columns(op, width, block))


def _columns(op: Conv2D, width: int, block: int) -> int:
    """Return the columns that a row is lined up in, so many pixels at a time."""
    each = op.window.kernel[1] if ternary.is_apart(op) else op.window.stride[1]
    return width * each + ceil(width / block) * max(op.window.kernel[1] - each, 0)
