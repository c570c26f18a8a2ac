"""Windows over a sequence go along one row wherever one of them does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import check, model
from tinyc.frontends import load_tflite
from tinyc.ir import Graph, verify
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.pool import Pool2D
from tinyc.passes import optimize
from tinyc.passes.turn_lines import turn_lines

Built = tuple[list[int], list[int]]


def loaded(build: Callable[[ModelWriter], Built]) -> Graph:
    return check(model(build), "litert")


def conv(
    w: ModelWriter,
    x: int,
    shape: tuple[int, ...],
    kernel: tuple[int, int],
    out: tuple[int, ...],
    levels: int = 7,
) -> int:
    """A convolution without padding. shape: of x; out: of the output; levels: values of weights."""
    size = kernel[0] * kernel[1] * shape[3] * out[3]
    data = np.arange(size) % levels - levels // 2
    weights = w.tensor((out[3], *kernel, shape[3]), "int8", 0.01, 0, data=data)
    bias = w.tensor((out[3],), "int32", 0.001, 0, data=np.arange(out[3]))
    y = w.tensor(out, "int8", 0.2, -4)
    w.op("CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1, padding=1)
    return y


def pool(w: ModelWriter, x: int, out: tuple[int, ...]) -> int:
    y = w.tensor(out, "int8", 0.2, -4)
    w.op("MAX_POOL_2D", [x], [y], padding=1, stride_h=2, stride_w=1, filter_height=2, filter_width=1)
    return y


def reshaped(w: ModelWriter, x: int, shape: tuple[int, ...]) -> int:
    y = w.tensor(shape, "int8", 0.2, -4)
    w.op("RESHAPE", [x, w.constant(shape)], [y], new_shape=list(shape))
    return y


def test_a_pool_of_one_dimension_goes_the_way_of_the_convolution_before_it() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 1, 9, 3), "int8", 0.1, 3)
        y = conv(w, x, (1, 1, 9, 3), (1, 2), (1, 1, 8, 2))
        y = pool(w, reshaped(w, y, (1, 8, 1, 2)), (1, 4, 1, 2))
        return [x], [reshaped(w, y, (1, 4, 2))]

    graph = optimize(loaded(build))
    (found,) = (op for op in graph.ops if isinstance(op, Pool2D))
    assert (found.window.kernel, found.window.stride) == ((1, 2), (1, 2))
    assert [op.kind for op in graph.ops] == ["conv2d", "max_pool2d", "reshape"]


def test_so_does_a_convolution_and_its_weights() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 1, 9, 3), "int8", 0.1, 3)
        y = conv(w, x, (1, 1, 9, 3), (1, 2), (1, 1, 8, 4))
        y = reshaped(w, y, (1, 8, 4))
        out = w.tensor((1, 8, 4), "int8", 0.2, -4)
        w.op("RELU", [y], [out])
        column = reshaped(w, out, (1, 8, 1, 4))
        return [x], [conv(w, column, (1, 8, 1, 4), (3, 1), (1, 6, 1, 5))]

    graph = optimize(loaded(build))
    kernels = [op.window.kernel for op in graph.ops if isinstance(op, Conv2D)]
    assert kernels == [(1, 2), (1, 3)]
    assert graph.outputs[0].type.shape == (1, 6, 1, 5)


def test_a_causal_convolution_takes_its_padding_in() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 9, 3), "int8", 0.1, 3)
        padded = w.tensor((1, 13, 3), "int8", 0.1, 3)
        w.op("PAD", [x, w.constant([[0, 0], [4, 0], [0, 0]])], [padded])
        row = w.tensor((1, 1, 13, 3), "int8", 0.1, 3)
        w.op("RESHAPE", [padded, w.constant((1, 1, 13, 3))], [row], new_shape=[1, 1, 13, 3])
        return [x], [conv(w, row, (1, 1, 13, 3), (1, 5), (1, 1, 9, 2))]

    graph = optimize(loaded(build))
    assert [op.kind for op in graph.ops] == ["reshape", "conv2d"]
    (found,) = (op for op in graph.ops if isinstance(op, Conv2D))
    assert found.window.padding == (0, 4, 0, 0)


def test_sequences_of_one_column_alone_and_images_stay() -> None:
    def column(w: ModelWriter) -> Built:
        x = w.tensor((1, 9, 1, 3), "int8", 0.1, 3)
        y = conv(w, x, (1, 9, 1, 3), (2, 1), (1, 8, 1, 2))
        return [x], [pool(w, y, (1, 4, 1, 2))]

    def image(w: ModelWriter) -> Built:
        x = w.tensor((1, 9, 4, 3), "int8", 0.1, 3)
        y = conv(w, x, (1, 9, 4, 3), (2, 4), (1, 8, 1, 2))
        return [x], [pool(w, y, (1, 4, 1, 2))]

    for build in (column, image):
        graph = verify(load_tflite(model(build), "m", "litert"))
        assert turn_lines(graph) is graph


def test_sequences_of_one_column_go_along_a_row_where_weights_are_ternary() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 9, 1, 3), "int8", 0.1, 3)
        y = conv(w, x, (1, 9, 1, 3), (2, 1), (1, 8, 1, 2), levels=3)
        return [x], [pool(w, y, (1, 4, 1, 2))]

    graph = optimize(loaded(build))
    windows = [op.window.kernel for op in graph.ops if isinstance(op, Conv2D | Pool2D)]
    assert windows == [(1, 2), (1, 2)]
