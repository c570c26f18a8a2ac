"""Ops that move bytes against both interpreters."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite

QUANT = (0.1, 3)


def unary(
    w: ModelWriter, kind: str, shape: Any, out: Any, *more: Any, **options: Any
) -> tuple[list[int], list[int]]:
    """more: constant int32 inputs."""
    x = w.tensor(shape, "int8", *QUANT)
    y = w.tensor(out, "int8", *QUANT)
    w.op(kind, [x, *(w.constant(m) for m in more)], [y], **options)
    return [x], [y]


@BOTH
@pytest.mark.parametrize(
    ("shape", "pads"),
    [
        ((1, 5, 4, 3), [[0, 0], [1, 2], [3, 0], [0, 0]]),
        ((1, 5, 4, 3), [[0, 0], [0, 0], [0, 0], [2, 1]]),
        ((1, 3, 2), [[0, 1], [2, 0], [1, 1]]),
        ((1, 9), [[0, 0], [4, 3]]),
    ],
)
def test_pad(shape: Any, pads: list[list[int]], reference: str) -> None:
    out = [n + a + b for n, (a, b) in zip(shape, pads, strict=True)]
    check(model(lambda w: unary(w, "PAD", shape, out, pads)), reference)


@BOTH
@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize(
    ("shape", "pads"),
    [
        ((1, 5, 4, 3), [[0, 0], [1, 2], [3, 0], [0, 0]]),
        ((1, 5, 4, 3), [[0, 0], [0, 0], [1, 0], [2, 1]]),
        ((1, 3, 2), [[0, 0], [2, 1], [1, 1]]),
        ((1, 9), [[0, 0], [4, 3]]),
        ((9,), [[8, 8]]),
    ],
)
def test_mirror_pad(shape: Any, pads: list[list[int]], mode: int, reference: str) -> None:
    out = [n + a + b for n, (a, b) in zip(shape, pads, strict=True)]
    check(model(lambda w: unary(w, "MIRROR_PAD", shape, out, pads, mode=mode)), reference)


def test_more_than_can_be_mirrored() -> None:
    data = model(lambda w: unary(w, "MIRROR_PAD", (1, 4), (1, 8), [[0, 0], [4, 0]], mode=0))
    with pytest.raises(ModelError, match="at most 3 are supported"):
        load_tflite(data, "test.tflite", "litert")


@BOTH
@pytest.mark.parametrize(
    ("shape", "out"), [((1, 3), (4, 3)), ((1, 4, 1, 3), (1, 4, 5, 3)), ((7,), (1, 2, 7))]
)
def test_broadcast_to(shape: Any, out: Any, reference: str) -> None:
    check(model(lambda w: unary(w, "BROADCAST_TO", shape, out, out)), reference)


@BOTH
def test_fill(reference: str) -> None:
    """Of a constant, which is one itself, and of a computed value."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        given, x = w.tensor((1,), "int8", *QUANT), w.tensor((), "int8", *QUANT)
        w.op("RESHAPE", [given, w.constant(np.zeros(0, np.int32))], [x])
        y, z = (w.tensor((1, 3, 4), "int8", *QUANT) for _ in range(2))
        w.op("FILL", [w.constant((1, 3, 4)), x], [y])
        w.op("FILL", [w.constant((1, 3, 4)), w.tensor((), "int8", *QUANT, data=np.array(-9))], [z])
        return [given], [y, z]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize(
    ("shape", "axes"), [((1, 5, 4, 3), [1]), ((1, 5, 4, 3), [2, 1]), ((1, 7, 3), [-1]), ((9,), [0])]
)
def test_reverse(shape: Any, axes: list[int], reference: str) -> None:
    check(model(lambda w: unary(w, "REVERSE_V2", shape, shape, axes)), reference)


@BOTH
def test_padv2(reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 2, 3, 4), "int8", *QUANT)
        value = w.tensor((), "int8", *QUANT, data=np.array(-77))
        y = w.tensor((1, 4, 4, 4), "int8", *QUANT)
        w.op("PADV2", [x, w.constant([[0, 0], [1, 1], [1, 0], [0, 0]]), value], [y])
        return [x], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize(
    ("shape", "wanted", "out"),
    [((1, 4, 3, 2), [1, 24], (1, 24)), ((1, 24), [1, -1, 3], (1, 8, 3)), ((1, 24), [24], (24,))],
)
def test_reshape(shape: Any, wanted: list[int], out: Any, reference: str) -> None:
    check(model(lambda w: unary(w, "RESHAPE", shape, out, wanted)), reference)


