"""Dead channels: each rule on a graph where it applies and on one where it must not; then sparse networks at random.

`load` has every model judged by LiteRT before and after the passes, where it is installed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.modelgen.writer import Array, ModelWriter
from tests.ops.agree import check, model, samples
from tests.passes.sparse import sparse_model
from tinyc.frontends import load_tflite
from tinyc.ir import Graph, Quant, verify
from tinyc.kernels import lower
from tinyc.ops.evaluate import evaluate, to_port
from tinyc.passes import ALL, optimize
from tinyc.passes.channels import remove_channels
from tinyc.passes.channels.ranges import ranges
from tinyc.verify.judge import judge

Built = tuple[list[int], list[int]]
SAME, VALID = 0, 1
NONE, RELU, RELU6 = 0, 1, 3
#: Of every tensor but the weights. An accumulator a becomes the byte a / 20 above the zero point.
SCALE, ZERO, WEIGHT_SCALE = 0.1, -20, 0.05


class Net(ModelWriter):
    """Ops on tensors of one scale and zero point."""

    def int8(self, shape: tuple[int, ...], data: object = None) -> int:
        return self.tensor(shape, "int8", SCALE, ZERO, data=data)  # type: ignore[arg-type]

    def shape(self, tensor: int) -> tuple[int, ...]:
        return self.tensors[tensor].shape

    def conv(
        self,
        x: int,
        weights: Array,
        bias: list[int] | None = None,
        *,
        padding: int = SAME,
        clamp: int = NONE,
        depthwise: int = 0,
    ) -> int:
        """Weights [O, KH, KW, I], or [1, KH, KW, O] with `depthwise` filters per channel; bias in accumulators."""
        axis = 3 if depthwise else 0
        _, kh, kw, _ = weights.shape
        count = weights.shape[axis]
        scales = [WEIGHT_SCALE] * count
        w = self.tensor(weights.shape, "int8", scales, [0] * count, data=weights, axis=axis)
        b = self.tensor((count,), "int32", [SCALE * s for s in scales], [0] * count, data=bias or [0] * count)
        _, height, width, _ = self.shape(x)
        size = (height, width) if padding == SAME else (height - kh + 1, width - kw + 1)
        y = self.int8((1, *size, count))
        options = {"padding": padding, "stride_h": 1, "stride_w": 1, "fused_activation_function": clamp}
        if depthwise:
            self.op("DEPTHWISE_CONV_2D", [x, w, b], [y], depth_multiplier=depthwise, **options)
        else:
            self.op("CONV_2D", [x, w, b], [y], **options)
        return y

    def dense(self, x: int, weights: Array, bias: list[int], zero_point: int = 0) -> int:
        w = self.tensor(weights.shape, "int8", WEIGHT_SCALE, zero_point, data=weights)
        b = self.tensor((len(bias),), "int32", SCALE * WEIGHT_SCALE, 0, data=bias)
        y = self.int8((1, len(bias)))
        self.op("FULLY_CONNECTED", [x, w, b], [y])
        return y

    def simple(self, kind: str, inputs: list[int], shape: tuple[int, ...], **options: object) -> int:
        y = self.int8(shape)
        self.op(kind, inputs, [y], **options)
        return y


def noise(*shape: int, seed: int = 1) -> Array:
    """Weights without a zero."""
    found = np.random.default_rng(seed).integers(1, 30, shape)
    return found * np.random.default_rng(seed + 1).choice([-1, 1], shape)


def without(weights: Array, axis: int, *channels: int) -> Array:
    """The weights, 0 for some indices of a dimension."""
    found = weights.copy()
    np.moveaxis(found, axis, 0)[list(channels)] = 0
    return found


def load(build: Callable[[Net], Built]) -> Graph:
    return check(model(lambda w: build(Net(w.name, w.tensors, w.ops))), "litert")


def shapes(graph: Graph) -> list[tuple[str, tuple[int, ...]]]:
    return [(op.kind, graph.type(op.outputs[0]).shape) for op in graph.ops]


def widths(graph: Graph) -> list[int]:
    """Channels of what each op writes, after the pass."""
    return [shape[-1] for _, shape in shapes(verify(remove_channels(graph)))]


def image(net: Net, channels: int = 3) -> int:
    return net.int8((1, 5, 6, channels))


@pytest.mark.parametrize("bias", [0, 50, -600, 100_000])
def test_a_filter_of_zeros_is_folded_into_the_pointwise_behind_it(bias: int) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 3, 3, 3), 0, 1), [1, bias, 3, 4])
        return [x], [w.conv(y, noise(2, 1, 1, 4), [7, -8])]

    assert widths(load(build)) == [3, 2]


def test_a_bias_may_have_any_number_of_scales() -> None:
    """Nothing reads them: kernels multiply the input's and the weights'."""

    def build(w: Net) -> Built:
        x = w.int8((1, 5))
        first = w.tensor((4, 5), "int8", WEIGHT_SCALE, 0, data=without(noise(4, 5), 0, 1))
        scales = [SCALE * WEIGHT_SCALE, 5e-44, 3e32]
        bias = w.tensor((4,), "int32", scales, [0] * 3, data=[7, 8, 9, 10])
        y = w.int8((1, 4))
        w.op("FULLY_CONNECTED", [x, first, bias], [y])
        return [x], [w.dense(y, noise(2, 4), [3, 4])]

    assert widths(load(build)) == [3, 2]


def test_a_reader_without_a_bias_gets_one() -> None:
    def build(w: Net) -> Built:
        x = image(w, 2)
        y = w.conv(x, without(noise(2, 1, 1, 2), 0, 0), [50, 0])
        weights = w.tensor((1, 1, 1, 2), "int8", 0.05, 0, data=noise(1, 1, 1, 2))
        z = w.int8((1, 5, 6, 2))
        w.op("DEPTHWISE_CONV_2D", [y, weights], [z], depth_multiplier=1, stride_h=1, stride_w=1)
        matrix = w.tensor((3, 60), "int8", 0.05, 0, data=noise(3, 60))
        out = w.int8((1, 3))
        w.op("FULLY_CONNECTED", [z, matrix, -1], [out])
        return [x], [out]

    graph = remove_channels(load(build))
    assert [shape[-1] for _, shape in shapes(graph)] == [1, 1, 3]
    assert graph.ops[-1].inputs[2]


@pytest.mark.parametrize(("bias", "clamp"), [(-400_000, RELU), (-400_000, NONE), (400_000, RELU6)])
def test_a_channel_that_is_always_clamped_is_constant(bias: int, clamp: int) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 3, 3, 3), [bias, 2, 3, bias], clamp=clamp)
        return [x], [w.conv(y, noise(2, 1, 1, 4), [7, -8])]

    assert widths(load(build)) == [2, 2]


def test_a_channel_that_is_sometimes_clamped_stays() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3), [-3_000, 2, 3, 4], clamp=RELU)
        return [x], [w.conv(y, noise(2, 1, 1, 4), [7, -8])]

    assert widths(load(build)) == [4, 2]


@pytest.mark.parametrize(
    ("bias", "padding", "weights", "left"),
    [
        (50, SAME, noise(2, 3, 3, 4), 4),
        (0, SAME, noise(2, 3, 3, 4), 3),
        (50, VALID, noise(2, 3, 3, 4), 3),
        (50, SAME, noise(2, 3, 3, 4) * np.eye(3)[1][:, None, None] * np.eye(3)[1][:, None], 3),
        (50, SAME, noise(2, 3, 3, 4) * np.eye(3)[1][:, None], 4),
    ],
    ids=["padded", "the zero point", "no padding", "nothing reads padding", "columns read padding"],
)
def test_a_constant_folds_into_a_window_only_if_it_adds_the_same_everywhere(
    bias: int, padding: int, weights: Array, left: int
) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 2), [9, 9, bias, 9])
        return [x], [w.conv(y, weights, [7, -8], padding=padding)]

    assert widths(load(build)) == [left, 2]


@pytest.mark.parametrize(
    ("weights", "bias", "left"),
    [
        (noise(1, 3, 3, 4), [0, 0, 0, 0], 4),
        (noise(1, 3, 3, 4), [0, 0, -60_000, 0], 3),
        (noise(1, 3, 3, 4) * [1, 1, 0, 1], [0, 0, 77, 0], 3),
    ],
    ids=["border classes differ", "all classes are clamped to one byte", "no weights"],
)
def test_a_constant_before_a_padded_depthwise(weights: Array, bias: list[int], left: int) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 2), [9, 9, 50, 9])
        y = w.conv(y, weights, bias, depthwise=1)
        return [x], [w.conv(y, noise(2, 1, 1, 4))]

    assert widths(load(build)) == [left, left, 2]


def test_border_classes_are_exact() -> None:
    """What the analysis says of a padded depthwise of a constant is what comes out, pixel by pixel."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 2), [9, 9, 50, 9])
        weights = noise(1, 3, 3, 4) + 20 * np.arange(9).reshape(1, 3, 3, 1) % 90
        return [x], [w.conv(y, weights, [5, 5, 5, 5], depthwise=1)]

    graph = load(build)
    (port,) = graph.inputs
    values = evaluate(graph, {port.tensor: samples(graph, 1, 3)[0][0]})
    name = graph.ops[-1].outputs[0]
    found = ranges(graph)[name]
    assert np.array_equal(found.low[..., 2], found.high[..., 2])
    assert np.array_equal(found.low[..., 2], values[name][..., 2])
    assert len(np.unique(found.low[..., 2])) == 9


