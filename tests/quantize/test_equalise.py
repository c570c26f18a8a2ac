"""Cross-layer equalisation: the float function stays, and channels of unlike ranges are kept apart in int8."""

from __future__ import annotations

import numpy as np
import pytest

from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import SHAPE, Floats, classifier, samples
from tests.quantize.test_quantize import answers, decibels, floats, judged
from tinyc.export import export_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Graph
from tinyc.quantize import quantize_graph
from tinyc.quantize.equalise import _scaled, _streams, equalised
from tinyc.quantize.prepare import prepared


def residual(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Return a residual stream that three layers write and three read, between RELU6 layers."""
    f = Floats(w)
    x = f.tensor(*SHAPE)
    stream = f.conv(x, 8, kernel=1, activation=0)
    for _ in range(2):
        inner = f.conv(f.depthwise(f.conv(stream, 12, kernel=1, activation=3)), 8, kernel=1, activation=0)
        stream = f.same("ADD", stream, inner, fused_activation_function=0)
    return [x], [f.dense(f.average(f.conv(stream, 16, kernel=1, activation=3)), 6)]


def unlike(graph: Graph, spread: float) -> Graph:
    """Return the graph with channels scaled at random, and what reads them scaled back."""
    for seed, stream in enumerate(_streams(graph)):
        channels = graph.type(stream.tensors[0]).shape[-1]
        graph = _scaled(graph, stream, np.exp(np.random.default_rng(seed).normal(0, spread, channels)))
    return graph


def test_streams_are_found() -> None:
    graph = prepared(load_float_tflite(model(residual), "residual.tflite"))
    found = sorted((len(s.tensors), len(s.writers), len(s.readers)) for s in _streams(graph))
    assert found[-1] == (5, 3, 3)
    assert sum(len(s.tensors) for s in _streams(graph)) < len(graph.ops), "RELU6 does not scale"


def test_the_float_function_stays() -> None:
    for build in (residual, classifier):
        graph = prepared(floats(build))
        x = samples(6)
        for other in (unlike(graph, 1.5), equalised(unlike(graph, 1.5), {graph.inputs[0].tensor: x})):
            for a, b in zip(answers(graph, x), answers(other, x), strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("effort", ["fast", "good"])
def test_unlike_channels_cost_nothing(effort: str) -> None:
    """LiteRT on the file that is written; without, some channels have a handful of steps."""
    graph = prepared(load_float_tflite(model(residual), "residual.tflite"))
    x, given = samples(40, seed=3), {graph.inputs[0].tensor: samples(40)}
    found = []
    for spread in (0.0, 2.0):
        made = quantize_graph(unlike(graph, spread), given, effort)  # type: ignore[arg-type]
        found.append(decibels(answers(graph, x)[0], judged(export_tflite(made), x)[0]))
    assert found[1] > found[0] - 3