@BOTH
@pytest.mark.parametrize(("dims", "out"), [([], (5, 3)), ([1], (1, 5, 3)), ([-3, 0], (5, 3))])
def test_squeeze(dims: list[int], out: Any, reference: str) -> None:
    check(model(lambda w: unary(w, "SQUEEZE", (1, 1, 5, 3), out, squeeze_dims=dims)), reference)


@BOTH
@pytest.mark.parametrize("axis", [1, 2, 3, -1])
def test_concatenation(axis: int, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        rng = np.random.default_rng(3)
        shapes = [[1, 3, 4, 5] for _ in range(3)]
        for i, shape in enumerate(shapes):
            shape[axis] = i + 1
        a = w.tensor(shapes[0], "int8", *QUANT)
        b = w.tensor(shapes[1], "int8", *QUANT, data=rng.integers(-128, 128, shapes[1]))
        c = w.tensor(shapes[2], "int8", *QUANT)
        out = [1, 3, 4, 5]
        out[axis] = 6
        y = w.tensor(out, "int8", *QUANT)
        w.op("CONCATENATION", [a, b, c], [y], axis=axis)
        return [a, c], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize(
    ("begin", "end", "strides", "masks", "out"),
    [
        ([0, 1, 2, 0], [1, 5, 7, 3], [1, 1, 1, 1], {}, (1, 4, 5, 3)),
        ([0, 1, 0, 0], [1, 6, 7, 3], [1, 2, 3, 2], {}, (1, 3, 3, 2)),
        ([0, -1, -1, 0], [1, 0, -9, 3], [1, -2, -3, 1], {}, (1, 3, 3, 3)),
        ([9, 2, 9, 9], [9, 4, 9, 9], [1, 1, 1, 1], {"begin_mask": 13, "end_mask": 13}, (1, 2, 7, 3)),
        ([0, 2, 0, 0], [1, 3, 7, 3], [1, 1, 1, 1], {"shrink_axis_mask": 2}, (1, 7, 3)),
        ([0, 0, -2, -1], [1, 6, 0, 0], [1, 1, 1, 1], {"shrink_axis_mask": 12, "end_mask": 2}, (1, 6)),
    ],
)
def test_strided_slice(
    begin: list[int], end: list[int], strides: list[int], masks: dict[str, int], out: Any, reference: str
) -> None:
    check(
        model(lambda w: unary(w, "STRIDED_SLICE", (1, 6, 7, 3), out, begin, end, strides, **masks)), reference
    )


@pytest.mark.parametrize(
    ("begin", "end", "strides", "masks", "out"),
    [
        ([0, 1], [0, 3], [1, 1], {"ellipsis_mask": 1}, (1, 6, 7, 2)),
        ([0, 2, 0, 0], [1, 5, 0, 2], [1, 1, 1, 1], {"ellipsis_mask": 4}, (1, 3, 7, 2)),
        ([0, 1], [1, 4], [1, 1], {}, (1, 3, 7, 3)),
    ],
)
def test_strided_slice_of_litert_only(
    begin: list[int], end: list[int], strides: list[int], masks: dict[str, int], out: Any
) -> None:
    check(
        model(lambda w: unary(w, "STRIDED_SLICE", (1, 6, 7, 3), out, begin, end, strides, **masks)), "litert"
    )


@BOTH
@pytest.mark.parametrize(("axis", "parts"), [(1, 3), (2, 2), (3, 5), (-1, 1)])
def test_split(axis: int, parts: int, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        shape = [1, 6, 4, 5]
        x = w.tensor(shape, "int8", *QUANT)
        shape[axis] //= parts
        ys = [w.tensor(shape, "int8", *QUANT) for _ in range(parts)]
        w.op("SPLIT", [w.constant(axis), x], ys, num_splits=parts)
        return [x], ys

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize("perm", [[0, 3, 1, 2], [0, 2, 1, 3], [3, 2, 1, 0], [0, 1, 2, 3]])
def test_transpose(perm: list[int], reference: str) -> None:
    shape = (1, 5, 4, 3)
    out = [shape[p] for p in perm]
    check(model(lambda w: unary(w, "TRANSPOSE", shape, out, perm)), reference)


@BOTH
@pytest.mark.parametrize("size", [[10, 14], [3, 20], [1, 1], [13, 9]])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"align_corners": True},
        {"half_pixel_centers": True},
        {"align_corners": True, "half_pixel_centers": True},
    ],
    ids=str,
)
def test_resize_nearest_neighbor(size: list[int], options: dict[str, bool], reference: str) -> None:
    check(
        model(lambda w: unary(w, "RESIZE_NEAREST_NEIGHBOR", (1, 5, 7, 3), (1, *size, 3), size, **options)),
        reference,
    )


