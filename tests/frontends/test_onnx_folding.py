"""What of an ONNX file does not depend on its inputs is computed when it is read; what is missing is told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.errors import ModelError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import FLOAT, array, model  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare, written  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402

node = onnx.helper.make_node
ONE = np.array([1], np.int64)


def branch(kind: str, name: str) -> Any:
    """A branch that applies one operator to a value of the graph around it."""
    out = onnx.helper.make_tensor_value_info(name, FLOAT, None)
    return onnx.helper.make_graph([node(kind, ["a"], [name])], name, [], [out])


def test_shapes_and_branches_go(tmp_path: Path) -> None:
    """An If on a dimension, paddings computed from a shape, a shape from a constant."""
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Shape", ["a"], ["s"]),
        node("Gather", ["s", "one"], ["channels"]),
        node("Equal", ["channels", "four"], ["same"]),
        node("If", ["same"], ["b"], then_branch=branch("Relu", "t"), else_branch=branch("Neg", "e")),
        node("Mul", ["s", "zero"], ["none"]),
        node("Concat", ["none", "s"], ["pads"], axis=0),
        node("Mod", ["pads", "two"], ["odd"]),
        node("ConstantOfShape", ["eight"], ["begin"]),
        node("Add", ["begin_int", "odd"], ["all"]),
        node("Cast", ["begin"], ["begin_int"], to=7),
        node("Pad", ["b", "all"], ["y"]),
    ]
    nodes[9], nodes[10] = nodes[10], nodes[9]
    constants = {
        "w": array(4, 3, 1, 1), "one": ONE, "four": 4 * ONE, "zero": 0 * ONE, "two": 2 * ONE, "eight": 8 * ONE,
    }  # fmt: skip
    graph = compare(model(nodes, {"x": (1, 3, 5, 6)}, ["y"], constants), tmp_path)
    assert [op.kind for op in graph.ops] == ["conv2d", "relu", "pad"]


def recurrent(length: int | str) -> Any:
    """A recurrent layer between shapes that are computed, and an input of integers that is read."""
    nodes = [
        node("Shape", ["x"], ["s"]),
        node("Reshape", ["x", "s"], ["a"]),
        node("LSTM", ["a", "w", "r"], ["b"], hidden_size=2),
        node("Shape", ["b"], ["t"]),
        node("ConstantOfShape", ["t"], ["z"]),
        node("Add", ["b", "z"], ["y"]),
        node("Cast", ["rate"], ["r0"], to=1),
        node("Mul", ["r0", "half"], ["rate_out"]),
    ]
    constants = {"w": array(1, 8, 3), "r": array(1, 8, 2), "half": np.float32(0.5)}
    made = model(nodes, {"x": (length, 1, 3)}, ["y", "rate_out"], constants)
    made.graph.input.append(onnx.helper.make_tensor_value_info("rate", onnx.TensorProto.INT64, [1]))
    for out in made.graph.output:
        out.type.tensor_type.shape.SetInParent()
    return made


def test_one_message_names_what_is_really_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        load_onnx(written(recurrent(4), tmp_path))
    assert refused.value.message == "model.onnx: op 0 LSTM 'b': this operator is not supported"


def test_an_open_shape_does_not_hide_a_recurrent_layer(tmp_path: Path) -> None:
    made = recurrent(4)
    made.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "T"
    with pytest.raises(ModelError) as refused:
        load_onnx(written(made, tmp_path))
    assert "leaves its shape open" in refused.value.message
    assert "op 2 LSTM: this operator is not supported" in refused.value.message
    assert "--shape x=" in refused.value.hint


def test_a_constant_without_end_is_refused(tmp_path: Path) -> None:
    nodes = [node("ConstantOfShape", ["huge"], ["z"]), node("Add", ["x", "z"], ["y"])]
    made = model(nodes, {"x": (1, 3)}, ["y"], {"huge": np.array([1 << 20, 1 << 12], np.int64)})
    made.graph.output[0].type.tensor_type.shape.SetInParent()
    with pytest.raises(ModelError, match="constant of more than"):
        load_onnx(written(made, tmp_path))


@pytest.mark.parametrize("kind", ["BatchNormalization", "InstanceNormalization", "LayerNormalization"])
def test_weights_that_are_normalized_are_constants(kind: str, tmp_path: Path) -> None:
    """Standardized weights, as networks without normalization of activations have them."""
    parameters, outputs, attributes = {"scale": array(4, seed=2), "shift": array(4, seed=3)}, ["normal"], {}
    if kind == "BatchNormalization":
        outputs, attributes = ["normal", "means", "variances"], {"training_mode": 1}
        parameters |= {"mean": array(4, seed=4), "variance": np.abs(array(4, seed=5)) + np.float32(0.1)}
    if kind == "LayerNormalization":
        parameters = {"scale": array(27, seed=2)}
    nodes = [
        node("Reshape", ["w", "flat"], ["rows"]),
        node(kind, ["rows", *parameters], outputs, **attributes),
        node("Reshape", ["normal", "window"], ["weights"]),
        node("Conv", ["x", "weights"], ["y"]),
    ]
    constants = {
        "w": array(4, 3, 3, 3),
        "flat": np.array([1, 4, 27], np.int64),
        "window": np.array([4, 3, 3, 3], np.int64),
    }
    graph = compare(model(nodes, {"x": (1, 3, 5, 6)}, ["y"], constants | parameters), tmp_path)
    assert [op.kind for op in graph.ops] == ["conv2d"]


def test_normalization_in_training_is_refused(tmp_path: Path) -> None:
    parameters = {"s": array(3), "b": array(3), "m": array(3), "v": array(3) ** 2}
    training = node("BatchNormalization", ["x", *parameters], ["y", "means", "variances"], training_mode=1)
    with pytest.raises(ModelError, match=r"in training mode.*model\.eval\(\)"):
        load_onnx(written(model([training], {"x": (1, 3, 5, 6)}, ["y"], parameters), tmp_path))


@pytest.mark.parametrize("place", ["initializer", "node"])
def test_constants_next_to_0_and_1_stay(place: str, tmp_path: Path) -> None:
    """An optimizer took them for 0 and 1: nothing kept x / sqrt(x * x + 1e-9) from 0 / 0, as in capsule networks."""
    constants = {"w": array(4, 3, 1, 1), "tiny": np.float32(1e-9), "more": np.float32(1.000009)}
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Mul", ["b", "b"], ["c"]),
        node("Add", ["c", "tiny"], ["d"]),
        node("Sqrt", ["d"], ["e"]),
        node("Div", ["b", "e"], ["f"]),
        node("Mul", ["f", "more"], ["y"]),
    ]
    if place == "node":
        given = onnx.numpy_helper.from_array(constants.pop("tiny"))
        nodes.insert(0, node("Constant", [], ["tiny"], value=given))
        nodes.insert(0, node("Constant", [], ["more"], value_float=float(constants.pop("more"))))
    graph = compare(model(nodes, {"x": (1, 3, 5, 6)}, ["y"], constants), tmp_path)
    numbers = [
        float(t.data.flat[0]) for t in graph.tensors.values() if t.data is not None and t.data.size == 1
    ]
    assert np.float32(1e-9) in numbers
    assert np.float32(1.000009) in numbers


_CONSTANT = {
    "NonZero": ("NonZero", (np.ones(6, np.int64),), {}),
    "OneHot": ("OneHot", (np.array([1, 3, 0, 5, 2]), np.int64(6), np.array([0, 1], np.float32)), {}),
    "TopK": ("TopK", (np.arange(30, dtype=np.float32).reshape(5, 6)[:, ::-1].copy(), ONE * 6), {}),
    "EyeLike": ("EyeLike", (np.zeros((5, 6), np.float32),), {}),
    "Sinh": ("Sinh", (array(5, 6),), {}),
    "HannWindow": ("HannWindow", (np.int64(6),), {}),
    "GridSample": ("GridSample", (array(1, 1, 4, 4), 0.3 * array(1, 5, 6, 2)), {"mode": "linear"}),
}


@pytest.mark.parametrize("name", _CONSTANT)
def test_operators_on_constants_are_computed(name: str, tmp_path: Path) -> None:
    """Exporters write arange of opset 9 as NonZero of ones: grids of YOLO's heads, and of soft arg max."""
    kind, given, attributes = _CONSTANT[name]
    names = [f"c{i}" for i in range(len(given))]
    nodes = [
        node(kind, names, ["a", "i"] if kind == "TopK" else ["a"], **attributes),
        node("Cast", ["a"], ["b"], to=1),
        node("Add", ["x", "b"], ["y"]),
    ]
    made = model(nodes, {"x": (1, 1, 5, 6)}, ["y"], dict(zip(names, given, strict=True)), opset=20)
    graph = compare(made, tmp_path)
    assert [op.kind for op in graph.ops] == ["add"]


def test_constants_of_half_precision_are_computed_in_single(tmp_path: Path) -> None:
    """Weights of a sum over their own sum, as BiFPN has them: 11 bits would be 1e-3 apart."""
    weights = np.array([0.3, 1.1, 0.7], np.float16).reshape(1, 3, 1, 1)
    axes = np.array([1], np.int64)
    nodes = [
        node("ReduceSum", ["w", "axes"], ["total"]),
        node("Div", ["w", "total"], ["share"]),
        node("Mul", ["x", "share"], ["y"]),
    ]
    made = model(nodes, {"x": (1, 3, 5, 6)}, ["y"], {"w": weights, "axes": axes})
    for one in (*made.graph.input, *made.graph.output):
        one.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    graph = load_onnx(written(made, tmp_path)).graph
    (share,) = (t.data for t in graph.tensors.values() if t.data is not None)
    wanted = weights.astype(np.float32).reshape(-1)
    np.testing.assert_allclose(share.reshape(-1), wanted / wanted.sum(), rtol=1e-6)
