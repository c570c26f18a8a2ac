"""input_region against brute force: changing any input pixel outside of it leaves the output region as it was."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.ir import Op, Origin, Quant, Region, TensorType
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.concat import Concat
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.pad import Pad
from tinyc.ops.prelu import Prelu
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.tanh import Tanh
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Window

WHERE = Origin("m.tflite", 0, "OP", "y")
A, B, Y = ("a",), ("a", "b"), ("y",)
IMAGE = (1, 7, 6, 2)

CASES: list[tuple[Op, tuple[tuple[int, ...], ...]]] = [
    (MaxPool2D(A, Y, WHERE, Window((3, 2), (2, 1), padding=(1, 0, 1, 1))), (IMAGE,)),
    (AveragePool2D(A, Y, WHERE, Window((2, 5), (1, 2))), (IMAGE,)),
    (Pad(A, Y, WHERE, ((0, 0), (2, 1), (0, 3), (1, 0)), 0.5), (IMAGE,)),
    (Tanh(A, Y, WHERE), (IMAGE,)),
    (Add(B, Y, WHERE), (IMAGE, IMAGE)),
    (Add(B, Y, WHERE), (IMAGE, (1, 1, 6, 1))),
    (Add(B, Y, WHERE), ((1, 7, 1, 2), (1, 1, 6, 1))),
    (Add(B, Y, WHERE), (IMAGE, (1,))),
    (Add(B, Y, WHERE), (IMAGE, (6, 2))),
    (Maximum(B, Y, WHERE), (IMAGE, (1, 7, 1, 2))),
    (Prelu(B, Y, WHERE), (IMAGE, (1, 1, 2))),
    (Prelu(B, Y, WHERE), (IMAGE, (1, 7, 6, 1))),
    (Concat(B, Y, WHERE, 1), (IMAGE, (1, 3, 6, 2))),
    (Concat(B, Y, WHERE, 2), (IMAGE, (1, 7, 1, 2))),
    (Concat(B, Y, WHERE, 3), (IMAGE, (1, 7, 6, 5))),
    (StridedSlice(A, Y, WHERE, (0, 6, 1, 0), (1, -2, 2, 1), (1, 3, 3, 2), (1, 3, 3, 2)), (IMAGE,)),
    (StridedSlice(A, Y, WHERE, (0, 2, 0, 0), (1, 1, 1, 1), (1, 1, 6, 2), (1, 6, 2)), (IMAGE,)),
    (SpaceToDepth(A, Y, WHERE, 2), ((1, 6, 4, 3),)),
    (DepthToSpace(A, Y, WHERE, 3), ((1, 2, 3, 18),)),
    (ChannelShuffle(A, Y, WHERE, 2), ((1, 3, 4, 6),)),
    (ResizeNearest(A, Y, WHERE, (10, 4), False, True), (IMAGE,)),
    (ResizeBilinear(A, Y, WHERE, (10, 4), False, True), (IMAGE,)),
    (ResizeBilinear(A, Y, WHERE, (4, 11), True, False), (IMAGE,)),
    (ResizeBilinear(A, Y, WHERE, (14, 3), False, False), (IMAGE,)),
    (Transpose(A, Y, WHERE, (0, 3, 1, 2)), (IMAGE,)),
]


@pytest.mark.parametrize(("op", "shapes"), CASES, ids=lambda v: getattr(v, "kind", str(v)))
def test_region_holds_all_that_matters(op: Op, shapes: tuple[tuple[int, ...], ...]) -> None:
    quant = Quant((0.02,), (5,))
    types = op.named(TensorType(s, "int8", quant) for s in shapes)
    out = TensorType(op.infer(types)[0], "int8", quant)
    rng = np.random.default_rng(1)
    values = [rng.integers(-128, 128, s).astype(np.int8) for s in shapes]
    before = op.compute(op.named(values), types, [out], "litert")[0].reshape(out.hwc)
    height, width, _ = out.hwc
    for top in range(height):
        for left in range(0, width, 2):
            wanted = Region(top, min(top + 2, height), left, min(left + 3, width))
            changed = []
            for index, (value, t) in enumerate(zip(values, types.all, strict=True)):
                region = op.input_region(index, wanted, types, out)
                h, w, _ = t.hwc
                assert 0 <= region.row0 <= region.row1 <= h
                assert 0 <= region.col0 <= region.col1 <= w
                other = (~value).reshape(t.hwc)
                kept = np.s_[region.row0 : region.row1, region.col0 : region.col1]
                other[kept] = value.reshape(t.hwc)[kept]
                changed.append(other.reshape(value.shape))
            after = op.compute(op.named(changed), types, [out], "litert")[0].reshape(out.hwc)
            seen = np.s_[wanted.row0 : wanted.row1, wanted.col0 : wanted.col1]
            assert np.array_equal(before[seen], after[seen]), wanted


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [
        ((3, 3), (2, 2), (0, 0), (14, 12)),
        ((4, 2), (3, 1), (1, 0), (21, 6)),
        ((1, 2), (3, 3), (0, 0), (19, 18)),
        ((7, 5), (1, 2), (3, 2), (7, 11)),
        ((3, 3), (2, 2), (0, 0), (30, 30)),
    ],
)
def test_region_of_a_transpose_conv_is_the_pixels_whose_windows_touch_it(
    kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int], size: tuple[int, int]
) -> None:
    quant = Quant((1.0,), (0,))
    x, w = TensorType((1, 7, 6, 1), "int8", quant), TensorType((1, *kernel, 1), "int8", quant)
    out = TensorType((1, *size, 1), "int8", quant)
    window = Window(kernel, stride, padding=(*padding, 0, 0))
    op = TransposeConv(("x", "w", ""), Y, WHERE, window, size)
    types = op.named([x, w, None])
    touched: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for pixel in np.ndindex(7, 6):
        alone = np.zeros(x.shape, np.int8)
        alone[0, pixel[0], pixel[1], 0] = 1
        (y,) = op.compute(op.named([alone, np.ones(w.shape, np.int8), None]), types, [out], "litert")
        for at in np.argwhere(y[0, :, :, 0]).tolist():
            touched.setdefault((at[0], at[1]), []).append((pixel[0], pixel[1]))
    for (row, col), pixels in touched.items():
        region = op.input_region(0, Region(row, row + 1, col, col + 1), types, out)
        rows, cols = {p[0] for p in pixels}, {p[1] for p in pixels}
        assert (region.row0, region.row1) == (min(rows), max(rows) + 1)
        assert (region.col0, region.col1) == (min(cols), max(cols) + 1)
