"""Ternary and other few-level weights of float models: int8 keeps each multiple, and the scale is theirs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyc
from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import SHAPE, Built, Floats, samples
from tests.quantize.test_equalise import unlike
from tests.quantize.test_quantize import answers, decibels, floats, judged
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.ir import Graph
from tinyc.quantize import Effort, quantize_graph
from tinyc.quantize.equalise import equalised
from tinyc.quantize.levels import FEW, levels_of
from tinyc.quantize.prepare import prepared
from tinyc.quantize.weights import channel_axis, is_weighted
from tinyc.verify.judge import judge


def rows(channels: int, depth: int, levels: int, seed: int = 0) -> Any:
    """Multiples of a number per channel; each channel has the largest one."""
    rng = np.random.default_rng(seed)
    steps = rng.integers(-levels, levels + 1, (channels, depth))
    steps[:, 0] = levels
    return steps, rng.uniform(0.01, 3, channels)


@pytest.mark.parametrize("levels", [1, 2, 3, 7, 8])
@pytest.mark.parametrize("depth", [7, 9, 33, 127])
def test_multiples_are_found_behind_the_rounding_of_float32(levels: int, depth: int) -> None:
    steps, units = rows(11, depth, levels)
    folded = (steps * units[:, None]).astype(np.float32) * np.float32(1.7)
    found = levels_of(folded.astype(np.float64))
    assert found is not None
    largest = np.gcd.reduce(steps, axis=1)
    np.testing.assert_array_equal(found.steps * largest[:, None], steps)
    np.testing.assert_allclose(found.units / largest, units * 1.7, rtol=1e-6)
    assert (found.widest * found.counts <= 127).all() and (found.widest_binary * found.counts > 31).all()


def test_what_has_more_levels_is_none() -> None:
    noise = np.random.default_rng(0).normal(size=(4, 30))
    assert levels_of(noise) is None
    steps, units = rows(4, 60, FEW + 1)
    steps[0, 1] = FEW
    assert levels_of(steps * units[:, None]) is None
    assert levels_of(steps * units[:, None], FEW + 1) is not None
    assert levels_of(np.ones((5, 1))) is None, "one weight per channel is no sign of anything"
    assert levels_of(np.zeros((5, 9))) is None
    assert levels_of(np.full((5, 9), np.inf)) is None
    both = np.concatenate((noise, np.sign(noise)))
    assert levels_of(both) is None, "a channel of many levels"
    part = np.concatenate((np.zeros((1, 30)), np.sign(noise)))
    found = levels_of(part)
    assert found is not None
    np.testing.assert_array_equal(found.steps, part)


def network(w: ModelWriter) -> Built:
    """Convolutions with and without a stride, a residual sum, a depthwise one, products per channel, dense layers."""
    f = Floats(w)
    x = f.tensor(*SHAPE)
    a = f.conv(x, 9)
    b = f.conv(f.depthwise(a), 9, kernel=1, activation=0)
    scaled = f.same("MUL", b, f.weights(9, scale=1.0))
    shifted = f.same("ADD", scaled, f.weights(9, scale=0.3))
    c = f.conv(f.same("RELU", f.same("ADD", a, shifted, fused_activation_function=0)), 13, stride=2)
    return [x], [f.dense(f.average(c), 5)]


def ternary(graph: Graph) -> Graph:
    """Return the graph with weights of -k, 0 and k for a k per channel, each layer's variance kept."""
    tensors = dict(graph.tensors)
    for op in graph.ops:
        if is_weighted(op, graph):
            data: Any = tensors[op.weights].data
            axes = tuple(i for i in range(data.ndim) if i != channel_axis(op))
            k = np.abs(data).mean(axis=axes, keepdims=True)
            tensors[op.weights] = replace(tensors[op.weights], data=np.clip(np.round(data / k), -1, 1) * k)
    return replace(graph, tensors=tensors)


def weights_of(graph: Graph) -> list[tuple[Any, Any]]:
    """Return of each layer the weights, a row per channel, as bytes and as real numbers."""
    found = []
    for op in graph.ops:
        if is_weighted(op, graph):
            data: Any = graph.tensors[op.weights].data
            each = np.moveaxis(data, channel_axis(op), 0).reshape(data.shape[channel_axis(op)], -1)
            quant = graph.type(op.weights).quant
            scales = np.ones(1) if quant is None else np.array(quant.scales)
            found.append((each, each * scales.reshape(-1, 1)))
    return found


