"""Float models with more than floats: bool and integers beside them, scalars, and nothing that INT8 computes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.ir import Array, Graph
from tinyc.ops.evaluate import evaluate
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize import quantize_graph
from tinyc.verify.judge import judge

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.frontends.onnx_models import any_model  # noqa: E402 - it needs onnx

node = onnx.helper.make_node
FLOAT, INT64, BOOL = 1, 7, 9
_DTYPES = {"float32": np.float32, "int64": np.int64, "bool": np.bool_}


def read(
    nodes: list[Any], inputs: dict[str, tuple[int, Any]], outputs: dict[str, int], folder: Path, **known: Any
) -> Graph:
    made = any_model(nodes, inputs, outputs, known)
    onnx.save(made, str(folder / "model.onnx"))
    return load_float_model(folder / "model.onnx").graph


def samples(graph: Graph, count: int = 8) -> dict[str, Array]:
    rng = np.random.default_rng(3)
    every = {}
    for port in graph.inputs:
        x = 3 * rng.normal(size=(count, *port.type.shape))
        every[port.tensor] = (x > 0 if port.type.dtype == "bool" else x).astype(_DTYPES[port.type.dtype])
    return every


def exact(graph: Graph, apart: float = 0.03) -> Graph:
    """LiteRT computes of the INT8 file what numpy does, which is near to the float network.

    apart: how far values may be apart, as a share of the largest or of 1.
    """
    given = samples(graph)
    data = export_tflite(quantize_graph(graph, given, "fast"), "test")
    made = load_tflite(data, "test.tflite", "litert")
    judged = judge(data, tuple(given.values()), "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    floats = evaluate_floats(graph, given)
    for i in range(2):
        values = evaluate(made, {p.tensor: x[i] for p, x in zip(made.inputs, given.values(), strict=True)})
        for port, inside, found in zip(made.outputs, graph.outputs, judged.outputs, strict=True):
            np.testing.assert_array_equal(values[port.tensor], found[i])
            wanted = floats[inside.tensor][i].astype(np.float64)
            np.testing.assert_allclose(found[i], wanted, atol=apart * max(1.0, float(np.abs(wanted).max())))
    return made


@pytest.mark.parametrize("kind", [BOOL, INT64])
def test_inputs_of_other_types_are_named(kind: int, tmp_path: Path) -> None:
    """One that nothing reads, and one that becomes floats."""
    nodes = [node("Cast", ["c"], ["f"], to=FLOAT), node("Add", ["f", "x"], ["a"]), node("Relu", ["a"], ["y"])]
    inputs = {"x": (FLOAT, (3, 4)), "c": (kind, (3, 4)), "d": (kind, (2,))}
    graph = read(nodes, inputs, {"y": FLOAT}, tmp_path)
    data = export_tflite(quantize_graph(graph, samples(graph), "fast"), "test")
    kinds = {BOOL: "bool", INT64: "int64"}
    with pytest.raises(ModelError, match=f"'c' of the interface is {kinds[kind]}") as caught:
        load_tflite(data, "test.tflite", "litert")
    assert f"'d' of the interface is {kinds[kind]}" in caught.value.message


def test_scalars(tmp_path: Path) -> None:
    """A product and a sum of tensors without dimensions, in which no layer has a part."""
    nodes = [node("Mul", ["x", "k"], ["a"]), node("Add", ["a", "z"], ["b"]), node("Add", ["b", "k"], ["y"])]
    exact(read(nodes, {"x": (FLOAT, ()), "z": (FLOAT, ())}, {"y": FLOAT}, tmp_path, k=np.float32(0.3)))


@pytest.mark.parametrize("kind", ["ReduceProd", "Erf"])
def test_a_model_that_stays_float_is_refused(kind: str, tmp_path: Path) -> None:
    graph = read([node(kind, ["x"], ["y"])], {"x": (FLOAT, (3, 4))}, {"y": FLOAT}, tmp_path)
    with pytest.raises(ModelError, match="no operator of the model has an INT8 form") as caught:
        quantize_graph(graph, samples(graph), "fast")
    assert caught.value.hint == "compile it without --quantize"


def test_a_cast_to_bool_is_whether_it_is_not_zero(tmp_path: Path) -> None:
    nodes = [node("Cast", ["x"], ["c"], to=BOOL), node("Not", ["c"], ["y"])]
    graph = read(nodes, {"x": (FLOAT, (5,))}, {"y": BOOL}, tmp_path)
    x = np.array([[0, -0.0, 0.5, -3, np.inf]], np.float32)
    found = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor]
    assert found.tolist() == [[True, True, False, False, False]]