@pytest.mark.parametrize(("unread", "left"), [((2,), [4, 8, 2]), ((2, 3), [3, 6, 2]), ((3, 4), [4, 8, 2])])
def test_all_filters_of_a_channel_go_or_none(unread: tuple[int, ...], left: list[int]) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        y = w.conv(y, noise(1, 3, 3, 8), depthwise=2)
        return [x], [w.conv(y, without(noise(2, 1, 1, 8), 3, *unread))]

    assert widths(load(build)) == left


def test_channels_that_nobody_reads_go_from_every_op_before() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(5, 3, 3, 3))
        y = w.conv(y, noise(1, 3, 3, 5), depthwise=1)
        y = w.simple("RELU", [y], (1, 5, 6, 5))
        options = {"stride_h": 2, "stride_w": 2, "filter_height": 2, "filter_width": 2, "padding": VALID}
        y = w.simple("MAX_POOL_2D", [y], (1, 2, 3, 5), **options)
        y = w.simple("RESIZE_NEAREST_NEIGHBOR", [y, w.constant([4, 6])], (1, 4, 6, 5))
        y = w.simple("MEAN", [y, w.constant([1, 2])], (1, 5))
        return [x], [w.dense(y, without(noise(3, 5), 1, 0, 4), [1, 2, 3])]

    assert widths(load(build)) == [3, 3, 3, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("unread", "levels", "left"),
    [(1, 1, 32), (3, 1, 32), (4, 1, 28), (7, 1, 28), (5, 30, 27), (1, 30, 31)],
)
def test_ternary_weights_keep_a_multiple_of_four_channels(unread: int, levels: int, left: int) -> None:
    """A word more of channels that nobody reads takes less than kernels that take them byte by byte."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, np.clip(noise(32, 1, 1, 3), -levels, levels))
        y = w.conv(y, np.clip(noise(1, 3, 3, 32), -levels, levels), depthwise=1)
        return [x], [w.conv(y, without(noise(2, 1, 1, 32), 3, *range(3, 3 + unread)))]

    assert widths(load(build)) == [left, left, 2]


def test_few_channels_of_ternary_weights_go_one_by_one() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, np.sign(noise(8, 1, 1, 3)))
        return [x], [w.conv(y, without(noise(2, 1, 1, 8), 3, 1, 5, 6))]

    assert widths(load(build)) == [5, 2]


def test_removal_goes_on_through_layers() -> None:
    """The second's dead outputs leave some of the first's unread."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        only_for_dead = (
            noise(4, 1, 1, 4)
            * np.array([[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]])[:, None, None]
        )
        y = w.conv(y, only_for_dead)
        return [x], [w.conv(y, without(noise(2, 1, 1, 4), 3, 2, 3))]

    assert widths(load(build)) == [2, 2, 2]


