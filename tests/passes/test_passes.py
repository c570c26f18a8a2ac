"""Each pass on a graph where it applies and on one where it must not; tests/ops runs all on every op."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ir import Graph, verify
from tinyc.passes import optimize
from tinyc.passes.fold_borders import fold_borders
from tinyc.passes.fold_constants import fold_constants
from tinyc.passes.fold_pad import fold_pad
from tinyc.passes.fold_reshape import fold_reshape
from tinyc.passes.fold_shuffle import fold_shuffle
from tinyc.passes.fold_tables import fold_tables
from tinyc.passes.fold_tile import fold_tile
from tinyc.passes.fold_transpose import fold_transpose
from tinyc.passes.remove_dead import remove_dead
from tinyc.passes.remove_identity import remove_identity

Built = tuple[list[int], list[int]]
QUANT = (0.1, 3)


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in verify(graph).ops]


def load(build: Callable[[ModelWriter], Built]) -> Graph:
    """The graph of a model on which numpy, the passes and the interpreter agree."""
    return check(model(build), "litert")


def convolved(w: ModelWriter, x: int, shape: tuple[int, ...]) -> int:
    weights = w.tensor((2, 3, 3, shape[3]), "int8", 0.01, 0, data=np.arange(18 * shape[3]) % 7 - 3)
    bias = w.tensor((2,), "int32", 0.001, 0, data=[5, -9])
    y = w.tensor((1, shape[1] - 2, shape[2] - 2, 2), "int8", 0.2, -4)
    w.op("CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1, padding=1)
    return y


def padded(
    w: ModelWriter, x: int, pads: list[list[int]], shape: tuple[int, ...], quant: object = QUANT
) -> int:
    y = w.tensor(shape, "int8", *quant)  # type: ignore[misc]
    w.op("PAD", [x, w.constant(pads)], [y])
    return y


def test_pads_fold_into_the_convolution_behind_them() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 5, 6, 2), "int8", *QUANT)
        a = padded(w, x, [[0, 0], [1, 0], [0, 1], [0, 0]], (1, 6, 7, 2))
        b = padded(w, a, [[0, 0], [1, 1], [0, 0], [0, 0]], (1, 8, 7, 2))
        return [x], [convolved(w, b, (1, 8, 7, 2))]

    graph = fold_pad(load(build))
    assert kinds(graph) == ["conv2d"]
    assert graph.ops[0].window.padding == (2, 0, 1, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("pads", "shape", "quant"),
    [
        ([[0, 0], [0, 0], [0, 0], [1, 0]], (1, 5, 6, 3), QUANT),
        ([[0, 0], [1, 1], [1, 1], [0, 0]], (1, 7, 8, 2), (0.1, 4)),
        ([[0, 0], [4, 0], [0, 0], [0, 0]], (1, 9, 6, 2), QUANT),
    ],
    ids=["channels", "other zero point", "a window of nothing but padding"],
)
def test_pads_that_must_stay(pads: list[list[int]], shape: tuple[int, ...], quant: object) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 5, 6, 2), "int8", *QUANT)
        return [x], [convolved(w, padded(w, x, pads, shape, quant), shape)]

    assert kinds(fold_pad(load(build))) == ["pad", "conv2d"]


@pytest.mark.parametrize(
    ("kind", "zero_point", "left"),
    [("MAX_POOL_2D", -128, ["max_pool2d"]), ("MAX_POOL_2D", 3, None), ("AVERAGE_POOL_2D", -128, None)],
)
def test_pads_before_pooling(kind: str, zero_point: int, left: list[str] | None) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 5, 6, 2), "int8", 0.1, zero_point)
        p = padded(w, x, [[0, 0], [1, 1], [1, 1], [0, 0]], (1, 7, 8, 2), (0.1, zero_point))
        y = w.tensor((1, 3, 3, 2), "int8", 0.1, zero_point)
        w.op(kind, [p], [y], stride_h=2, stride_w=2, filter_height=3, filter_width=3, padding=1)
        return [x], [y]

    found = kinds(fold_pad(load(build)))
    assert found == left if left else found[0] == "pad"


def test_borders_fold_and_keep_the_files_types() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 4), "float32"), w.tensor((1, 4), "float32")
        a, b = (w.tensor((1, 4), "int8", *QUANT) for _ in range(2))
        w.op("QUANTIZE", [x], [a])
        w.op("TANH", [a], [b])
        w.op("DEQUANTIZE", [b], [y])
        return [x], [y]

    graph = fold_borders(load(build))
    assert kinds(graph) == ["tanh"]
    assert [p.type.dtype for p in (*graph.inputs, *graph.outputs)] == ["float32", "float32"]
    assert [p.name for p in (*graph.inputs, *graph.outputs)] == ["t0", "t1"]
    assert graph.type(graph.inputs[0].tensor).dtype == "int8"


def test_a_border_with_nothing_between_keeps_one_op() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 4), "float32"), w.tensor((1, 4), "float32")
        a = w.tensor((1, 4), "int8", *QUANT)
        w.op("QUANTIZE", [x], [a])
        w.op("DEQUANTIZE", [a], [y])
        return [x], [y]

    assert kinds(fold_borders(load(build))) == ["dequantize"]


def test_two_quantizes_of_one_input_fold_if_they_are_alike() -> None:
    def build(w: ModelWriter, second: float) -> Built:
        x = w.tensor((1, 4), "float32")
        a, b, y = (w.tensor((1, 4), "int8", s, 0) for s in (0.1, second, 0.3))
        w.op("QUANTIZE", [x], [a])
        w.op("QUANTIZE", [x], [b])
        w.op("ADD", [a, b], [y])
        return [x], [y]

    assert kinds(fold_borders(load(lambda w: build(w, 0.1)))) == ["add"]
    assert kinds(fold_borders(load(lambda w: build(w, 0.2)))) == ["quantize", "quantize", "add"]


def test_constants_are_computed() -> None:
    def build(w: ModelWriter) -> Built:
        x, y, t = (w.tensor((1, 4), "int8", *QUANT) for _ in range(3))
        c = w.tensor((1, 4), "int8", *QUANT, data=[-100, -5, 20, 90])
        w.op("TANH", [c], [t])
        w.op("ADD", [x, t], [y])
        return [x], [y]

    graph = fold_constants(load(build))
    assert kinds(graph) == ["add"]
    assert graph.is_constant("t2")


def test_large_constants_are_refused() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = (w.tensor((1, 2500, 2500, 1), "int8", *QUANT) for _ in range(2))
        c = w.tensor((1, 1, 1, 1), "int8", *QUANT, data=[7])
        r = w.tensor((1, 2500, 2500, 1), "int8", *QUANT)
        w.op("RESIZE_NEAREST_NEIGHBOR", [c, w.constant([2500, 2500])], [r])
        w.op("ADD", [x, r], [y])
        return [x], [y]

    with pytest.raises(ModelError, match="that is too much"):
        fold_constants(load_tflite(model(build), "m.tflite", "litert"))


def test_reshapes_collapse() -> None:
    def build(w: ModelWriter) -> Built:
        shapes = [(1, 4, 3), (1, 12), (12,), (1, 4, 3), (1, 4, 3)]
        t = [w.tensor(s, "int8", *QUANT) for s in shapes]
        for a, b, shape in zip(t[:-2], t[1:-1], shapes[1:-1], strict=True):
            w.op("RESHAPE", [a, w.constant(shape)], [b])
        w.op("TANH", [t[-2]], [t[-1]])
        return [t[0]], [t[-1]]

    assert kinds(fold_reshape(load(build))) == ["tanh"]


def test_a_reshape_to_other_quantization_stays() -> None:
    def build(w: ModelWriter) -> Built:
        x, y, z = (w.tensor((1, 4), "int8", s, 0) for s in (0.1, 0.2, 0.2))
        w.op("RESHAPE", [x, w.constant([1, 4])], [y])
        w.op("TANH", [y], [z])
        return [x], [z]

    assert kinds(optimize(load(build))) == ["reshape", "tanh"]


def test_identities_go_unless_nothing_would_be_left() -> None:
    def build(w: ModelWriter) -> Built:
        x, a, b, y = (w.tensor((1, 4), "int8", 0.1, -128) for _ in range(4))
        w.op("QUANTIZE", [x], [a])
        w.op("TANH", [a], [b])
        w.op("RELU", [b], [y])
        return [x], [y]

    def only(w: ModelWriter) -> Built:
        x, y = (w.tensor((1, 4), "int8", *QUANT) for _ in range(2))
        w.op("QUANTIZE", [x], [y])
        return [x], [y]

    assert kinds(remove_identity(load(build))) == ["tanh"]
    assert kinds(optimize(load(only))) == ["requantize"]


def test_two_outputs_stay_two_tensors() -> None:
    def build(w: ModelWriter) -> Built:
        x, a, b, c = (w.tensor((1, 4), "int8", *QUANT) for _ in range(4))
        w.op("TANH", [x], [a])
        w.op("QUANTIZE", [a], [b])
        w.op("QUANTIZE", [a], [c])
        return [x], [b, c]

    graph = optimize(load(build))
    assert len({p.tensor for p in graph.outputs}) == 2
    assert kinds(graph) == ["tanh", "requantize"]


@pytest.mark.parametrize(
    ("axes", "out", "left"),
    [([2, 3], (1, 3), ["mean"]), ([3], (1, 3, 5), ["mean", "transpose"]), ([1], (1, 5, 4), ["mean"])],
)
def test_a_transpose_before_a_mean(axes: list[int], out: tuple[int, ...], left: list[str]) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 5, 4, 3), "int8", *QUANT)
        t = w.tensor((1, 3, 5, 4), "int8", *QUANT)
        y = w.tensor(out, "int8", 0.05, -2)
        w.op("TRANSPOSE", [x, w.constant([0, 3, 1, 2])], [t])
        w.op("MEAN", [t, w.constant(axes)], [y])
        return [x], [y]

    assert kinds(fold_transpose(load(build))) == left


def test_dead_ops_go() -> None:
    def build(w: ModelWriter) -> Built:
        x, a, b, y = (w.tensor((1, 4), "int8", *QUANT) for _ in range(4))
        w.op("TANH", [x], [a])
        w.op("RELU", [a], [b])
        w.op("LEAKY_RELU", [x], [y], alpha=0.2)
        return [x], [y]

    assert kinds(remove_dead(load(build))) == ["leaky_relu"]


def test_floats_between_bytes_become_a_table_unless_they_are_read() -> None:
    def build(w: ModelWriter, *, read: bool) -> Built:
        x, y = w.tensor((1, 9), "int8", *QUANT), w.tensor((1, 9), "int8", 0.07, -9)
        a, b = (w.tensor((1, 9), "float32") for _ in range(2))
        w.op("DEQUANTIZE", [x], [a])
        w.op("NEG", [a], [b])
        w.op("QUANTIZE", [b], [y])
        return [x], [y, b] if read else [y]

    assert kinds(remove_dead(fold_tables(load(lambda w: build(w, read=False))))) == ["table"]
    assert kinds(remove_dead(fold_tables(load(lambda w: build(w, read=True))))) == ["float_table", "table"]


def repeated(w: ModelWriter, x: int, shape: tuple[int, ...], multiples: tuple[int, ...]) -> int:
    """x under another shape, then repeated."""
    viewed = w.tensor(shape, "int8", *QUANT)
    y = w.tensor([n * m for n, m in zip(shape, multiples, strict=True)], "int8", *QUANT)
    w.op("RESHAPE", [x, w.constant(shape)], [viewed])
    w.op("TILE", [viewed, w.constant(multiples)], [y])
    return y


def viewed(w: ModelWriter, x: int, shape: tuple[int, ...]) -> int:
    y = w.tensor(shape, "int8", *QUANT)
    w.op("RESHAPE", [x, w.constant(shape)], [y])
    return y


def test_up_sampling_by_tiles_becomes_one_resize() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 2), "int8", *QUANT)
        rows = repeated(w, x, (1, 3, 1, 5, 2), (1, 1, 2, 1, 1))
        cols = repeated(w, rows, (1, 6, 5, 1, 2), (1, 1, 1, 3, 1))
        return [x], [viewed(w, cols, (1, 6, 15, 2))]

    graph = fold_reshape(fold_tile(load(build)))
    assert kinds(graph) == ["resize_nearest"]
    assert graph.ops[0].size == (6, 15)  # type: ignore[attr-defined]
    assert kinds(optimize(load(build)))[0] == "resize_nearest"


@pytest.mark.parametrize(
    ("shape", "multiples"),
    [
        ((1, 1, 3, 5, 2), (1, 2, 1, 1, 1)),  # the image twice
        ((1, 3, 5, 2, 1), (1, 1, 1, 1, 2)),  # channels
        ((1, 3, 1, 10), (1, 2, 2, 1)),  # rows, and the image again
    ],
)
def test_other_tiles_stay(shape: tuple[int, ...], multiples: tuple[int, ...]) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 2), "int8", *QUANT)
        return [x], [repeated(w, x, shape, multiples)]

    assert "tile" in kinds(fold_tile(load(build)))


def test_tiles_whose_image_float32_would_miss_stay() -> None:
    """41 * (1 / 41) is below 1 in float32: a resize would copy another row."""

    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 2, 1, 1), "int8", *QUANT)
        return [x], [repeated(w, x, (1, 2, 1, 1), (1, 1, 41, 1))]

    assert int(np.float32(41) * (np.float32(2) / np.float32(82))) == 0
    assert "tile" in kinds(fold_tile(load(build)))


def turned(w: ModelWriter, x: int, shape: tuple[int, ...], perm: tuple[int, ...]) -> int:
    """[1, 3, 5, 6] seen as `shape`, its dimensions permuted, and seen as it was."""
    y = w.tensor([shape[i] for i in perm], "int8", *QUANT)
    w.op("TRANSPOSE", [viewed(w, x, shape), w.constant(perm)], [y])
    return viewed(w, y, (1, 3, 5, 6))


@pytest.mark.parametrize(
    ("shape", "perm"),
    [((1, 3, 5, 2, 3), (0, 1, 2, 4, 3)), ((1, 15, 3, 2), (0, 1, 3, 2)), ((15, 6, 1), (0, 2, 1))],
)
def test_turning_channels_becomes_a_shuffle(shape: tuple[int, ...], perm: tuple[int, ...]) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 6), "int8", *QUANT)
        return [x], [turned(w, x, shape, perm)]

    assert kinds(fold_shuffle(load(build))) == ["channel_shuffle"]
    assert kinds(optimize(load(build))) == ["channel_shuffle"]


@pytest.mark.parametrize(
    ("shape", "perm"),
    [
        ((1, 3, 5, 2, 3), (0, 1, 4, 3, 2)),  # across columns
        ((1, 3, 2, 5, 3), (0, 1, 2, 4, 3)),  # of what are not the image's pixels
        ((1, 3, 10, 3), (0, 1, 3, 2)),  # columns and channels
    ],
)
def test_other_transposes_stay(shape: tuple[int, ...], perm: tuple[int, ...]) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 6), "int8", *QUANT)
        return [x], [turned(w, x, shape, perm)]

    assert "transpose" in kinds(fold_shuffle(load(build)))


def binary(w: ModelWriter, kind: str, a: int, b: int, scale: float = 0.05, zero_point: int = -7) -> int:
    y = w.tensor((1, 3, 5, 6), "int8", scale, zero_point)
    w.op(kind, [a, b], [y])
    return y


def number(w: ModelWriter, value: int, shape: tuple[int, ...] = ()) -> int:
    return w.tensor(shape, "int8", 0.03, 2, data=np.full(shape, value))


def logistic(w: ModelWriter, x: int) -> int:
    y = w.tensor((1, 3, 5, 6), "int8", 1 / 256, -128)
    w.op("LOGISTIC", [x], [y])
    return y


def hard_swish(w: ModelWriter, x: int) -> int:
    """x * relu6(x + 3) / 6 in four ops."""
    above = w.tensor((1, 3, 5, 6), "int8", 6 / 255, -128)
    w.op("RELU6", [binary(w, "ADD", x, number(w, 102))], [above])
    return binary(w, "MUL", number(w, 7, (1, 1)), binary(w, "MUL", above, x, 0.2))


@pytest.mark.parametrize(
    ("make", "left"),
    [
        (lambda w, x: binary(w, "MUL", x, logistic(w, x)), ["table"]),  # swish
        (hard_swish, ["table"]),
        (lambda w, x: binary(w, "MAXIMUM", x, w.tensor((1,), "int8", *QUANT, data=[9]), *QUANT), ["table"]),
        (lambda w, x: binary(w, "SUB", x, x), ["table"]),
        (logistic, ["logistic"]),  # has a name of its own
        (lambda w, x: binary(w, "ADD", x, number(w, 4, (6,))), ["table"]),  # the same number for each channel
        (
            lambda w, x: binary(w, "ADD", x, w.tensor((6,), "int8", 0.03, 2, data=np.arange(6))),
            ["add"],
        ),  # one per channel
        (
            lambda w, x: binary(w, "ADD", logistic(w, x), moved(w, x)),
            ["logistic", "strided_slice", "pad", "add"],
        ),
    ],
)
def test_functions_of_a_byte(make: Callable[[ModelWriter, int], int], left: list[str]) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 6), "int8", *QUANT)
        return [x], [make(w, x)]

    graph = load(build)
    assert sorted(kinds(fold_tables(graph))) == sorted(left)
    assert sorted(kinds(optimize(graph))) == sorted(left)


def moved(w: ModelWriter, x: int) -> int:
    """The image moved up by a row: no function of the same byte."""
    small = w.tensor((1, 2, 5, 6), "int8", *QUANT)
    begin, size = w.constant([0, 1, 0, 0]), w.constant([1, 2, 5, 6])
    w.op("SLICE", [x, begin, size], [small])
    return padded(w, small, [[0, 0], [0, 1], [0, 0], [0, 0]], (1, 3, 5, 6))


def test_what_others_read_is_not_computed_twice() -> None:
    """The first sum is an output, so what follows starts from it and the input need not live on."""

    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 3, 5, 6), "int8", *QUANT)
        first = binary(w, "ADD", x, number(w, 50))
        return [x], [first, binary(w, "MUL", first, logistic(w, first))]

    graph = fold_tables(load(build))
    assert kinds(graph) == ["table", "table"]
    assert graph.ops[1].inputs == graph.ops[0].outputs
