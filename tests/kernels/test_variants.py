"""Every kernel of every instruction set against numpy, at awkward shapes, on the emulated core."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Bytes, Table
from tests.kernels.on_board import differing, in_pieces, instructions, plan_of
from tests.stub_model import needs_qemu
from tinyc.ir import Activation
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.window import Window, same_padding
from tinyc.target.boards import load_board


def same(size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> Window:
    (top, bottom), (left, right) = (
        same_padding(n, k, s, 1) for n, k, s in zip(size, kernel, stride, strict=True)
    )
    return Window(kernel, stride, (1, 1), (top, left, bottom, right))


POINT = Window((1, 1))


def pointwise(t: Table) -> None:
    for depth in (1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 31, 32, 33, 64, 127, 160, 170, 257):
        t.conv((1, 7, depth), 4 + depth % 3, POINT, RELU)
    for out in (1, 2, 3, 4, 5, 8, 9, 31):
        t.conv((3, 3, 10), out, POINT, LINEAR)
    for pixels in range(1, 12):
        t.conv((1, pixels, 13), 3, POINT, (LINEAR, RELU, CLAMPED)[pixels % 3])
    t.conv((4, 1, 40), 21, POINT, LINEAR)
    t.conv((5, 1, 9), 6, POINT, RELU)
    t.conv((5, 1, 3), 6, POINT, RELU)
    t.conv((3, 1, 16), 2, POINT, CLAMPED, bias=False)
    t.conv((4, 4, 8), 6, POINT, LINEAR, per_channel=False)
    t.conv((4, 4, 8), 6, POINT, LINEAR, spread=40.0)
    t.conv((4, 4, 8), 6, POINT, RELU, spread=0.02)
    t.conv((4, 4, 8), 6, POINT, RELU, spread=4000.0)


def windows(t: Table) -> None:
    for channels in (1, 2, 3, 4, 5, 8, 11, 16, 33):
        t.conv((5, 6, channels), 5, same((5, 6), (3, 3)), LINEAR)
        t.conv((7, 9, channels), 4, same((7, 9), (3, 3), (2, 2)), RELU)
    t.conv((9, 10, 1), 8, same((9, 10), (10, 4), (2, 2)), RELU)
    t.conv((6, 5, 3), 7, same((6, 5), (5, 5), (3, 2)), CLAMPED)
    t.conv((9, 11, 4), 6, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR)
    t.conv((9, 11, 5), 3, Window((2, 3), (2, 1), (3, 2), (1, 2, 0, 3)), LINEAR)
    t.conv((3, 3, 2), 5, same((3, 3), (7, 7)), RELU, bias=False)
    t.conv((4, 20, 3), 9, same((4, 20), (3, 3), (1, 4)), LINEAR, per_channel=False)
    t.conv((6, 6, 8), 8, Window((1, 1), (2, 2)), LINEAR)
    t.conv((5, 8, 64), 6, same((5, 8), (3, 3)), LINEAR)
    t.conv((6, 4, 8), 1, same((6, 4), (3, 3)), RELU)
    t.conv((1, 1, 1), 2, POINT, RELU)


def transposed(t: Table) -> None:
    for channels in (1, 2, 3, 4, 5, 7, 8, 9, 31, 33):
        window = same((6, 8), (3, 3), (2, 2))
        t.transposed(
            (3, 4, channels), (6, 8, 4 + channels % 5), window, (LINEAR, RELU, CLAMPED)[channels % 3]
        )
        t.transposed((3, 4, 9), (6, 8, channels), window, LINEAR)
    t.transposed((3, 4, 5), (5, 7, 6), same((5, 7), (4, 4), (2, 2)), RELU)
    t.transposed((4, 3, 8), (8, 6, 8), Window((2, 2), (2, 2)), LINEAR, bias=False)
    t.transposed((4, 3, 3), (10, 8, 5), Window((3, 3), (2, 2)), CLAMPED, per_channel=False)
    t.transposed((5, 4, 4), (14, 4, 7), same((14, 4), (7, 2), (3, 1)), LINEAR)
    t.transposed((2, 3, 2), (3, 5, 3), same((3, 5), (7, 9), (2, 2)), LINEAR)
    t.transposed((6, 7, 4), (6, 7, 5), same((6, 7), (5, 4)), RELU)
    t.transposed((3, 5, 40), (6, 10, 6), same((6, 10), (3, 3), (2, 2)), LINEAR)
    t.transposed((3, 4, 3), (7, 10, 2), Window((1, 2), (3, 3)), RELU)
    t.transposed((1, 1, 6), (1, 1, 2), Window((3, 3), (2, 2), (1, 1), (1, 1, 0, 0)), RELU)


def depthwise(t: Table) -> None:
    for channels in (1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33):
        t.depthwise((5, 6, channels), same((5, 6), (3, 3)), RELU)
        t.depthwise((7, 8, channels), same((7, 8), (3, 3), (2, 2)), LINEAR)
    for kernel in ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (4, 1), (5, 5), (3, 7), (7, 7), (1, 11)):
        t.depthwise((8, 9, 6), same((8, 9), kernel), LINEAR)
    t.depthwise((9, 12, 8), Window((3, 3), (1, 1), (2, 3), (2, 3, 2, 3)), LINEAR)
    t.depthwise((9, 12, 5), Window((3, 2), (2, 3), (1, 1), (0, 1, 1, 0)), CLAMPED)
    for stride in (1, 2):
        for columns in (1, 2, 3, 4, 9):
            t.depthwise((2, columns, 5), same((2, columns), (3, 3), (1, stride)), LINEAR)
        t.depthwise((9, 12, 6), Window((3, 3), (2, stride), (3, 1), (2, 2, 3, 3)), CLAMPED)
        t.depthwise((3, 8, 7), Window((3, 3), (1, stride)), RELU, spread=40.0)
    t.depthwise((3, 3, 12), same((3, 3), (7, 7)), RELU, bias=False)
    t.depthwise((15, 1, 16), Window((10, 1)), LINEAR)
    for spread in (0.02, 8.0, 100.0):
        t.depthwise((5, 6, 9), same((5, 6), (3, 3)), RELU, spread=spread)
        t.depthwise((5, 6, 9), same((5, 6), (3, 3)), LINEAR, spread=spread)
    t.depthwise((8, 8, 1), same((8, 8), (3, 3), (2, 2)), RELU, multiplier=8)
    t.depthwise((8, 8, 1), same((8, 8), (10, 8), (2, 2)), LINEAR, multiplier=7)
    t.depthwise((4, 5, 3), same((4, 5), (3, 3)), LINEAR, multiplier=2)


def dense(t: Table) -> None:
    for depth in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 17, 18, 19, 20, 64, 129):
        t.dense(depth, 5, (RELU, LINEAR)[depth % 2])
    for out in (1, 2, 3, 4, 7, 8, 9, 33):
        t.dense(10, out, LINEAR, bias=False)
    t.dense(24, 10, CLAMPED, vectors=2)


def dense_twice(t: Table) -> None:
    """Requantization that rounds twice, as TFLM does."""
    t.reference = "tflm"
    for depth in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 17, 18, 19, 20, 64, 129):
        t.dense(depth, 6, (RELU, LINEAR, CLAMPED)[depth % 3])
    for out in (1, 2, 3, 4, 7, 8, 9, 33):
        t.dense(10, out, LINEAR, vectors=3, per_channel=True)


def ternary(t: Table) -> None:
    t.ternary = True
    for depth in (1, 2, 3, 4, 5, 6, 7, 9, 10, 16, 24, 33, 48, 64, 160, 257, 530):
        t.conv((2, 1 + depth % 11, depth), 3 + depth % 3, POINT, (LINEAR, RELU, CLAMPED)[depth % 3])
    for pixels in (1, 2, 7, 8, 9, 17):
        t.conv((1, pixels, 15), 3, POINT, CLAMPED)
    for channels in (1, 3, 4, 8, 16, 33, 40):
        t.conv((4, 9, channels), 5, same((4, 9), (3, 3)), LINEAR)
        t.conv((5, 17, channels), 3, same((5, 17), (3, 3), (2, 2)), RELU)
    t.conv((5, 6, 3), 7, same((5, 6), (5, 5), (3, 2)), CLAMPED)
    t.conv((7, 11, 5), 70, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR)
    t.conv((4, 4, 80), 68, same((4, 4), (3, 3)), LINEAR, bias=False)
    t.conv((5, 18, 3), 6, Window((2, 3), (2, 1), (2, 2), (1, 2, 0, 3)), RELU, per_channel=False)
    for depth, out in ((5, 2), (6, 4), (7, 24), (8, 6), (27, 10), (64, 46), (96, 130), (250, 4), (1000, 2)):
        t.conv(
            (2, 4 + depth % 5, depth), out, POINT, (LINEAR, RELU, CLAMPED)[depth % 3], per_channel=out != 6
        )
    for columns, channels in ((1, 3), (2, 16), (3, 8), (4, 6), (5, 1), (6, 3), (7, 64), (10, 2)):
        t.conv((3, columns, channels), 6, same((3, columns), (3, 3)), (LINEAR, RELU)[columns % 2])
    t.conv((7, 9, 3), 24, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR)
    for columns, channels in ((33, 16), (20, 24), (30, 9)):  # where Helium unpacks for many pixels
        t.conv(
            (3, columns, channels), channels - 7, same((3, columns), (3, 3)), (LINEAR, CLAMPED)[columns % 2]
        )
        t.conv((2, columns, 2 * channels), 7, POINT, RELU)
    t.conv((2, 41, 16), 12, same((2, 41), (2, 5), (1, 2)), LINEAR)
    t.conv((2, 17, 96), 5, same((2, 17), (3, 3)), RELU)
    t.conv((3, 8, 16), 6, same((3, 8), (3, 3)), LINEAR)


def ternary_narrow(t: Table) -> None:
    """Rows of which eights leave some pixels, by lines and by 64 bits, with their taps in one part and in several."""
    t.ternary = True
    for columns in (*range(1, 13), 17, 18, 19, 21, 26):
        to = (RELU, LINEAR)[columns % 2]
        t.conv((3, columns, 3), 6, same((3, columns), (3, 3)), to)
        t.conv((2, columns, 16), 5, same((2, columns), (3, 3)), LINEAR if to is RELU else RELU)
        t.conv((1, columns, 23), 4, POINT, to)
        t.conv((1, columns, 40), 3, POINT, LINEAR if to is RELU else RELU)
    for columns in (1, 3, 4, 5, 6, 9, 10, 11):
        t.conv((2, columns, 40), 68, same((2, columns), (3, 3)), (CLAMPED, RELU)[columns % 2])
        t.conv((1, columns, 170), 66, POINT, (RELU, LINEAR)[columns % 2])
        t.conv((2, 2 * columns, 5), 7, same((2, 2 * columns), (3, 4), (1, 2)), LINEAR, per_channel=False)
    t.conv((7, 11, 5), 7, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR, bias=False)


def ternary_eights(t: Table) -> None:
    """The same, by kernels that compute eight pixels of whatever is left."""
    ternary_narrow(t)


def ternary_tables(t: Table) -> None:
    """By tables: of one code and of two, with first taps that make none, sums of several parts, channels in groups."""
    t.ternary = True
    for depth in (5, 6, 10, 11, 23, 24, 33, 48, 96, 250):
        t.conv((2, 1 + depth % 5, depth), 1 + depth % 7, POINT, (LINEAR, RELU, CLAMPED)[depth % 3])
    for depth, out in ((400, 9), (523, 4), (1000, 6), (1701, 5)):
        t.conv((1, 3, depth), out, POINT, (RELU, LINEAR)[depth % 2], spread=4.0)
    for out in (213, 430):
        t.conv((1, 5, 21 + out % 3), out, POINT, (LINEAR, RELU)[out % 2], per_channel=False)
        t.conv((1, 3, 410), out, POINT, LINEAR)
    for columns, channels in ((1, 3), (2, 16), (3, 8), (4, 7), (5, 1), (9, 40)):
        t.conv((3, columns, channels), 6, same((3, columns), (3, 3)), (LINEAR, RELU)[columns % 2])
        t.conv((4, 2 * columns, channels), 5, same((4, 2 * columns), (3, 4), (2, 2)), CLAMPED, bias=False)
    t.conv((2, 6, 80), 70, same((2, 6), (3, 3)), LINEAR)
    t.conv((7, 11, 5), 7, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), RELU)


def ternary_helium(t: Table) -> None:
    """For kernels that few of the rows above are wide enough for: each takes all that it can."""
    t.ternary = True
    for at, depth in enumerate(
        (16, 32, 48, 16, 32, 80, 25, 33, 129, 500, 640)
    ):  # in registers, by steps, with a rest
        t.conv((2, 1 + at, depth), 12 - at % 2, POINT, (LINEAR, RELU, CLAMPED)[at % 3])
    for depth in (16, 32, 64):  # weights unpacked in parts, the last of fewer channels
        t.conv((2, 6, depth), 7 + 4096 // depth, POINT, (LINEAR, RELU, CLAMPED)[depth // 16 % 3])
    for columns, depth, kernel in ((9, 16, 1), (12, 32, 1), (8, 20, 2), (1, 17, 1)):  # lie in place
        window = Window((1, kernel), (2, 2))
        t.conv((3, columns, depth), 8, window, (LINEAR, RELU)[depth % 32 > 0])
    t.conv((3, 9, 16), 8, Window((1, 1), (1, 2), (1, 1), (0, 1, 0, 1)), LINEAR)  # do not: columns of padding
    for columns, channels in ((1, 16), (5, 3), (6, 8), (7, 20), (10, 32), (26, 64)):
        t.conv(
            (3, columns, channels), 4 + channels, same((3, columns), (3, 3)), (LINEAR, CLAMPED)[columns % 2]
        )
    t.conv((5, 11, 5), 9, Window((3, 2), (2, 3), (2, 1), (1, 2, 2, 1)), LINEAR, per_channel=False)
    for columns, stride, pad in (
        (9, 1, 4),
        (12, 2, 2),
        (5, 1, 0),
    ):  # columns of a kernel apart, in rows and in images
        t.conv((1, columns, 16), 8, Window((1, 3), (1, stride), (1, 2), (0, pad, 0, 0)), RELU)
        t.conv((4, columns, 20), 9, Window((2, 2), (1, stride), (2, 3), (1, pad, 1, 3)), LINEAR)
        t.conv((4, columns + 6, 48), 7, Window((2, 3), (1, stride), (2, 2), (1, pad, 1, 1)), LINEAR)
    t.conv((4, 4, 32), 8, POINT, LINEAR, spread=40.0)
    t.conv((4, 4, 16), 6, POINT, RELU, spread=0.02)
    # fives of channels: pairs of pixels and one alone, one step to five of the loop, rests of the inputs and of the
    # channels, more channels than are made bytes together
    for columns, depth, out in ((2, 16, 5), (3, 32, 65), (5, 64, 130), (1, 48, 40), (4, 80, 64), (7, 30, 81)):
        for relu in (LINEAR, RELU):
            t.conv((2, columns, depth), out, POINT, relu, per_channel=columns % 2 > 0)
    # few inputs, which stay in registers, and channels that are left over of fives
    for columns, depth, out in ((5, 7, 83), (2, 16, 48), (3, 20, 22), (4, 32, 24), (3, 90, 48), (2, 40, 81)):
        t.conv((2, columns, depth), out, POINT, (LINEAR, RELU)[columns % 2])
    t.conv((4, 5, 3), 16, same((4, 5), (3, 3)), RELU)
    for columns, depth, dilation, pad in (
        (7, 16, 2, 4),
        (11, 80, 3, 0),
        (9, 48, 4, 8),
    ):  # and of columns apart
        for relu in (LINEAR, RELU):
            t.conv((1, columns, depth), 10, Window((1, 3), (1, 1), (1, dilation), (0, pad, 0, 0)), relu)
    t.conv((3, 9, 32), 65, Window((2, 2), (1, 2), (1, 3), (1, 1, 1, 2)), RELU)


def ternary_depthwise(t: Table) -> None:
    t.ternary = True
    depthwise(t)
    t.depthwise((4, 30, 36), same((4, 30), (3, 3)), RELU)
    t.depthwise((4, 40, 20), same((4, 40), (5, 5)), LINEAR)
    t.depthwise((1, 24, 140), same((1, 24), (3, 3)), CLAMPED)  # whose weights are unpacked in parts
    t.depthwise((3, 9, 140), same((3, 9), (5, 5), (2, 2)), RELU)
    for rows in (1, 2, 3, 4, 5, 6, 7, 8, 9, 17):  # whose taps are done four or eight at a time
        t.depthwise((rows, 7, 12), Window((rows, 1)), (RELU, LINEAR, CLAMPED)[rows % 3])
    t.depthwise((6, 11, 8), Window((3, 2), (1, 2), (1, 3), (1, 2, 0, 2)), RELU)
    t.depthwise((5, 6, 4), same((5, 6), (3, 3)), RELU, multiplier=3)
    for columns in (5, 7, 8, 9, 13, 16, 22):  # eight pixels at a time
        t.depthwise((3, columns, 8), same((3, columns), (3, 3)), (RELU, CLAMPED)[columns % 2])
        t.depthwise((3, columns, 8), same((3, columns), (5, 5)), (RELU, LINEAR)[columns % 2])
        t.depthwise((3, columns, 6), same((3, columns), (3, 3)), LINEAR)
        t.depthwise((3, 2 * columns, 4), same((3, 2 * columns), (3, 3), (2, 2)), LINEAR)
        t.depthwise((3, 2 * columns, 4), same((3, 2 * columns), (3, 3), (2, 2)), RELU)
        t.depthwise((3, 2 * columns - 1, 12), same((3, 2 * columns - 1), (5, 5), (1, 2)), CLAMPED)
    t.depthwise((9, 14, 8), Window((3, 3), (2, 1), (3, 1), (2, 0, 3, 0)), RELU)
    t.depthwise((5, 12, 10), Window((4, 3), (1, 2), (1, 1), (1, 6, 1, 9)), CLAMPED)
    t.depthwise((4, 6, 16), Window((2, 5), (1, 1), (1, 1), (0, 12, 1, 3)), RELU)
    t.depthwise((12, 5, 20), Window((10, 1)), RELU)
    t.depthwise((3, 11, 4), Window((7, 1), (1, 2), (1, 1), (3, 2, 3, 1)), RELU)


def ternary_dense(t: Table) -> None:
    t.ternary = True
    for depth in (1, 2, 3, 4, 5, 6, 9, 11, 16, 19, 24, 33, 64, 130):
        t.dense(depth, 70 + depth % 3, (RELU, LINEAR)[depth % 2], per_channel=depth % 3 == 0)
    for out in (1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 16, 31, 33, 42):
        t.dense(21 + out, out, LINEAR, bias=out % 2 == 0)
    t.dense(300, 7, RELU)
    t.dense(50, 133, CLAMPED, vectors=2)
    t.dense(64, 10, LINEAR, vectors=3)
    t.dense(128, 90, LINEAR)
    for out in (17, 25, 48):  # several parts of the inputs
        t.dense(253 + out, out, CLAMPED, per_channel=True)
    t.dense(128, 5, LINEAR, bias=False)


def ternary_dense_twice(t: Table) -> None:
    t.reference, t.ternary = "tflm", True
    for depth in (1, 4, 9, 20, 31, 64):
        t.dense(depth, 105, (RELU, LINEAR, CLAMPED)[depth % 3])
    for out in (1, 3, 5, 8, 9, 16, 33):
        t.dense(23, out, LINEAR, vectors=2, per_channel=True)


def elementwise(t: Table) -> None:
    for kind in (Add, Sub, Mul):
        for n in (1, 2, 3, 4, 5, 15, 16, 17, 33):
            t.binary(kind, (1, 3, n), LINEAR)
            t.binary(kind, (1, 2, 3, n), LINEAR, (1, 1, 1, n))
        t.binary(kind, (1, 40, 50), CLAMPED)
        t.binary(kind, (1, 40, 50), Bytes(-128))
    for n in (1, 3, 4, 7, 15, 16, 17, 256):
        t.table((1, 5, n))


def pools(t: Table) -> None:
    for kind in (MaxPool2D, AveragePool2D):
        for channels in (1, 3, 4, 7, 8, 17):
            t.pool(kind, (5, 7, channels), Window((2, 3), (2, 2), (1, 1), (1, 1, 0, 1)))
            t.pool(kind, (4, 5, channels), Window((4, 5)))
        t.pool(kind, (6, 6, 5), Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1)), Activation.RELU_N1_TO_1)
    for channels in (1, 3, 4, 7, 8, 17):
        t.mean((5, 6, channels))
        t.extreme(ReduceMax, (5, 6, channels))
        t.extreme(ReduceMin, (3, 1, channels))
        for kind in (Mean, Sum, ReduceMax, ReduceMin):
            t.of_vectors(kind, (3, 5, channels))
    t.mean((20, 30, 6))


#: For rows that make no eights, and for those that do.
NARROW = {
    "tc_conv2d_ternary_narrow_s8_scalar",
    "tc_conv2d_1x1_ternary_narrow_s8_scalar",
    "tc_conv2d_ternary_line_narrow_s8_scalar",
    "tc_conv2d_1x1_ternary_line_narrow_s8_scalar",
}
EIGHTS = {kernel.replace("_narrow", "") for kernel in NARROW}
BY_TABLES = {kernel.replace("_narrow", "_tables") for kernel in NARROW}
#: What a board without Helium must have used, so that a refusal by mistake is seen.
SIMD: dict[Callable[[Table], None], set[str]] = {
    pointwise: {"tc_conv2d_1x1_s8_dsp", "tc_fully_connected_s8_dsp"},
    windows: {"tc_conv2d_s8_dsp"},
    depthwise: {"tc_depthwise_conv2d_s8_dsp", "tc_depthwise_conv2d_3x3_s8_dsp", "tc_conv2d_s8_dsp"},
    dense: {"tc_fully_connected_once_s8_dsp"},
    dense_twice: {"tc_fully_connected_s8_dsp"},
    ternary: {
        "tc_conv2d_ternary_s8_dsp",
        "tc_conv2d_ternary_line_s8_dsp",
        "tc_conv2d_1x1_ternary_s8_dsp",
        "tc_conv2d_1x1_ternary_line_s8_dsp",
        "tc_conv2d_1x1_ternary_s8_scalar",
    },
    ternary_eights: EIGHTS,
    ternary_tables: BY_TABLES,
    ternary_depthwise: {"tc_depthwise_conv2d_ternary_s8_dsp", "tc_depthwise_conv2d_3x3_ternary_s8_dsp"},
    ternary_dense: {"tc_fully_connected_ternary_once_s8_dsp", "tc_fully_connected_ternary_once_s8_thumb2"},
    ternary_dense_twice: {"tc_fully_connected_ternary_s8_dsp"},
    elementwise: {"tc_linear_s8_dsp", "tc_mul_s8_dsp"},
    pools: {
        "tc_max_pool2d_s8_dsp",
        "tc_average_pool2d_s8_dsp",
        "tc_reduce_average_s8_dsp",
        "tc_reduce_mean_s8_dsp",
        "tc_max_rows_s8_dsp",
        "tc_min_rows_s8_dsp",
        "tc_mean_vectors_s8_dsp",
    },
}
#: The same for a core without SIMD.
SCALAR: dict[Callable[[Table], None], set[str]] = {
    pointwise: {"tc_conv2d_1x1_s8_scalar"},
    windows: {"tc_conv2d_s8_scalar"},
    transposed: {"tc_transpose_conv_s8_scalar", "tc_transpose_conv_s8_ref"},
    depthwise: {"tc_depthwise_conv2d_s8_scalar", "tc_conv2d_s8_scalar"},
    dense: {"tc_fully_connected_once_s8_scalar"},
    dense_twice: {"tc_fully_connected_s8_scalar"},
    ternary: {
        "tc_conv2d_ternary_s8_scalar",
        "tc_conv2d_1x1_ternary_s8_scalar",
        "tc_conv2d_ternary_line_s8_scalar",
        "tc_conv2d_1x1_ternary_line_s8_scalar",
    },
    ternary_narrow: NARROW,
    ternary_eights: EIGHTS,
    ternary_tables: BY_TABLES,
    ternary_depthwise: {
        "tc_depthwise_conv2d_ternary_line_s8_scalar",
        "tc_depthwise_conv2d_ternary_clamped_line_s8_scalar",
        "tc_depthwise_conv2d_ternary_sided_line_s8_scalar",
        "tc_depthwise_conv2d_ternary_s8_scalar",
    },
    ternary_dense: {
        "tc_fully_connected_ternary_once_s8_scalar",
        "tc_fully_connected_ternary_few_once_s8_scalar",
    },
    ternary_dense_twice: {
        "tc_fully_connected_ternary_s8_scalar",
        "tc_fully_connected_ternary_few_s8_scalar",
    },
    elementwise: {"tc_linear_s8_scalar"},
}
#: And with Helium.
HELIUM: dict[Callable[[Table], None], set[str]] = {
    elementwise: {"tc_linear_s8_mve", "tc_mul_s8_mve", "tc_lookup_s8_mve"},
    pools: {"tc_max_rows_s8_mve", "tc_min_rows_s8_mve", "tc_mean_vectors_s8_mve"},
    ternary: {
        "tc_conv2d_ternary_s8_mve",
        "tc_conv2d_ternary_blocks_s8_mve",
        "tc_conv2d_1x1_ternary_blocks_s8_mve",
        "tc_conv2d_1x1_ternary_fives_s8_mve",
        "tc_conv2d_ternary_fives_s8_mve",
    },
    ternary_depthwise: {"tc_depthwise_conv2d_ternary_s8_mve"},
    ternary_dense: {"tc_fully_connected_ternary_once_s8_mve"},
    ternary_dense_twice: {"tc_fully_connected_ternary_s8_mve"},
}
#: And of Thumb-2 without SIMD.
THUMB2: dict[Callable[[Table], None], set[str]] = {
    ternary_narrow: NARROW,
    ternary_eights: EIGHTS,
    ternary_dense: {
        "tc_fully_connected_ternary_once_s8_thumb2",
        "tc_fully_connected_ternary_once_s8_scalar",
    },
    ternary_dense_twice: {
        "tc_fully_connected_ternary_s8_thumb2",
        "tc_fully_connected_ternary_s8_scalar",
    },
}
#: And of RISC-V, of which some are code by code, and of the Cortex-M0.
BY_CODE = {
    "tc_conv2d_ternary_s8_rv32",
    "tc_conv2d_ternary_line_s8_rv32",
    "tc_conv2d_1x1_ternary_s8_rv32",
    "tc_conv2d_1x1_ternary_line_s8_rv32",
}
RISCV: dict[Callable[[Table], None], set[str]] = {
    ternary: BY_CODE,
    ternary_narrow: BY_CODE,
    ternary_depthwise: {"tc_depthwise_conv2d_ternary_s8_rv32", "tc_depthwise_conv2d_ternary_2_s8_rv32"},
    ternary_dense: {"tc_fully_connected_ternary_once_s8_rv32"},
    ternary_dense_twice: {"tc_fully_connected_ternary_s8_rv32"},
}
ARMV6M: dict[Callable[[Table], None], set[str]] = {
    ternary_depthwise: {"tc_depthwise_conv2d_ternary_s8_armv6m"},
    ternary_dense: {"tc_fully_connected_ternary_once_s8_armv6m"},
    ternary_dense_twice: {"tc_fully_connected_ternary_s8_armv6m"},
}
EXPECTED = {"dsp": SIMD, "scalar": SCALAR, "mve": HELIUM, "thumb2": THUMB2, "rv32": RISCV, "armv6m": ARMV6M}
#: Sets of few kernels: the tables of those alone.
FEW = ("rv32", "armv6m")
TABLES = (
    pointwise, windows, transposed, depthwise, dense, dense_twice, ternary, ternary_narrow, ternary_eights,
    ternary_tables, ternary_depthwise, ternary_dense, ternary_dense_twice, elementwise, pools,
)  # fmt: skip
#: What the name of a kernel matches that comes before others.
#: What kernels' names have, where int8 weights or other kernels may come first.
AMONG = {
    ternary: "ternary",
    ternary_depthwise: "ternary",
    ternary_dense: "ternary",
    ternary_dense_twice: "ternary",
    ternary_narrow: "narrow",
    ternary_eights: r"conv2d(_1x1)?_ternary(_line)?_s8_scalar",
    ternary_tables: "tables",
}
CORES = (
    ("mps2-an386", ("dsp", "ref")),
    ("mps3-an547", ("mve", "dsp", "ref")),
    ("mps3-an547", ("dsp", "ref")),
    ("mps2-an385", ("scalar", "ref")),
    ("mps2-an385", ("thumb2", "ref")),
    ("microbit", ("scalar", "ref")),
    ("hifive1-revb", ("scalar", "ref")),
    ("hifive1-revb", ("rv32", "ref")),
    ("microbit", ("armv6m", "ref")),
)
CASES = tuple(
    pytest.param(fill, board, isas, id=f"{fill.__name__}-{board}-{isas[0]}")
    for fill in TABLES
    for board, isas in CORES
    if isas[0] not in FEW or fill in EXPECTED[isas[0]]
)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("fill", "board", "isas"), CASES)
def test_kernels_equal_numpy(
    fill: Callable[[Table], None], board: str, isas: tuple[str, ...], tmp_path: Path
) -> None:
    table = Table(seed=len(fill.__name__))
    fill(table)
    whole, facts = table.graph(), load_board(board)
    ram = facts.ram_bytes
    assert ram is not None
    used: set[str] = set()
    for number, graph in enumerate(in_pieces(whole, ram // 2)):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(
            graph, samples, facts, isas, tmp_path / str(number), among=AMONG.get(fill, "")
        )
        assert not wrong, "\n".join(wrong)
        used |= kernels
    if isas[0] in EXPECTED:
        assert EXPECTED[isas[0]].get(fill, set()) <= used


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    "among", ["2d_ternary_s8_mve", "1x1_ternary_s8_mve", "ternary_blocks", "ternary_fives"]
)
def test_helium_kernels_of_ternary_weights_equal_numpy_where_others_come_first(
    among: str, tmp_path: Path
) -> None:
    table, facts = Table(seed=5), load_board("mps3-an547")
    ternary_helium(table)
    assert facts.ram_bytes is not None
    used: set[str] = set()
    for number, graph in enumerate(in_pieces(table.graph(), facts.ram_bytes // 2)):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(graph, samples, facts, ("mve", "ref"), tmp_path / str(number), among=among)
        assert not wrong, "\n".join(wrong)
        used |= kernels
    assert any(among in kernel for kernel in used)


#: Of the instructions that the reference kernels take; a core without a long multiplication gains less.
SHARES = {"mps2-an385": 0.30, "hifive1-revb": 0.38, "microbit": 0.60}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", SHARES)
def test_scalar_kernels_take_a_fraction_of_the_instructions(board: str, tmp_path: Path) -> None:
    table = Table(seed=8)
    table.conv((8, 8, 32), 32, same((8, 8), (3, 3)), RELU)
    graph = table.graph()
    sample = table.bytes(graph, False)
    fast, slow = (
        instructions(graph, sample, load_board(board), isas, tmp_path / isas[0])
        for isas in (("scalar", "ref"), ("ref",))
    )
    assert fast < SHARES[board] * slow


#: The least by which int8 weights take more instructions than ternary ones: in a convolution, a dense layer, and, on
#: cores without SIMD, a convolution of few taps, a depthwise layer, and convolutions of rows of four, ten and five.
GAINS = {
    "microbit": (2.5, 2.5, 2.5, 2.8, 2.5, 2.5, 2.5),
    "mps2-an385": (1.8, 1.8, 1.7, 1.8, 1.8, 1.8, 1.8),
    "hifive1-revb": (2.0, 2.0, 2.0, 2.4, 2.0, 2.0, 2.0),
    "mps2-an386": (1.4, 1.05),
    "mps3-an547": (0.8, 0.8),
}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("board", "at"), [(board, at) for board, gains in GAINS.items() for at in range(len(gains))]
)
def test_ternary_weights_take_a_fraction_of_the_instructions(board: str, at: int, tmp_path: Path) -> None:
    spent = []
    for is_ternary in (True, False):
        table = Table(seed=8, ternary=is_ternary)
        if at == 0:
            table.conv((8, 8, 32), 32, same((8, 8), (3, 3)), RELU)
        elif at == 1:
            table.dense(640, 128, RELU)
        elif at == 2:
            table.conv((8, 32, 3), 16, same((8, 32), (3, 3)), RELU)
        elif at == 3:
            table.depthwise((8, 8, 64), same((8, 8), (3, 3)), RELU)
        elif at == 4:
            table.conv((4, 4, 64), 64, same((4, 4), (3, 3)), RELU)
        elif at == 5:
            table.conv((10, 10, 16), 16, same((10, 10), (3, 3)), RELU)
        else:
            table.conv((6, 5, 64), 64, POINT, RELU)
        graph, facts = table.graph(), load_board(board)
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] * GAINS[board][at] <= spent[1]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("size", "out", "stride"),
    [((4, 32, 16), 32, 2), ((4, 16, 32), 64, 2), ((2, 8, 64), 64, 1), ((2, 10, 16), 16, 1)],
)
def test_ternary_weights_of_few_taps_take_a_quarter_more_by_helium(
    size: tuple[int, int, int], out: int, stride: int, tmp_path: Path
) -> None:
    """Rows of 8 pixels and more: int8 weights take up to four times the flash."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board("mps3-an547")
        table.conv(size, out, Window((1, 1), (stride, stride)), LINEAR)
        graph = table.graph()
        (low,) = plan_of(graph, facts.isa, "").lowerings
        assert ("ternary" in low.symbols) == is_ternary
        spent.append(
            instructions(graph, table.bytes(graph, False), facts, facts.isa, tmp_path / str(is_ternary))
        )
    assert spent[0] <= 1.25 * spent[1]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("size", "out", "window"),
    [
        ((4, 5, 64), 64, POINT),
        ((4, 2, 128), 128, POINT),
        ((4, 4, 64), 64, same((4, 4), (3, 3))),
        ((2, 2, 128), 128, same((2, 2), (3, 3))),
        ((4, 8, 64), 64, same((4, 8), (3, 3))),
        ((1, 10, 128), 128, Window((1, 3), (1, 1), (1, 4))),
        ((4, 8, 16), 64, POINT),
        ((4, 8, 32), 64, POINT),
        ((4, 8, 48), 48, POINT),
        ((6, 6, 24), 96, POINT),
        ((6, 6, 96), 48, POINT),
        ((6, 6, 24), 24, same((6, 6), (3, 3))),
        ((16, 16, 3), 16, same((16, 16), (3, 3), (2, 2))),
        ((4, 16, 32), 32, same((4, 16), (3, 3))),
    ],
)
def test_rows_of_few_pixels_have_ternary_weights_and_take_a_quarter_more_by_helium(
    size: tuple[int, int, int], out: int, window: Window, tmp_path: Path
) -> None:
    """Though no pixels share unpacked weights: none are unpacked."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board("mps3-an547")
        table.conv(size, out, window, RELU)
        graph = table.graph()
        (low,) = plan_of(graph, facts.isa, "").lowerings
        assert ("ternary_fives" in low.symbols) == is_ternary
        spent.append(
            instructions(graph, table.bytes(graph, False), facts, facts.isa, tmp_path / str(is_ternary))
        )
    assert spent[0] <= 1.25 * spent[1]


@pytest.mark.parametrize(
    ("size", "out", "stride"), [((2, 2, 2048), 48, 1), ((2, 2, 512), 48, 1), ((4, 4, 1024), 192, 2)]
)
def test_helium_kernels_unpack_channels_left_over_of_fives_into_what_ram_may_grow_by(
    size: tuple[int, int, int], out: int, stride: int
) -> None:
    """By 2.5 kB, of which some are stack."""
    scratch = []
    for is_ternary in (True, False):
        table = Table(seed=8, ternary=is_ternary)
        table.conv(size, out, Window((1, 1), (stride, stride)), RELU)
        (low,) = plan_of(table.graph(), load_board("mps3-an547").isa, "ternary_fives").lowerings
        scratch.append(low.scratch_bytes)
    assert scratch[0] <= scratch[1] + 2304


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["microbit", "mps2-an385", "hifive1-revb"])
@pytest.mark.parametrize(
    "what",
    ["row of two pixels", "row of two pixels, few channels", "depthwise", "depthwise without ReLU"],
)
def test_ternary_weights_take_no_more_instructions_than_int8(board: str, what: str, tmp_path: Path) -> None:
    """By the kernels of first choice, which may be those of int8 weights."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board(board)
        is_row = "row" in what
        if is_row:
            table.conv((2, 2, 32), 24 if "few" in what else 64, same((2, 2), (3, 3)), RELU)
        else:
            to = LINEAR if "without" in what else RELU
            table.depthwise((13, 13, 30), same((13, 13), (3, 3), (2, 2)), to)
        graph = table.graph()
        if is_row:
            (low,) = plan_of(graph, facts.isa, "").lowerings
            assert ("ternary" in low.symbols) == is_ternary
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] <= 1.01 * spent[1]