@pytest.mark.parametrize(
    ("first", "second", "unread", "left"),
    [
        ((1, 2), (1, 3), (), [3, 3, 3, 2]),
        ((1, 2), (1, 3), (0,), [2, 2, 2, 2]),
        ((), (), (0, 3), [2, 2, 2, 2]),
    ],
    ids=["constant in both", "and one unread", "unread"],
)
def test_a_sum_loses_a_channel_of_both_operands_or_of_none(
    first: tuple[int, ...], second: tuple[int, ...], unread: tuple[int, ...], left: list[int]
) -> None:
    def build(w: Net) -> Built:
        x = image(w)
        a = w.conv(x, without(noise(4, 1, 1, 3), 0, *first), [40, 50, 60, 70])
        b = w.conv(x, without(noise(4, 3, 3, 3), 0, *second), [40, 50, 60, 70])
        y = w.simple("ADD", [a, b], (1, 5, 6, 4))
        return [x], [w.conv(y, without(noise(2, 1, 1, 4), 3, *unread))]

    assert widths(load(build)) == left


def test_operands_of_one_channel_and_constant_operands() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        y = w.simple("MUL", [y, w.int8((4,), [1, 2, 3, 4])], (1, 5, 6, 4))
        y = w.simple("SUB", [y, w.conv(x, noise(1, 1, 1, 3))], (1, 5, 6, 4))
        y = w.simple("ADD", [w.int8((), [9]), y], (1, 5, 6, 4))
        return [x], [w.conv(y, without(noise(2, 1, 1, 4), 3, 1))]

    graph = remove_channels(load(build))
    assert sorted(shape[-1] for _, shape in shapes(graph)) == [1, 2, 3, 3, 3, 3]
    (factor,) = (graph.tensors[op.inputs[1]].data for op in graph.ops if op.kind == "mul")
    assert factor is not None and factor.tolist() == [1, 3, 4]


