"""Kernels of float32 that slide a window or multiply by weights, against numpy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.kernels.float_host import ISAS, computed
from tests.kernels.float_layers import FloatTable, check
from tinyc.ir import Activation
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.sub import Sub
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Window
from tinyc.schedule import plan_layers, plan_smallest


def conv(
    t: FloatTable,
    size: tuple[int, int, int],
    out: int,
    window: Window,
    activation: Activation = Activation.NONE,
    *,
    groups: int = 1,
    bias: bool = True,
) -> None:
    weights = t.constant(t.noise(out, *window.kernel, size[2] // groups))
    t.add(
        Conv2D,
        (t.input(1, *size), weights, t.constant(t.noise(out)) if bias else ""),
        window,
        activation,
    )


def convs(t: FloatTable) -> None:
    for channels in (1, 3, 7, 8, 9):
        conv(t, (5, 9, channels), 10 - channels, Window((3, 3), padding=(1, 1, 1, 1)), Activation.RELU6)
    conv(t, (7, 11, 4), 6, Window((3, 2), (2, 3), (1, 1), (0, 1, 2, 0)), Activation.RELU)
    conv(t, (9, 12, 5), 5, Window((3, 3), (1, 1), (2, 3), (2, 3, 2, 3)), Activation.RELU_N1_TO_1)
    conv(t, (6, 13, 8), 12, Window((1, 1)), bias=False)
    conv(t, (6, 13, 8), 12, Window((1, 1), (2, 2)))
    conv(t, (4, 6, 12), 6, Window((3, 3), padding=(1, 1, 1, 1)), groups=3)
    conv(t, (4, 6, 12), 20, Window((2, 3), (1, 2)), groups=4)
    conv(t, (2, 2, 3), 5, Window((5, 7), padding=(4, 6, 4, 6)))


def others(t: FloatTable) -> None:
    """Depthwise, transposed and dense layers, and pools."""
    around = (1, 1, 1, 1)
    for size, window, multiplier, activation in (
        ((6, 9, 9), Window((3, 3), padding=around), 1, Activation.RELU6),
        ((7, 10, 8), Window((3, 2), (2, 2), (1, 1), (0, 1, 1, 1)), 1, Activation.NONE),
        ((7, 16, 5), Window((3, 3), (1, 1), (2, 2), (2, 2, 2, 2)), 1, Activation.NONE),
        ((5, 6, 1), Window((3, 3), padding=around), 8, Activation.RELU),
        ((5, 6, 3), Window((3, 3), padding=around), 5, Activation.RELU),
    ):
        outs = size[2] * multiplier
        weights, bias = t.constant(t.noise(1, *window.kernel, outs)), t.constant(t.noise(outs))
        t.add(DepthwiseConv2D, (t.input(1, *size), weights, bias), window, multiplier, activation)
    for size, outs, window, made in (
        ((4, 5, 6), 7, Window((3, 3), (2, 2), padding=around), (8, 10)),
        ((3, 9, 3), 4, Window((2, 4), (2, 3)), (6, 28)),
        ((2, 3, 5), 9, Window((1, 1), (3, 2)), (4, 6)),
    ):
        weights = t.constant(t.noise(outs, *window.kernel, size[2]))
        t.add(
            TransposeConv,
            (t.input(1, *size), weights, t.constant(t.noise(outs))),
            window,
            made,
            Activation.RELU,
        )
    for vectors, depth, outs in ((1, 33, 10), (1, 4, 1), (3, 7, 8), (7, 16, 5)):
        weights = t.constant(t.noise(outs, depth))
        inputs = (t.input(vectors, depth), weights, t.constant(t.noise(outs)))
        t.add(FullyConnected, inputs, Activation.RELU)
    t.add(FullyConnectedComputed, (t.input(3, 7), t.input(6, 7), ""), Activation.NONE)
    for a, b, adj in (
        ((2, 3, 5), (2, 5, 7), (False, False)),
        ((2, 5, 3), (1, 9, 5), (True, True)),
        ((4, 1, 8), (8, 4), (False, False)),
    ):
        t.add(BatchMatMul, (t.input(*a), t.input(*b)), *adj)
    for kind in (AveragePool2D, MaxPool2D):
        t.add(kind, (t.input(1, 7, 9, 6),), Window((3, 2), (2, 2), padding=(1, 0, 1, 1)), Activation.NONE)
        t.add(kind, (t.input(1, 5, 5, 3),), Window((5, 5)), Activation.RELU_N1_TO_1)
        t.add(kind, (t.input(1, 3, 4, 7),), Window((3, 4)), Activation.NONE)


@pytest.mark.parametrize("layers", [convs, others])
def test_float_kernels_compute_what_numpy_does(layers: Callable[[FloatTable], None]) -> None:
    table = FloatTable(1)
    layers(table)
    check(table)


@pytest.mark.parametrize("kind", [AveragePool2D, MaxPool2D])
def test_a_pool_of_the_whole_image_needs_a_row_of_it_at_a_time(kind: type[AveragePool2D | MaxPool2D]) -> None:
    table = FloatTable(3)
    weights, bias = table.constant(table.noise(32, 3, 3, 2)), table.constant(table.noise(32))
    around = Window((3, 3), padding=(1, 1, 1, 1))
    made = table.add(Conv2D, (table.input(1, 16, 16, 2), weights, bias), around, Activation.NONE)
    table.add(kind, (made,), Window((16, 16)), Activation.RELU6)
    graph = table.graph()
    inputs = table.samples(graph)
    layers, streamed = plan_layers(graph, ISAS), plan_smallest(graph, ISAS)
    assert layers.arena >= graph.type(made).bytes > 2 * streamed.arena
    check(table)
    whole, by_rows = (computed(plan, list(inputs.values())) for plan in (layers, streamed))
    assert whole[0].tobytes() == by_rows[0].tobytes()


def test_a_norm_over_the_channels_needs_a_row_of_them_at_a_time() -> None:
    """What is averaged over the last dimension comes vector by vector."""
    table = FloatTable(4)
    weights, bias = table.constant(table.noise(32, 3, 3, 2)), table.constant(table.noise(32))
    around = Window((3, 3), padding=(1, 1, 1, 1))
    made = table.add(Conv2D, (table.input(1, 16, 16, 2), weights, bias), around, Activation.NONE)
    centred = table.add(Sub, (made, table.add(Mean, (made,), (3,), True)), Activation.NONE)
    power = table.add(Mean, (table.add(Mul, (centred, centred), Activation.NONE),), (3,), True)
    normal = table.add(Mul, (centred, table.add(Rsqrt, (power,))), Activation.NONE)
    table.add(AveragePool2D, (normal,), Window((16, 16)), Activation.NONE)
    image = table.graph().type(made).bytes
    assert plan_smallest(table.graph(), ISAS).arena < image / 2
