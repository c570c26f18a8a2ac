"""The int8 file of a trained network, without a framework: its weights are the trained ones, its answers too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import SHAPE, Floats, samples
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.onnx.grids import Grid
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Graph
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.floats import compute_floats, evaluate_floats, operands_of
from tinyc.ops.weighted import Weighted
from tinyc.qat.ranges import quant_of_range, rounded
from tinyc.qat.stated import deployed, exported, fixed_scales, with_scales
from tinyc.qat.weights import steps_of
from tinyc.verify.judge import judge


def network(writer: ModelWriter) -> tuple[list[int], list[int]]:
    layers = Floats(writer)
    x = layers.tensor(*SHAPE)
    y = layers.conv(layers.depthwise(layers.conv(x, 9)), 33, stride=2)
    return [x], [layers.dense(layers.conv(y, 7, activation=0), 10)]


def trained(levels: str) -> tuple[Graph, list[Grid]]:
    """The network with weights of few levels, and a normalization with factors of either sign folded in."""
    graph = load_float_tflite(model(network), "net.tflite")
    tensors, grids, rng = dict(graph.tensors), [], np.random.default_rng(3)
    for op in graph.ops:
        if isinstance(op, Weighted):
            kernel, bias = tensors[op.weights], tensors[op.bias]
            assert kernel.data is not None and bias.data is not None
            axis = 3 if isinstance(op, DepthwiseConv2D) else 0
            steps, data = steps_of(levels), kernel.data.astype(np.float32)
            factor = rng.uniform(-1.5, 1.5, data.shape[axis]).astype(np.float32)
            made = deployed(
                steps.rounded(data, axis),
                bias.data.astype(np.float32),
                steps,
                axis,
                steps.step(data, axis),
                factor,
            )
            tensors[op.weights] = replace(kernel, data=made.kernel)
            tensors[op.bias] = replace(bias, data=made.bias)
            grids.append(made.grid)
    return replace(graph, tensors=tensors), grids


def stated(graph: Graph, x: Any) -> dict[str, Any]:
    """A scale for each tensor that a layer makes, and the input."""
    values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
    values[graph.inputs[0].tensor] = x
    wanted = [graph.inputs[0].tensor, *(op.outputs[0] for op in graph.ops if isinstance(op, Weighted))]
    return {n: quant_of_range(float(values[n].min()), float(values[n].max())) for n in wanted}


def as_trained(graph: Graph, quants: dict[str, Any], x: Any) -> Any:
    """What the network computes in training: real numbers, rounded where there is a scale."""
    values = {graph.inputs[0].tensor: rounded(x, quants[graph.inputs[0].tensor])}
    for op in graph.ops:
        (out,) = op.outputs
        made = compute_floats(graph, op, operands_of(graph, op, values))
        values[out] = rounded(np.asarray(made, np.float32), quants[out]) if out in quants else made
    return values[graph.outputs[0].tensor]


@pytest.mark.parametrize("levels", ["ternary", "int2", "int8"])
def test_file_computes_what_was_trained(levels: str) -> None:
    graph, grids = trained(levels)
    x = samples(20)
    quants = stated(graph, x)
    data = exported(with_scales(graph, quants), grids)
    read = load_tflite(data, "net", "litert")
    for op in read.ops:
        if isinstance(op, Weighted):
            weights = read.tensors[op.weights]
            name = op.weights if op.weights in graph.tensors else ""
            assert name, sorted(graph.tensors)
            axis = 3 if isinstance(op, DepthwiseConv2D) else 0
            shape = [1] * weights.type.shape.__len__()
            shape[axis] = -1
            scales: Any = np.float32(weights.type.q.scales).reshape(shape)
            assert weights.data is not None
            assert (weights.data.astype(np.float32) * scales == graph.tensors[name].data).all()
            if levels == "ternary":
                assert set(np.unique(weights.data)) <= {-64, 0, 64}
    found = judge(data, (x,), "litert")
    if found is None:
        pytest.skip("litert is not installed")
    scale = quants[graph.outputs[0].tensor].scale
    off = np.abs(found.outputs[0] - as_trained(graph, quants, x)) / scale
    assert off.max() < 1.01 and (off > 0.5).mean() < 0.2


def test_a_tensor_without_scale_is_told_by_name() -> None:
    graph, grids = trained("ternary")
    quants = stated(graph, samples(4))
    missing = next(op for op in graph.ops if isinstance(op, Conv2D))
    del quants[missing.outputs[0]]
    with pytest.raises(ModelError, match=missing.outputs[0]):
        exported(with_scales(graph, quants), grids)


def test_answers_that_have_a_fixed_scale() -> None:
    def softmax(writer: ModelWriter) -> tuple[list[int], list[int]]:
        layers = Floats(writer)
        x = layers.tensor(*SHAPE)
        return [x], [layers.same("SOFTMAX", layers.dense(x, 10), beta=1.0)]

    graph = load_float_tflite(model(softmax), "net.tflite")
    (quant,) = fixed_scales(graph).values()
    assert (quant.scale, quant.zero_point) == (1 / 256, -128)


def test_channels_that_a_normalization_silences() -> None:
    steps = steps_of("ternary")
    kernel = steps.rounded(np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32), 0)
    factor = np.array([0.0, -2.0, 1e-30], np.float32)
    made = deployed(kernel, None, steps, 0, steps.step(kernel, 0), factor, np.ones(3, np.float32))
    assert not made.kernel[0].any() and np.isfinite(made.grid.scales).all() and (made.grid.scales > 0).all()
    assert (made.kernel[1] == -2 * kernel[1]).all()
    assert made.bias.tolist() == [1.0, 1.0, 1.0]