def test_maxima_and_slopes_lose_channels() -> None:
    """Of a slope per element and a constant to compare with, too."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        y = w.simple("PRELU", [y, w.int8((5, 6, 4), noise(5, 6, 4))], (1, 5, 6, 4))
        y = w.simple("MAXIMUM", [w.int8((4,), [-9, 8, -7, 6]), y], (1, 5, 6, 4))
        y = w.simple("MINIMUM", [y, w.conv(x, noise(4, 1, 1, 3))], (1, 5, 6, 4))
        return [x], [w.conv(y, without(noise(2, 1, 1, 4), 3, 1))]

    assert widths(load(build)) == [3, 3, 3, 3, 3, 2]


def test_constants_are_known_behind_maxima_and_slopes() -> None:
    """Channel 1 is the same everywhere and below zero, channel 2 never reaches what it is compared with."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 1), [0, -400, 0, 0])
        y = w.simple("PRELU", [y, w.int8((1, 1, 4), [5, -100, 9, 30])], (1, 5, 6, 4))
        y = w.simple("MAXIMUM", [y, w.int8((1, 1, 4), [-120, -120, 127, -120])], (1, 5, 6, 4))
        return [x], [w.conv(y, noise(2, 1, 1, 4))]

    assert widths(load(build)) == [2, 2, 2, 2]