@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_ternary_weights_stay_ternary(effort: Effort) -> None:
    """Behind products per channel, equalisation of unlike channels, rounding in turn, corrected biases."""
    graph = ternary(prepared(unlike_channels()))
    given = {graph.inputs[0].tensor: samples(64)}
    made = load_tflite(export_tflite(quantize_graph(graph, given, effort)), "made.tflite", "litert")
    before, after = weights_of(graph), weights_of(made)
    assert len(before) == len(after) == 5
    for (_, wanted), (bytes_, real) in zip(before, after, strict=True):
        largest = np.abs(bytes_.astype(int)).max(axis=1, keepdims=True)
        assert set(np.unique(bytes_ / np.maximum(largest, 1))) <= {-1.0, 0.0, 1.0}
        assert largest.min() == 127
        np.testing.assert_array_equal(np.sign(wanted), np.sign(bytes_))
        ratio = np.abs(real).max(axis=1) / np.abs(wanted).max(axis=1)
        assert effort != "fast" or np.allclose(ratio, 1, atol=1e-6)
    x = samples(32, seed=9)
    (answer,) = answers(graph, x)
    (found,) = judged(export_tflite(made), x)
    assert decibels(answer, found) > 33


def unlike_channels() -> Graph:
    return unlike(prepared(floats(network)), 0.7)


def dense(w: ModelWriter, dtype: str) -> Built:
    """Dense layers of sequences, with weights behind DEQUANTIZE or as a matrix of BATCH_MATMUL."""
    rng = np.random.default_rng(2)
    x = w.tensor((1, 7, 24), "float32")

    def weights(*shape: int) -> Any:
        return rng.integers(-1, 2, shape)

    a, b, y = (w.tensor((1, 7, n), "float32") for n in (16, 12, 5))
    scaled = ([0.25] * 16, [0] * 16) if dtype == "int4" else ()
    few = w.tensor((16, 24), dtype, *scaled, data=weights(16, 24))
    real = w.tensor((16, 24), "float32")
    w.op("DEQUANTIZE", [few], [real])
    bias = w.tensor((16,), "float32", data=rng.normal(size=16).astype(np.float32))
    w.op("FULLY_CONNECTED", [x, real, bias], [a], keep_num_dims=True, fused_activation_function=1)
    matrix = w.tensor((16, 12), "float32", data=weights(16, 12).astype(np.float32))
    w.op("BATCH_MATMUL", [a, matrix], [b])
    turned = w.tensor((1, 5, 12), "float32", data=weights(1, 5, 12).astype(np.float32))
    w.op("BATCH_MATMUL", [b, turned], [y], adj_y=True)
    return [x], [y]


@pytest.mark.parametrize("dtype", ["float16", "int4"])
def test_products_with_constants_are_layers(dtype: str, tmp_path: Path) -> None:
    """As files of half precision and of weights alone have them."""
    file = tmp_path / "m.tflite"
    file.write_bytes(model(lambda w: dense(w, dtype)))
    graph = load_float_model(file).graph
    assert [op.kind for op in graph.ops] == ["fully_connected"] * 3
    x = np.random.default_rng(0).normal(size=(64, 1, 7, 24)).astype(np.float32)
    (answer,) = answers(graph, x)
    judged_ = judge(file.read_bytes(), (x,), "litert")
    if judged_ is not None:
        np.testing.assert_allclose(answer, judged_.outputs[0], rtol=1e-5, atol=1e-5)
    made = load_tflite(tinyc.quantize_model(file, x[:, 0]), "made.tflite", "litert")
    found = weights_of(made)
    assert len(found) == 3
    for bytes_, _ in found:
        assert set(np.unique(bytes_)) == {-127, 0, 127}


def test_channels_that_ternary_layers_read_are_not_scaled() -> None:
    graph = unlike_channels()
    given = {graph.inputs[0].tensor: samples(64)}
    assert equalised(graph, given) is not graph, "the others are"
    made = equalised(ternary(graph), given)
    for (_, wanted), (_, found) in zip(weights_of(ternary(graph)), weights_of(made), strict=True):
        np.testing.assert_array_equal(np.sign(wanted), np.sign(found))
        for row in np.abs(found):
            assert len(np.unique(np.round(row / row.max(), 4))) <= 2