def several(w: ModelWriter, kind: str, outs: Any, *more: Any, **options: Any) -> tuple[list[int], list[int]]:
    """Outputs of these shapes from [1, 6, 5, 3]."""
    x = w.tensor((1, 6, 5, 3), "int8", *QUANT)
    ys = [w.tensor(out, "int8", *QUANT) for out in outs]
    w.op(kind, [x, *(w.constant(m) for m in more)], ys, **options)
    return [x], ys


@BOTH
@pytest.mark.parametrize(
    ("sizes", "axis"), [([1, 3, 2], 1), ([4, 1], -2), ([3], 3), pytest.param([2, -1, 1], 2, id="open")]
)
def test_split_v(sizes: list[int], axis: int, reference: str) -> None:
    shape = [1, 6, 5, 3]
    outs = []
    for size in sizes:
        outs.append(list(shape))
        outs[-1][axis] = shape[axis] - sum(sizes) - 1 if size == -1 else size
    data = model(lambda w: several(w, "SPLIT_V", outs, sizes, np.int32(axis), num_splits=len(sizes)))
    if reference == "tflm" and -1 in sizes:
        with pytest.raises(ModelError, match="none may be left open"):
            check(data, reference)
    else:
        check(data, reference)


def test_a_part_of_split_v_may_be_empty() -> None:
    """Nothing writes it, and nothing but a shape may read it."""

    def build(w: ModelWriter, *, joined: bool) -> tuple[list[int], list[int]]:
        x, none = w.tensor((1, 6, 5, 3), "int8", *QUANT), w.tensor((1, 6, 5, 0), "int8", *QUANT)
        parts = [w.tensor((1, 6, 5, 1), "int8", *QUANT), none, w.tensor((1, 6, 5, 2), "int8", *QUANT)]
        w.op("SPLIT_V", [x, w.constant([1, 0, 2]), w.constant(np.int32(3))], parts, num_splits=3)
        if not joined:
            return [x], parts[::2]
        y = w.tensor((1, 6, 5, 2), "int8", *QUANT)
        w.op("CONCATENATION", parts[1:], [y], axis=3)
        return [x], [y]

    check(model(lambda w: build(w, joined=False)), "litert")
    with pytest.raises(ModelError, match=r"CONCATENATION 't.': input 't.' is an empty part"):
        load_tflite(model(lambda w: build(w, joined=True)), "m.tflite", "litert")
    with pytest.raises(ModelError, match="none may be empty"):
        load_tflite(model(lambda w: build(w, joined=False)), "m.tflite", "tflm")


@BOTH
@pytest.mark.parametrize(("axis", "out"), [(1, (1, 5, 3)), (-1, (1, 6, 5))])
def test_unpack(axis: int, out: Any, reference: str) -> None:
    count = (1, 6, 5, 3)[axis]
    check(model(lambda w: several(w, "UNPACK", [out] * count, num=count, axis=axis)), reference)


@BOTH
@pytest.mark.parametrize(
    ("begin", "size", "out"), [([0, 2, 1, 0], [1, 3, -1, 2], (1, 3, 4, 2)), ([0] * 4, [-1] * 4, (1, 6, 5, 3))]
)
def test_slice(begin: list[int], size: list[int], out: Any, reference: str) -> None:
    check(model(lambda w: several(w, "SLICE", [out], begin, size)), reference)