@pytest.mark.parametrize("zero", [-128, -3, 127])
@pytest.mark.parametrize(("low", "high"), [(-128, 127), (-50, -2), (-3, -3), (4, 90)])
@pytest.mark.parametrize(("first", "last"), [(-128, 127), (-7, 30), (12, 12)])
def test_bounds_behind_a_slope_are_exact(zero: int, low: int, high: int, first: int, last: int) -> None:
    def bounded(w: ModelWriter, x: int, least: int, most: int) -> int:
        for kind, bound in (("MAXIMUM", least), ("MINIMUM", most)):
            spec = w.tensors[x]
            given = w.tensor((), "int8", spec.scale, spec.zero_point, data=np.array(bound))
            y = w.tensor(spec.shape, "int8", spec.scale, spec.zero_point)
            w.op(kind, [x, given], [y])
            x = y
        return x

    def build(w: ModelWriter) -> Built:
        x, slope = w.tensor((1, 4), "int8", 0.1, zero), w.tensor((1, 4), "int8", 0.02, 4)
        y = w.tensor((1, 4), "int8", 0.1, -9)
        w.op("PRELU", [bounded(w, x, low, high), bounded(w, slope, first, last)], [y])
        return [x, slope], [y]

    graph = load_tflite(model(build), "m.tflite", "litert")
    op = graph.ops[-1]
    out = graph.type(op.outputs[0])
    every = np.ix_(np.arange(low, high + 1), np.arange(first, last + 1))
    (bytes_out,) = op.compute(op.named(v.astype(np.int8) for v in every), graph.types(op), [out], "litert")
    found = ranges(graph)[op.outputs[0]]
    assert (found.low == bytes_out.min()).all()
    assert (found.high == bytes_out.max()).all()


def test_a_reader_that_needs_a_channel_keeps_it_for_all() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        a = w.conv(y, without(noise(2, 1, 1, 4), 3, 0, 1))
        return [x], [a, w.conv(y, without(noise(2, 1, 1, 4), 3, 1, 2))]

    assert widths(load(build)) == [3, 2, 2]


def test_outputs_of_the_model_keep_their_shape() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 1))
        return [x], [y, w.conv(y, without(noise(2, 1, 1, 4), 3, 2))]

    graph = load(build)
    assert remove_channels(graph) is graph


def test_inputs_of_the_model_keep_their_shape() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        return [x], [w.conv(x, without(noise(4, 3, 3, 3), 3, 1))]

    graph = load(build)
    assert remove_channels(graph) is graph


def test_a_join_loses_channels_and_whole_operands() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        a, b = w.conv(x, noise(2, 1, 1, 3)), w.conv(x, noise(3, 1, 1, 3))
        c = w.int8((1, 5, 6, 2), np.broadcast_to([33, 44], (1, 5, 6, 2)))
        y = w.simple("CONCATENATION", [a, b, c], (1, 5, 6, 7), axis=3)
        return [x], [w.conv(y, without(noise(2, 1, 1, 7), 3, 0, 2, 3, 4))]

    graph = load(build)
    assert shapes(remove_channels(graph)) == [("conv2d", (1, 5, 6, 1)), ("conv2d", (1, 5, 6, 2))]


def test_a_join_by_rows_keeps_channels_together() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        a = w.conv(x, without(noise(4, 1, 1, 3), 0, 0, 1), [50, 50, 50, 50])
        b = w.conv(x, without(noise(4, 1, 1, 3), 0, 1, 2), [50, 50, 50, 50])
        y = w.simple("CONCATENATION", [a, b], (1, 10, 6, 4), axis=1)
        return [x], [w.conv(y, noise(2, 1, 1, 4))]

    assert widths(load(build)) == [3, 3, 3, 2]