FEW_TAPS: dict[str, tuple[Callable[[Table], None], bool]] = {
    "1x1, 6 inputs": (lambda table: table.conv((4, 8, 6), 64, POINT, RELU), False),
    "1x1, 24 inputs, rows of two": (lambda table: table.conv((4, 2, 24), 32, POINT, RELU), True),
    "1x1, 64 inputs": (lambda table: table.conv((4, 8, 64), 64, POINT, RELU), True),
    "3x3/2, 2 inputs": (lambda table: table.conv((7, 11, 2), 64, same((7, 11), (3, 3), (2, 2)), RELU), False),
    "3x3, 16 inputs": (lambda table: table.conv((4, 8, 16), 16, same((4, 8), (3, 3)), RELU), True),
    "dense, 640 -> 4": (lambda table: table.dense(640, 4, RELU), False),
    "dense, 64 -> 12": (lambda table: table.dense(64, 12, RELU), False),
    "dense, 256 -> 64": (lambda table: table.dense(256, 64, RELU), True),
    "dense, 64 -> 32": (lambda table: table.dense(64, 32, RELU), True),
    "one pixel, 32 -> 128": (lambda table: table.conv((1, 1, 32), 128, POINT, RELU), True),
    "one pixel, 64 -> 64, rounded twice": (lambda table: table.conv((1, 1, 64), 64, POINT, LINEAR), True),
    "one pixel, 32 -> 16": (lambda table: table.conv((1, 1, 32), 16, POINT, RELU), False),
}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("what", FEW_TAPS)
def test_ternary_weights_take_a_tenth_more_instructions_at_most_by_simd(what: str, tmp_path: Path) -> None:
    """Where they would take more, of few taps or outputs, int8 weights stay; ternary ones are still a choice."""
    spent, (fill, taken) = [], FEW_TAPS[what]
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board("mps2-an386")
        fill(table)
        graph = table.graph()
        (low,) = plan_of(graph, facts.isa, "").lowerings
        assert ("ternary" in low.symbols) == (is_ternary and taken)
        (packed,) = plan_of(graph, facts.isa, "ternary").lowerings
        assert ("ternary" in packed.symbols) == is_ternary
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] <= 1.10 * spent[1]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("depth", "out", "taken"),
    [
        (640, 1, True),
        (128, 4, False),
        (64, 10, True),
        (64, 12, True),
        (64, 8, True),
        (256, 3, True),
        (64, 4, False),
    ],
)
def test_ternary_dense_layers_take_a_quarter_more_instructions_at_most_by_helium(
    depth: int, out: int, taken: bool, tmp_path: Path
) -> None:
    """Where they would take more, of few outputs, int8 weights stay."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board("mps3-an547")
        table.dense(depth, out, RELU)
        graph = table.graph()
        (low,) = plan_of(graph, facts.isa, "").lowerings
        assert ("ternary" in low.symbols) == (is_ternary and taken)
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] <= 1.25 * spent[1]


@pytest.mark.parametrize("board", ["microbit", "mps2-an385", "hifive1-revb"])
@pytest.mark.parametrize(
    ("size", "out", "kernel"),
    [
        ((8, 8, 160), 40, (1, 1)),
        ((6, 6, 256), 80, (1, 1)),
        ((4, 8, 400), 24, (1, 1)),
        ((7, 7, 28), 144, (3, 3)),
        ((8, 8, 64), 64, (3, 3)),
        ((10, 10, 20), 120, (1, 1)),
    ],
)
def test_ternary_convolutions_leave_room_for_the_stack_in_what_ram_may_grow_by(
    size: tuple[int, int, int], out: int, kernel: tuple[int, int], board: str
) -> None:
    """By 2.5 kB. Built, kernels of taps take up to 364 bytes of stack more than int8 weights, those of tables 100."""
    scratch, kernels = [], []
    for is_ternary in (True, False):
        table = Table(seed=8, ternary=is_ternary)
        table.conv(size, out, same(size[:2], kernel), RELU)
        (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
        scratch.append(min((narrow.scratch_bytes for narrow in low.narrower), default=low.scratch_bytes))
        kernels.append(low.symbols)
    stack = 100 if "tables" in kernels[0] else 364 if kernel == (1, 1) else 264
    assert "ternary" in kernels[0]
    assert scratch[0] + stack <= scratch[1] + 2560


@pytest.mark.parametrize("board", ["microbit", "mps2-an385", "hifive1-revb"])
@pytest.mark.parametrize(("columns", "kernel"), [(1, "tc_fully_connected_"), (2, "tc_conv2d_1x1_.*_tables_")])
def test_pointwise_ternary_convolutions_of_one_pixel_are_dense_layers_and_of_two_take_tables(
    columns: int, kernel: str, board: str
) -> None:
    table = Table(seed=8, ternary=True)
    table.conv((2, columns, 128), 256, POINT, RELU)
    (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
    assert re.match(kernel, low.symbols)


@pytest.mark.parametrize("channels", [64, 128])
def test_pointwise_ternary_convolutions_of_three_pixels_are_no_dense_layers_on_risc_v(channels: int) -> None:
    """Which would take a fifth more."""
    table = Table(seed=8, ternary=True)
    table.conv((2, 3, channels), channels, POINT, RELU)
    (low,) = plan_of(table.graph(), load_board("hifive1-revb").isa, "").lowerings
    assert re.fullmatch("tc_conv2d_1x1_ternary_(line_)?s8_rv32", low.symbols)


@pytest.mark.parametrize("board", ["microbit", "mps2-an385", "hifive1-revb"])
@pytest.mark.parametrize(
    ("depth", "out", "kernel"), [(128, 128, POINT), (72, 700, POINT), (128, 130, (1, 3))]
)
def test_tables_leave_room_for_the_stack_in_what_ram_may_grow_by(
    depth: int, out: int, kernel: tuple[int, int] | Window, board: str
) -> None:
    """By 2.5 kB: int8 weights take no scratch for 1x1 kernels, and some for others."""
    spent = []
    for is_ternary in (True, False):
        table = Table(seed=8, ternary=is_ternary)
        window = kernel if isinstance(kernel, Window) else same((2, 2), kernel)
        table.conv((2, 2, depth), out, window, RELU)
        (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
        assert ("tables" in low.symbols) == is_ternary
        spent.append(low.scratch_bytes)
    assert spent[0] <= spent[1] + 2456


@pytest.mark.parametrize("board", ["mps2-an386", "mps2-an500", "mps2-an505"])
@pytest.mark.parametrize(
    ("size", "out", "kernel", "taken"),
    [
        ((2, 2, 128), 128, (3, 3), "tc_conv2d_ternary_line_tables_s8_scalar"),
        ((2, 1, 128), 128, (1, 3), "tc_conv2d_ternary_line_tables_s8_scalar"),
        ((2, 3, 128), 128, (3, 3), "tc_conv2d_ternary_line_s8_dsp"),
        ((2, 2, 64), 64, (3, 3), "tc_conv2d_ternary_line_s8_dsp"),
        ((2, 6, 256), 256, (3, 3), "tc_conv2d_ternary_line_tables_s8_scalar"),
        ((2, 1, 128), 128, (1, 1), "tc_conv2d_1x1_ternary_line_tables_s8_scalar"),
        ((2, 2, 128), 128, (1, 1), "tc_conv2d_1x1_ternary_line_tables_s8_scalar"),
        ((3, 3, 128), 128, (1, 1), "tc_conv2d_1x1_ternary_line_s8_dsp"),
        ((4, 1, 128), 128, (1, 1), "tc_conv2d_1x1_ternary_line_s8_dsp"),
        ((2, 2, 512), 512, (1, 1), "tc_conv2d_1x1_ternary_line_tables_s8_scalar"),
        ((1, 1, 128), 128, (1, 1), "tc_fully_connected_ternary_once_s8_dsp"),
        ((4, 2, 128), 129, (1, 1), "tc_conv2d_1x1_ternary_line_tables_s8_scalar"),
        ((4, 2, 32), 33, (1, 1), "tc_conv2d_1x1_s8_dsp"),
    ],
)
def test_cores_with_simd_take_tables_for_few_pixels_of_many_channels(
    size: tuple[int, int, int], out: int, kernel: tuple[int, int], taken: str, board: str
) -> None:
    """SIMD kernels for more pixels, and for fewer channels; a dense layer for one pixel."""
    table = Table(seed=8, ternary=True)
    table.conv(size, out, same(size[:2], kernel), RELU)
    (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
    assert low.symbols == taken


@pytest.mark.parametrize(("size", "out", "kernel"), [((2, 2, 512), 512, (1, 1)), ((2, 2, 128), 128, (1, 3))])
def test_tables_leave_room_for_the_stack_beside_what_int8_weights_take_with_simd(
    size: tuple[int, int, int], out: int, kernel: tuple[int, int]
) -> None:
    """Stack of tables is up to 224 bytes more."""
    spent = []
    for is_ternary in (True, False):
        table = Table(seed=8, ternary=is_ternary)
        table.conv(size, out, same(size[:2], kernel), RELU)
        (low,) = plan_of(table.graph(), load_board("mps2-an386").isa, "").lowerings
        assert ("tables" in low.symbols) == is_ternary
        spent.append(low.for_columns(2).scratch_bytes)
    assert spent[0] <= spent[1] + 2328


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["mps2-an386", "mps2-an500"])
def test_two_pixels_of_128_channels_take_less_than_int8_weights_and_than_simd(
    board: str, tmp_path: Path
) -> None:
    spent = []
    for is_ternary, among in ((True, ""), (True, "ternary(_line)?_s8_dsp"), (False, "")):
        table, facts = Table(seed=8, ternary=is_ternary), load_board(board)
        table.conv((2, 2, 128), 128, same((2, 2), (1, 3)), RELU)
        graph = table.graph()
        sample = table.bytes(graph, False)
        place = tmp_path / str(len(spent))
        spent.append(instructions(graph, sample, facts, facts.isa, place, among))
    assert spent[0] <= 0.93 * spent[1]
    assert spent[0] <= 0.9 * spent[2]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("size", "out", "kernel", "most"),
    [
        ((8, 8, 3), 128, (3, 3), 0.98),
        ((3, 3, 32), 128, (1, 1), 0.9),
        ((3, 3, 64), 128, (1, 1), 0.92),
        ((8, 8, 64), 64, (1, 1), 0.8),
    ],
)
def test_simd_makes_bytes_by_lines(
    size: tuple[int, int, int], out: int, kernel: tuple[int, int], most: float, tmp_path: Path
) -> None:
    """Layers of few taps, most of whose instructions are for bytes, against int8 weights."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board("mps2-an386")
        table.conv(size, out, same(size[:2], kernel), RELU)
        graph = table.graph()
        place = tmp_path / str(is_ternary)
        spent.append(instructions(graph, table.bytes(graph, False), facts, facts.isa, place))
    assert spent[0] <= most * spent[1]


#: Of the instructions that kernels for eight pixels, or four, take for two.
OF_TWO = {"microbit": 0.45, "mps2-an385": 0.45, "hifive1-revb": 0.6}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", OF_TWO)
def test_tables_of_two_pixels_are_shared_by_many_channels(board: str, tmp_path: Path) -> None:
    table, facts = Table(seed=8, ternary=True), load_board(board)
    table.conv((2, 2, 128), 128, same((2, 2), (1, 3)), RELU)
    graph = table.graph()
    sample = table.bytes(graph, False)
    (low,) = plan_of(graph, facts.isa, "").lowerings
    assert "tables" in low.symbols and low.weight_bits <= 1.65
    spent = [
        instructions(graph, sample, facts, facts.isa, tmp_path / str(at), among)
        for at, among in enumerate(("tables", "narrow"))
    ]
    assert spent[0] <= OF_TWO[board] * spent[1]
