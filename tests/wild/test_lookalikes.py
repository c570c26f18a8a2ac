"""Networks like those of public zoos: float as ONNX Runtime computes them, and an INT8 graph that LiteRT computes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e.tool import FULL
from tinyc.export import export_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.frontends.tflite.reader import load_tflite
from tinyc.ops.floats import evaluate_floats
from tinyc.passes import optimize
from tinyc.quantize import quantize_graph
from tinyc.verify import near
from tinyc.verify.judge import judge

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.wild.check import check, samples  # noqa: E402 - they need onnx
from tests.wild.lookalikes import NETWORKS  # noqa: E402
from tests.wild.nets import Net  # noqa: E402

#: Answers to random inputs have that much more signal than noise, in dB, but for those that say which is the largest.
_LEAST = 12


@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: str(make.__name__))
def test_a_lookalike(make: Callable[[], Any], tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    onnx.save(make(), str(file))
    if FULL:
        found = check(file)
        assert found.is_good, found
        return
    model = load_float_model(file)
    graph = model.graph
    given = samples(graph, 3, 1)
    values = evaluate_floats(graph, {p.tensor: x for p, x in zip(graph.inputs, given, strict=True)})
    feeds = tuple(
        np.moveaxis(x, -1, 2) if p.tensor in model.moved else x
        for p, x in zip(graph.inputs, given, strict=True)
    )
    judged = judge(str(file), feeds, "onnxruntime")
    assert judged is not None
    for port, want in zip(graph.outputs, judged.outputs, strict=True):
        have = values[port.tensor]
        have = np.moveaxis(have, -1, 2) if port.tensor in model.moved else have
        assert have.shape == want.shape
        assert (
            near.error(want, have.astype(want.dtype), near.least_magnitude(graph, port.tensor)) <= near.BOUND
        )
    named = {p.tensor: x for p, x in zip(graph.inputs, given, strict=True)}
    data = export_tflite(quantize_graph(graph, named, "fast"), "lookalike")
    optimize(load_tflite(data, "lookalike.tflite", "litert"))
    int8 = judge(data, given, "litert")
    if int8 is None:
        pytest.skip("litert is not installed")
    for port, have in zip(graph.outputs, int8.outputs, strict=True):
        wanted = values[port.tensor]
        noise = float(np.mean((wanted.astype(np.float64) - have) ** 2))
        assert 10 * np.log10(max(float(np.var(wanted)), 1e-20) / max(noise, 1e-20)) > _LEAST


def functions(n: Net, x: str) -> dict[str, Any]:
    """What LiteRT's reference kernels have in float alone, or not at all."""
    positive = n("Add", n("Abs", x), np.float32(1))
    over = n("Greater", x, np.float32(0.1))
    return {
        "ceil": n("Ceil", n("Mul", x, np.float32(8))),
        "elu": n("Elu", x),
        "erf": n("Erf", x),
        "celu": n("Celu", x, alpha=0.5),
        "fmod": n("Mod", positive, np.float32(8), fmod=1),
        "power": n("Pow", positive, np.float32(-0.75)),
        "reciprocal": n("Reciprocal", positive),
        "round": n("Round", n("Mul", x, np.float32(8))),
        "chosen": n("Where", over, x, n("Mul", x, np.float32(0.25))),
        "mask": n("Mul", x, n("Cast", n("Not", over), to=1)),
        "shrink": n("Shrink", x, lambd=0.3, bias=0.1),
        "thresholded": n("ThresholdedRelu", x, alpha=0.3),
        "one_of_two": n("Where", n("And", over, n("Less", x, np.float32(1))), x, positive),
        "lrn": n("LRN", x, size=3),
        "normalized": n("LpNormalization", x, axis=1, p=2),
    }


@pytest.mark.parametrize("name", sorted(functions(Net(), "x")))
def test_a_function_that_int8_lacks(name: str, tmp_path: Path) -> None:
    """It stays float between layers of int8, which are LiteRT's byte for byte where no other layer is float."""
    n = Net(1, x=(1, 3, 5, 7))
    y = functions(n, n.conv("x", 3, 6))[name]
    onnx.save(n.model(n.conv(y, 6, 4)), str(tmp_path / "net.onnx"))
    if FULL:
        found = check(tmp_path / "net.onnx")
        assert found.is_good, found
        return
    graph = load_float_model(tmp_path / "net.onnx").graph
    (tensor,) = (p.tensor for p in graph.inputs)
    (given,) = samples(graph, 3, 1)
    data = export_tflite(quantize_graph(graph, {tensor: given}, "fast"), name)
    optimize(load_tflite(data, f"{name}.tflite", "litert"))
    int8 = judge(data, (given,), "litert")
    if int8 is None:
        pytest.skip("litert is not installed")
    wanted = evaluate_floats(graph, {tensor: given})[graph.outputs[0].tensor]
    noise = float(np.mean((wanted - int8.outputs[0]) ** 2))
    assert 10 * np.log10(float(np.var(wanted)) / noise) > _LEAST