def test_slices_and_pads_of_channels() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(6, 1, 1, 3), 0, 1, 3))
        y = w.simple("PAD", [y, w.constant([[0, 0], [1, 0], [0, 1], [2, 1]])], (1, 6, 7, 9))
        parts = [w.int8((1, 6, 7, 3)) for _ in range(3)]
        w.op("SPLIT", [w.constant(3), y], parts, num_splits=3)
        a = w.conv(parts[1], without(noise(2, 1, 1, 3), 3, 1))
        return [x], [a, w.conv(parts[2], noise(2, 1, 1, 3), padding=VALID)]

    graph = remove_channels(load(build))
    verify(graph)
    assert graph.type(graph.ops[0].outputs[0]).shape == (1, 5, 6, 3)


def test_flattened_channels() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 1), [50] * 4)
        y = w.simple("RESHAPE", [y, w.constant([1, 120])], (1, 120), new_shape=[1, 120])
        weights = noise(3, 30, 4)
        weights[:, :, 3] = 0
        return [x], [w.dense(y, weights.reshape(3, 120), [1, 2, 3])]

    assert widths(load(build)) == [2, 60, 3]


def test_weights_with_a_zero_point_are_zero_where_they_equal_it() -> None:
    def build(w: Net) -> Built:
        x = w.int8((1, 5))
        y = w.dense(x, without(noise(4, 5), 0, 2), [0, 0, 99, 0])
        z = w.dense(y, np.where(np.arange(4) == 1, 3, noise(3, 4)), [1, 2, 3], zero_point=3)
        return [x], [z]

    assert widths(load(build)) == [2, 3]


def test_what_is_wholly_unread_keeps_one_channel() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        return [x], [w.conv(y, noise(2, 3, 3, 4) * 0, [7, -8])]

    assert widths(load(build)) == [1, 2]


def test_weights_that_two_ops_share() -> None:
    def build(w: Net) -> Built:
        x = image(w, 4)
        y = w.conv(x, without(noise(4, 1, 1, 4), 0, 1))
        z = w.conv(y, noise(4, 1, 1, 4))
        w.ops[-1] = replace(w.ops[-1], inputs=(y, *w.ops[-2].inputs[1:]))
        return [x], [z]

    graph = remove_channels(load(build))
    assert [shape[-1] for _, shape in shapes(graph)] == [3, 4]
    assert graph.ops[0].inputs[1] != graph.ops[1].inputs[1]


def test_a_constant_that_is_weights_too() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.int8((1, 5, 6, 4))
        bias = w.tensor((4,), "int32", SCALE * SCALE, 0, data=[1, 2, 3, 4])
        weights = w.tensor((4, 1, 1, 3), "int8", SCALE, 0, data=noise(4, 1, 1, 3))
        w.op("CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1)
        mean = w.simple("MEAN", [x, w.constant([1, 2])], (1, 3))
        rows = w.simple("ADD", [weights, mean], (4, 1, 1, 3))
        z = w.int8((4, 2))
        matrix = w.tensor((2, 3), "int8", WEIGHT_SCALE, 0, data=without(noise(2, 3), 1, 1))
        w.op("FULLY_CONNECTED", [rows, matrix, -1], [z])
        return [x], [y, z]

    graph = load(build)
    assert remove_channels(graph) is graph


@pytest.mark.parametrize(
    ("unread", "left"), [((0,), [4, 3]), ((0, 2), [4, 3]), ((0, 2, 4), [2, 3])], ids=["one", "two", "all"]
)
def test_vectors_that_straddle_pixels(unread: tuple[int, ...], left: list[int]) -> None:
    """Position i of a vector of 6 is channel i or i + 2 of 4, in turns."""

    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, noise(4, 1, 1, 3))
        z = w.int8((20, 3))
        weights = w.tensor((3, 6), "int8", WEIGHT_SCALE, 0, data=without(noise(3, 6), 1, *unread))
        w.op("FULLY_CONNECTED", [y, weights, -1], [z])
        return [x], [z]

    assert widths(load(build)) == left


