"""Bounds beside numbers of other sizes, roots next to 0, exponentials of a part, and weights that layers share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.modelgen import ModelWriter  # noqa: E402
from tests.ops.agree import model  # noqa: E402
from tests.quantize.floats import Built, Floats  # noqa: E402
from tests.quantize.test_beside_floats import FLOAT, exact, read  # noqa: E402 - it needs onnx
from tinyc.frontends.tflite.floats import load_float_tflite  # noqa: E402
from tinyc.ir import Graph  # noqa: E402

node = onnx.helper.make_node


def noise(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def network(nodes: list[Any], outputs: list[str], folder: Path, **known: Any) -> Graph:
    return read(
        nodes, {"x": (FLOAT, (1, 12))}, dict.fromkeys(outputs, FLOAT), folder, w=0.2 * noise(12, 8), **known
    )


def scale_of(graph: Graph, kind: str) -> float:
    (op,) = [op for op in graph.ops if op.kind == kind]
    return graph.type(op.inputs[0]).q.scale


def written(build: Callable[[ModelWriter], Built]) -> Graph:
    return load_float_tflite(model(build), "m.tflite")


@pytest.mark.parametrize(("kind", "bound"), [("MINIMUM", 1e7), ("MAXIMUM", -1e7)])
def test_a_bound_that_nothing_reaches_takes_no_steps(kind: str, bound: float) -> None:
    def build(w: ModelWriter) -> Built:
        f = Floats(w)
        x = f.tensor(1, 12)
        most = w.tensor((), "float32", data=np.array(bound, np.float32))
        return [x], [f.same("TANH", f.same(kind, f.dense(x, 8), most))]

    assert scale_of(exact(written(build)), "tanh") < 1


@pytest.mark.parametrize("moved", [False, True])
def test_what_is_clamped_away_takes_no_steps(moved: bool, tmp_path: Path) -> None:
    """And where something else reads it, it does."""
    nodes = [
        node("MatMul", ["x", "w"], ["a"]),
        node("Reshape", ["a", "shape"], ["b"]),
        node("Min", ["b", "most"], ["c"]),
        node("Max", ["c", "least"], ["d"]),
        node("Tanh", ["d"], ["y"]),
    ]
    bounds = {"most": np.float32(0.5), "least": np.float32(-0.25), "shape": np.array([1, 2, 4])}
    graph = exact(network(nodes, ["y", "b"] if moved else ["y"], tmp_path, **bounds))
    assert (scale_of(graph, "tanh") < 0.0031) is not moved


def test_a_bound_below_all_is_kept(tmp_path: Path) -> None:
    nodes = [node("Sigmoid", ["x"], ["a"]), node("Mul", ["a", "k"], ["b"]), node("Min", ["b", "most"], ["y"])]
    exact(network(nodes, ["y"], tmp_path, most=np.float32(-0.5), k=np.float32(3)))


def test_an_exponential_of_a_part_of_larger_numbers(tmp_path: Path) -> None:
    """As boxes of YOLO: bytes of the whole head's scale, of which e ** x of the largest overflows."""
    nodes = [
        node("MatMul", ["x", "large"], ["a"]),
        node("Split", ["a", "parts"], ["b", "c"], axis=1),
        node("Exp", ["b"], ["y"]),
        node("Sigmoid", ["c"], ["z"]),
    ]
    large = noise(12, 8, seed=1) * np.array([0.1] * 4 + [5] * 4, np.float32)
    exact(network(nodes, ["z", "y"], tmp_path, large=large, parts=np.array([4, 4])), apart=0.2)


def test_a_root_next_to_0(tmp_path: Path) -> None:
    """The inverse of the least that was seen is 1e5, in whose steps LiteRT's arithmetic ended in other bytes."""
    nodes = [
        node("Relu", ["x"], ["a"]),
        node("Add", ["a", "tiny"], ["b"]),
        node("Sqrt", ["b"], ["c"]),
        node("Div", ["a", "c"], ["y"]),
    ]
    exact(network(nodes, ["y"], tmp_path, tiny=np.float32(1e-10)))


@pytest.mark.parametrize("second", [True, False])
def test_layers_share_weights_but_no_bias(second: bool) -> None:
    """As the steps of an unrolled recurrent layer do: each had the bias of the last, or the compiler ended."""

    def build(w: ModelWriter) -> Built:
        f = Floats(w)
        x, ys = f.tensor(1, 12), [f.tensor(1, 8), f.tensor(1, 8)]
        weights, biases = f.weights(8, 12, scale=0.3), [f.weights(8, scale=20), f.weights(8, scale=9)]
        w.op("FULLY_CONNECTED", [x, weights, biases[0]], [ys[0]])
        w.op("FULLY_CONNECTED", [f.same("RELU", x), weights, biases[1] if second else -1], [ys[1]])
        return [x], ys

    exact(written(build))


def test_what_is_next_to_nothing_has_the_least_scale_of_a_quantize(tmp_path: Path) -> None:
    """Keras' layer normalization of a layer normalization takes a mean away that is 0 but for its last bits."""
    nodes = [
        node("MatMul", ["x", "none"], ["a"]),
        node("Neg", ["a"], ["b"]),
        node("MatMul", ["x", "w"], ["c"]),
        node("Add", ["b", "c"], ["y"]),
    ]
    exact(network(nodes, ["y"], tmp_path, none=1e-9 * noise(12, 8, seed=1)))