@pytest.mark.parametrize(
    ("kind", "more", "options", "why"),
    [
        ("SLICE", ([0, 4, 0, 0], [1, 3, 5, 3]), {}, "not inside"),
        ("SLICE", ([0, -1, 0, 0], [1, 1, 5, 3]), {}, "not inside"),
        ("SPLIT_V", ([2], np.int32(1)), {"num_splits": 1}, "do not make up a dimension of 6"),
        ("SPLIT_V", ([6], np.int32(4)), {"num_splits": 1}, "axis"),
        ("UNPACK", (), {"num": 1, "axis": 4}, "axis 4 of 4 dimensions"),
        ("UNPACK", (), {"num": 1, "axis": 1}, "outputs of 6 elements"),
    ],
)
def test_parts_refused(kind: str, more: Any, options: Any, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        load_tflite(model(lambda w: several(w, kind, [(1, 1)], *more, **options)), "m.tflite", "litert")


@pytest.mark.parametrize(
    ("shape", "multiples"),
    [
        ((1, 3, 1, 4, 2), [1, 1, 2, 1, 1]),
        ((1, 3), [2, 3]),
        ((2, 3, 2), [2, 1, 3]),
        ((1, 2, 3, 2), [1, 3, 2, 2]),
    ],
)
def test_tile(shape: Any, multiples: list[int]) -> None:
    out = [n * m for n, m in zip(shape, multiples, strict=True)]

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, prod(shape)), "int8", *QUANT)
        shaped, y = w.tensor(shape, "int8", *QUANT), w.tensor(out, "int8", *QUANT)
        w.op("RESHAPE", [x, w.constant(shape)], [shaped])
        w.op("TILE", [shaped, w.constant(multiples)], [y])
        return [x], [y]

    check(model(build), "litert")


@BOTH
@pytest.mark.parametrize(
    ("kind", "shape", "out"),
    [
        ("DEPTH_TO_SPACE", (1, 3, 2, 12), (1, 6, 4, 3)),
        ("SPACE_TO_DEPTH", (1, 6, 4, 3), (1, 3, 2, 12)),
        ("DEPTH_TO_SPACE", (1, 1, 5, 4), (1, 2, 10, 1)),
    ],
)
def test_blocks_of_pixels(kind: str, shape: Any, out: Any, reference: str) -> None:
    check(model(lambda w: unary(w, kind, shape, out, block_size=2)), reference)


@pytest.mark.parametrize(
    ("kind", "more", "options", "why"),
    [
        ("TILE", ([1, 2, 0, 1],), {}, r"multiples \[1, 2, 0, 1\]"),
        ("TILE", ([1, 2],), {}, "multiples .* of 4 dimensions"),
        ("DEPTH_TO_SPACE", (), {"block_size": 2}, "3 channels do not make up blocks of 2x2 pixels"),
        ("SPACE_TO_DEPTH", (), {"block_size": 2}, "6x5 pixels do not make up blocks of 2x2"),
        ("SPACE_TO_DEPTH", (), {"block_size": 0}, "blocks of 0x0"),
    ],
)
def test_blocks_refused(kind: str, more: Any, options: Any, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        load_tflite(model(lambda w: several(w, kind, [(1, 1)], *more, **options)), "m.tflite", "litert")


@BOTH
@pytest.mark.parametrize(
    ("shape", "axis", "indices", "out"),
    [
        ((1, 5, 4, 3), 1, [4, 0, 0], (1, 3, 4, 3)),
        ((1, 5, 4, 3), -1, [2, 1], (1, 5, 4, 2)),
        ((1, 5, 3), 1, [[0, 1], [4, 3]], (1, 2, 2, 3)),
        ((1, 7), 1, 6, (1,)),
        ((9,), 0, list(range(8, -1, -1)) * 9, (81,)),
    ],
)
def test_gather(shape: Any, axis: int, indices: Any, out: Any, reference: str) -> None:
    check(model(lambda w: unary(w, "GATHER", shape, out, indices, axis=axis)), reference)


@pytest.mark.parametrize("at", [-1, 5])
def test_gather_beyond_the_axis_is_refused(at: int) -> None:
    data = model(lambda w: unary(w, "GATHER", (1, 5), (1, 2), [0, at], axis=1))
    with pytest.raises(ModelError, match=rf"GATHER .*indices \[{at}\] of 5 entries"):
        load_tflite(data, "m.tflite", "litert")


def test_gather_by_computed_indices_is_refused() -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 5), "int8", *QUANT)
        most, y = w.tensor((1,), "int32"), w.tensor((1, 1), "int8", *QUANT)
        w.op("ARG_MAX", [x, w.constant(1)], [most], output_type=2)
        w.op("GATHER", [x, most], [y], axis=1)
        return [x], [y]

    with pytest.raises(ModelError, match="indices are computed"):
        load_tflite(model(build), "m.tflite", "litert")