def test_groups_keep_their_channels() -> None:
    def build(w: Net) -> Built:
        x = image(w, 4)
        y = w.conv(x, without(noise(4, 1, 1, 4), 0, 1))
        y = w.conv(y, without(noise(4, 1, 1, 2), 0, 2))
        return [x], [w.conv(y, without(noise(3, 1, 1, 4), 3, 0))]

    assert widths(load(build)) == [4, 4, 3]


def test_ops_that_mix_channels_keep_them() -> None:
    def soft(w: Net) -> Built:
        x = image(w, 4)
        y = w.tensor((1, 5, 6, 4), "int8", 1 / 256, -128)
        w.op("SOFTMAX", [w.conv(x, without(noise(4, 1, 1, 4), 0, 1))], [y], beta=1.0)
        return [x], [w.conv(y, without(noise(3, 1, 1, 4), 3, 0))]

    def turned(w: Net) -> Built:
        x = image(w, 4)
        y = w.conv(x, without(noise(4, 1, 1, 4), 0, 1))
        y = w.simple("TRANSPOSE", [y, w.constant([0, 1, 3, 2])], (1, 5, 4, 6))
        return [x], [w.conv(y, without(noise(3, 1, 1, 6), 3, 0))]

    def averaged(w: Net) -> Built:
        x = w.int8((1, 4, 4, 4))
        y = w.conv(x, without(noise(4, 1, 1, 4), 0, 1))
        y = w.simple("MEAN", [y, w.constant([2, 3])], (1, 4))
        return [x], [w.dense(y, without(noise(3, 4), 1, 0), [1, 2, 3])]

    assert widths(load(soft)) == [4, 4, 3]
    assert widths(load(turned)) == [4, 6, 3]
    assert widths(load(averaged)) == [4, 4, 3]


def test_a_transpose_of_rows_and_columns_keeps_channels_apart() -> None:
    def build(w: Net) -> Built:
        x = image(w, 4)
        y = w.conv(x, without(noise(4, 1, 1, 4), 0, 1))
        y = w.simple("TRANSPOSE", [y, w.constant([0, 2, 1, 3])], (1, 6, 5, 4))
        return [x], [w.conv(y, without(noise(3, 1, 1, 4), 3, 0))]

    assert widths(load(build)) == [2, 2, 3]


@pytest.mark.parametrize("exponent", range(6, 29, 2))
def test_nothing_is_concluded_from_sums_that_wrap(exponent: int) -> None:
    """Output scales so small that a left shift leaves int32; front ends refuse the smallest."""

    def build(w: Net) -> Built:
        x = image(w, 4)
        y = w.conv(x, noise(4, 1, 1, 4))
        parts = [w.simple(kind, [x, y], (1, 5, 6, 4)) for kind in ("ADD", "MUL", "SUB")]
        parts.append(w.simple("MEAN", [x, w.constant([1, 2])], (1, 4)))
        parts.append(w.conv(y, noise(4, 1, 1, 4)))
        parts.append(w.dense(y, noise(3, 120), [1, 2, 3]))
        return [x], parts

    graph = load_tflite(model(lambda w: build(Net(w.name, w.tensors, w.ops))), "wraps", "tflm")
    tensors = dict(graph.tensors)
    for name in graph.output_tensors:
        small = replace(tensors[name].type, quant=Quant((2.0**-exponent,), (7,)))
        tensors[name] = replace(tensors[name], type=small)
    graph = replace(graph, tensors=tensors)
    assert_equal(graph, remove_channels(graph), 3)


def test_a_bias_that_might_overflow_takes_no_constant() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 2), [9, 9, 50, 9])
        return [x], [w.conv(y, noise(2, 1, 1, 4), [1, 2])]

    graph = load(build)
    name = graph.ops[-1].inputs[2]
    bias = replace(graph.tensors[name], data=np.array([2**31 - 1, 0], np.int32))
    graph = replace(graph, tensors={**graph.tensors, name: bias})
    assert widths(graph) == [4, 2]


