"""Operators of `ai.onnx.ml`, as skl2onnx writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import any_model, array  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import written  # noqa: E402
from tests.frontends.test_onnx_unusual import on_host, refused  # noqa: E402
from tests.quantize.test_beside_floats import exact  # noqa: E402
from tinyc.frontends.floats import load_float_model  # noqa: E402
from tinyc.ops.floats import evaluate_floats  # noqa: E402

node = onnx.helper.make_node
FLOAT, INT64 = 1, 7
_WEIGHTS, _BIAS = array(3, 5).reshape(-1).tolist(), array(3, seed=1).tolist()


def ml(kind: str, inputs: list[str], outputs: list[str], **attributes: Any) -> Any:
    return node(kind, inputs, outputs, domain="ai.onnx.ml", **attributes)


def classifier(labels: list[int], **more: Any) -> list[Any]:
    how = {
        "coefficients": _WEIGHTS,
        "intercepts": _BIAS,
        "classlabels_ints": labels,
        "multi_class": 1,
        **more,
    }
    return [ml("LinearClassifier", ["x"], ["z", "y"], **how)]


def picked(labels: list[int]) -> list[Any]:
    """The last operators of a classifier of skl2onnx."""
    return [
        node("Constant", [], ["classes"], value=onnx.numpy_helper.from_array(np.array(labels, np.int32))),
        node("MatMul", ["x", "w"], ["y"]),
        node("ArgMax", ["y"], ["place"], axis=1),
        ml("ArrayFeatureExtractor", ["classes", "place"], ["label"]),
        node("Cast", ["label"], ["wide"], to=INT64),
        node("Reshape", ["wide", "line"], ["z"]),
    ]


MODELS: dict[str, list[Any]] = {
    "scaler": [ml("Scaler", ["x"], ["y"], offset=[0.5, 1, -2, 0, 3], scale=[2.0, 0.5, 1, 1, 4])],
    "scaler_of_one": [ml("Scaler", ["x"], ["y"], offset=[0.5], scale=[2.0])],
    "l1": [ml("Normalizer", ["x"], ["y"], norm="L1")],
    "l2": [ml("Normalizer", ["x"], ["y"], norm="L2")],
    "max": [node("Exp", ["x"], ["e"]), ml("Normalizer", ["e"], ["y"], norm="MAX")],
    "binarizer": [ml("Binarizer", ["x"], ["y"], threshold=0.25)],
    "regressor": [ml("LinearRegressor", ["x"], ["y"], coefficients=_WEIGHTS, intercepts=_BIAS, targets=3)],
    "regressor_of_one": [ml("LinearRegressor", ["x"], ["y"], coefficients=_WEIGHTS[:5])],
    "columns": [ml("ArrayFeatureExtractor", ["x", "columns"], ["y"])],
    "classifier": classifier([0, 1, 2], post_transform="SOFTMAX"),
    "classifier_of_odd_labels": classifier([4, -2, 9], post_transform="LOGISTIC"),
    "classifier_of_scores": classifier([4, 2, 9]),
    "labels": picked([0, 1, 2]),
    "odd_labels": picked([30, -7, 12]),
}


def built(name: str) -> Any:
    nodes = MODELS[name]
    makes = {one for n in nodes for one in n.output}
    reads = {one for n in nodes for one in n.input}
    known = {"columns": np.array([[4, 0, 3]]), "w": array(5, 3), "line": np.array([-1])}
    outputs = {"z": INT64, "y": FLOAT} if "z" in makes else {"y": FLOAT}
    return pipeline(nodes, outputs, {n: v for n, v in known.items() if n in reads})


def pipeline(nodes: list[Any], outputs: dict[str, int], known: dict[str, Any]) -> Any:
    made = any_model(nodes, {"x": (FLOAT, (1, 5))}, outputs, known)
    made.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 3))
    return made


@pytest.mark.parametrize("name", MODELS)
def test_what_scikit_learn_exports_is_what_onnx_runtime_computes(name: str, tmp_path: Path) -> None:
    made = built(name)
    assert on_host(made, tmp_path)["bit_exact"]
    graph = load_float_model(tmp_path / "model.onnx").graph
    x = np.random.default_rng(1).normal(size=(30, 1, 5)).astype(np.float32)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
    for port, *wanted in zip(graph.outputs, *(session.run(None, {"x": one}) for one in x), strict=True):
        found = values[port.tensor]
        np.testing.assert_allclose(
            found.reshape(np.stack(wanted).shape), np.stack(wanted), rtol=1e-5, atol=1e-6
        )


def test_labels_stay_whole_beside_bytes(tmp_path: Path) -> None:
    made = exact(load_float_model(written(built("odd_labels"), tmp_path)).graph, apart=1.0)
    assert made.outputs[0].type.dtype == "int32"


def test_what_stays_is_refused_by_name(tmp_path: Path) -> None:
    """Words as labels, dictionaries, transforms that nothing else has."""
    nodes = [
        ml("LinearClassifier", ["x"], ["a", "b"], coefficients=_WEIGHTS, classlabels_strings=["p", "q", "r"]),
        ml("ZipMap", ["x"], ["maps"], classlabels_int64s=[0, 1, 2]),
        ml("LinearRegressor", ["x"], ["c"], coefficients=_WEIGHTS, targets=3, post_transform="PROBIT"),
        *classifier([0, 1, 2]),
    ]
    made = pipeline(nodes, dict.fromkeys(("y", "b", "c", "maps"), FLOAT), {})
    assert refused(made, tmp_path) == [
        "model.onnx: op 0 LinearClassifier 'a': this operator of ai.onnx.ml is not supported",
        "model.onnx: op 1 ZipMap 'maps': its output is a dictionary, no tensor; export with options={'zipmap': False}",
        "model.onnx: op 2 LinearRegressor 'c': this operator of ai.onnx.ml is not supported",
    ]