def test_empty_tensors_are_left_alone() -> None:
    def build(w: Net) -> Built:
        x = image(w)
        y = w.conv(x, without(noise(4, 1, 1, 3), 0, 1))
        y = w.simple("CONCATENATION", [w.int8((1, 5, 6, 0), []), y], (1, 5, 6, 4), axis=3)
        return [x], [w.conv(y, noise(2, 1, 1, 4))]

    graph = load_tflite(model(lambda w: build(Net(w.name, w.tensors, w.ops))), "empty", "tflm")
    assert remove_channels(graph) is graph


def assert_equal(source: Graph, reduced: Graph, seed: int) -> None:
    """On extreme and random inputs every output byte is the same, and every byte lies in the range found for it."""
    known = ranges(source)
    inputs = samples(source, 4, seed)
    for x in inputs:
        if x.dtype == np.int8:
            x[1], x[2] = -128, 127
    for sample in range(4):
        feeds = [to_port(p, source, x[sample]) for p, x in zip(source.inputs, inputs, strict=True)]
        before = evaluate(source, {p.tensor: x for p, x in zip(source.inputs, feeds, strict=True)})
        after = evaluate(reduced, {p.tensor: x for p, x in zip(reduced.inputs, feeds, strict=True)})
        for old, new in zip(source.outputs, reduced.outputs, strict=True):
            assert np.array_equal(before[old.tensor], after[new.tensor])
        for name, found in known.items():
            assert ((found.low <= before[name]) & (before[name] <= found.high)).all()


@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize("seed", range(0, 120, 12))
def test_sparse_networks_compute_the_same(seed: int, reference: str) -> None:
    reduced_ones = 0
    for each in range(seed, seed + 12):
        graph = load_tflite(sparse_model(each), f"sparse {each}", reference)
        for one in ALL:
            if one is not remove_channels:
                graph = one(graph)
        reduced = verify(remove_channels(graph))
        assert_equal(graph, reduced, each)
        assert remove_channels(reduced) is reduced
        assert reduced.macs() <= graph.macs()
        reduced_ones += reduced is not graph
    assert reduced_ones > 4


@pytest.mark.parametrize("seed", range(1000, 1036))
def test_sparse_networks_equal_the_interpreter(seed: int) -> None:
    check(sparse_model(seed), "litert")


def test_visual_wake_words(shared: Path) -> None:
    """Half of the network is dead: the figures of docs/decisions/0005."""
    data = (shared / "models" / "vww_96_int8.tflite").read_bytes()
    source = load_tflite(data, "vww", "litert")
    graph = optimize(source)
    assert source.macs() == 7_489_664
    assert graph.macs() == 3_727_313
    assert sum(lower(op, graph, ("ref",)).weights_bytes for op in graph.ops) == 39_211
    grey = np.load(shared / "samples" / "person_96x96_gray_uint8.npy").reshape(96, 96, 1)
    person = np.repeat(grey.astype(np.int16) - 128, 3, axis=2).astype(np.int8)[None]
    noisy = np.random.default_rng(0).integers(-128, 128, person.shape).astype(np.int8)
    inputs = np.stack([person, noisy])
    judged = judge(data, (inputs,), "litert")
    for sample, x in enumerate(inputs):
        expected = evaluate(source, {source.inputs[0].tensor: x})[source.outputs[0].tensor]
        if judged is not None:
            expected = judged.outputs[0][sample]
        assert np.array_equal(evaluate(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor], expected)


@pytest.mark.parametrize(
    "name", ["ad01_int8", "hello_world_int8", "kws_int8", "mcunet_vww", "micro_speech_int8", "person_detect"]
)
def test_other_models_compute_the_same(shared: Path, name: str) -> None:
    source = load_tflite((shared / "models" / f"{name}.tflite").read_bytes(), name, "litert")
    graph = source
    for one in ALL:
        if one is not remove_channels:
            graph = one(graph)
    assert_equal(graph, remove_channels(graph), 1)
