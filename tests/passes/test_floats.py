"""Float graphs are simplified, whatever wrote them: functions and norms that files have in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.frontends.floats import load_float_model
from tinyc.frontends.onnx import load_onnx
from tinyc.ir import Graph
from tinyc.ops.floats import evaluate_floats
from tinyc.passes import optimize

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.frontends.onnx_models import array, model, network  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import equal, written  # noqa: E402

#: An operator: its kind, inputs (numbers, or names of values) and attributes; it makes the value of its own name.
Step = tuple[str, str, Sequence[float | str]]
ROOT, CUBIC, FLAT = 2**0.5, 0.044715, (2 / np.pi) ** 0.5

#: name: (steps, the kinds of op that are left)
FUNCTIONS: dict[str, tuple[list[Step], list[str]]] = {
    "gelu_of_torch": (
        [("a", "Div", ["x", ROOT]), ("b", "Erf", ["a"]), ("c", "Add", ["b", 1]), ("d", "Mul", ["x", "c"]),
         ("y", "Mul", ["d", 0.5])],
        ["gelu"],
    ),
    "gelu_by_halves": (
        [("h", "Mul", ["x", 0.5]), ("a", "Mul", ["x", 1 / ROOT]), ("b", "Erf", ["a"]), ("c", "Add", [1, "b"]),
         ("y", "Mul", ["h", "c"])],
        ["gelu"],
    ),
    "gelu_by_tanh": (
        [("p", "Pow", ["x", 3]), ("q", "Mul", ["p", CUBIC]), ("r", "Add", ["x", "q"]), ("s", "Mul", ["r", FLAT]),
         ("t", "Tanh", ["s"]), ("u", "Add", ["t", 1]), ("h", "Mul", ["x", 0.5]), ("y", "Mul", ["h", "u"])],
        ["gelu"],
    ),
    "hard_swish": (
        [("a", "Add", ["x", 3]), ("b", "Clip", ["a", 0, 6]), ("c", "Mul", ["x", "b"]), ("y", "Div", ["c", 6])],
        ["hard_swish"],
    ),
    "hard_swish_by_hard_sigmoid": ([("a", "HardSigmoid", ["x"]), ("y", "Mul", ["x", "a"])], ["hard_swish"]),
    "leaky": ([("a", "Mul", ["x", 0.1]), ("y", "Max", ["a", "x"])], ["leaky_relu"]),
    "logistic": (
        [("a", "Neg", ["x"]), ("b", "Exp", ["a"]), ("c", "Add", ["b", 1]), ("y", "Div", [1, "c"])], ["logistic"]
    ),
    "relu6": ([("a", "Max", ["x", 0]), ("y", "Min", ["a", 6])], ["relu"]),
    "not_quite_gelu": (
        [("a", "Div", ["x", 1.4]), ("b", "Erf", ["a"]), ("c", "Add", ["b", 1]), ("d", "Mul", ["x", "c"]),
         ("y", "Mul", ["d", 0.5])],
        ["mul", "erf", "add", "mul", "mul"],
    ),
}  # fmt: skip


def built(steps: list[Step], attributes: dict[str, dict[str, Any]]) -> Any:
    constants: dict[str, Any] = {}
    nodes = []
    for name, kind, inputs in steps:
        names = []
        for i, one in enumerate(inputs):
            if not isinstance(one, str):
                constants[f"{name}_{i}"] = np.float32(one)
            names.append(one if isinstance(one, str) else f"{name}_{i}")
        nodes.append(onnx.helper.make_node(kind, names, [name], **attributes.get(kind, {})))
    return model(nodes, {"x": [1, 3, 5, 4]}, [steps[-1][0]], constants)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_in_pieces_is_one_op(name: str, tmp_path: Path) -> None:
    steps, left = FUNCTIONS[name]
    file = tmp_path / "model.onnx"
    onnx.save(built(steps, {"HardSigmoid": {"alpha": 1 / 6}}), str(file))
    before, after = load_onnx(file).graph, load_float_model(file).graph
    assert [op.kind for op in after.ops] == left
    x = {before.inputs[0].tensor: array(2, *before.inputs[0].type.shape, scale=4.0)}
    wanted, found = (evaluate_floats(g, x)[g.outputs[0].tensor] for g in (before, after))
    np.testing.assert_allclose(found, wanted, rtol=3e-6, atol=3e-6)


def test_a_division_by_a_root_is_a_product(tmp_path: Path) -> None:
    """A layer normalization as older exporters write it."""
    steps: list[Step] = [
        ("m", "ReduceMean", ["x"]), ("d", "Sub", ["x", "m"]), ("p", "Pow", ["d", 2]), ("v", "ReduceMean", ["p"]),
        ("e", "Add", ["v", 1e-5]), ("s", "Sqrt", ["e"]), ("n", "Div", ["d", "s"]), ("y", "Mul", ["n", 3]),
    ]  # fmt: skip
    file = tmp_path / "model.onnx"
    onnx.save(built(steps, {"ReduceMean": {"axes": [-1]}}), str(file))
    before, after = load_onnx(file).graph, load_float_model(file).graph
    kinds = [op.kind for op in after.ops]
    assert "rsqrt" in kinds
    assert not {"div", "sqrt"} & set(kinds)
    x = {before.inputs[0].tensor: array(2, *before.inputs[0].type.shape)}
    wanted, found = (evaluate_floats(g, x)[g.outputs[0].tensor] for g in (before, after))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_batch_normalization_and_activations_are_part_of_their_layers(tmp_path: Path) -> None:
    onnx_file = tmp_path / "net.onnx"
    onnx.save(network(), onnx_file)
    before = load_float_model(onnx_file).graph
    after = optimize(before)
    kinds = [op.kind for op in after.ops]
    assert {"mul", "relu"}.isdisjoint(kinds)
    assert kinds.count("add") == 1
    inputs = {p.tensor: np.random.default_rng(0).normal(size=(2, *p.type.shape)) for p in before.inputs}
    (port,) = before.outputs
    wanted, found = (evaluate_floats(g, inputs)[g.outputs[0].tensor] for g in (before, after))
    assert np.allclose(wanted, found, atol=1e-6), port


def simplified(made: Any, folder: Path) -> Graph:
    """Return the graph, after its answers were compared with ONNX Runtime's."""
    file = written(made, folder)
    return equal(load_float_model(file), file)


@pytest.mark.parametrize("turned", [False, True])
def test_a_gate_that_is_expanded_to_its_image_stays_a_number_per_channel(
    turned: bool, tmp_path: Path
) -> None:
    """Attention over channels as ECA writes it: a convolution along the channels, expanded to the image."""
    node = onnx.helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["image"]),
        node("GlobalAveragePool", ["image"], ["pooled"]),
        node("Reshape", ["pooled", "line"], ["channels"]),
        node("Conv", ["channels", "gate_w"], ["mixed"], pads=[1, 1]),
        node("Sigmoid", ["mixed"], ["gate"]),
        node("Reshape", ["gate", "pixel"], ["one"]),
        node("Expand", ["one", "shape"], ["all"]),
        node("Mul", ["image", "all"] if turned else ["all", "image"], ["y"]),
    ]
    constants = {
        "w": array(7, 3, 1, 1),
        "gate_w": array(1, 1, 3),
        "line": np.array([1, 1, 7]),
        "pixel": np.array([1, 7, 1, 1]),
        "shape": np.array([1, 7, 4, 5]),
    }
    graph = simplified(model(nodes, {"x": (1, 3, 4, 5)}, ["y"], constants), tmp_path)
    kinds = [op.kind for op in graph.ops]
    assert "expand" not in kinds
    assert "transpose" not in kinds
    assert kinds[-1] == "mul"


def test_what_an_expand_alone_repeats_stays(tmp_path: Path) -> None:
    """Neither operand of the sum has its shape."""
    node = onnx.helper.make_node
    nodes = [node("Expand", ["x", "shape"], ["wide"]), node("Add", ["wide", "column"], ["y"])]
    constants = {"shape": np.array([1, 3, 4, 5]), "column": array(1, 3, 4, 1)}
    graph = simplified(model(nodes, {"x": (1, 3, 1, 1)}, ["y"], constants), tmp_path)
    assert [op.kind for op in graph.ops] == ["expand", "add"]


@pytest.mark.parametrize("shape", [(1, 7), (1, 5, 4, 3)])
@pytest.mark.parametrize("form", ["torch", "tensorflow", "keras", "halves"])
def test_a_vector_over_its_length_is_one_op(form: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    """As F.normalize is exported, as tf.math.l2_normalize and Keras' are, and one whose half is no length."""
    node = onnx.helper.make_node
    least = node("Clip" if form == "torch" else "Max", ["norm", "least"], ["length"])
    if form == "torch":
        nodes = [
            node("ReduceL2", ["x"], ["norm"], axes=[1], keepdims=1),
            least,
            node("Expand", ["length", "shape"], ["lengths"]),
            node("Div", ["x", "lengths"], ["y"]),
        ]
    elif form == "keras":
        nodes = [
            node("Mul", ["x", "x"], ["square"]),
            node("ReduceSum", ["square", "axis"], ["norm"], keepdims=1),
            node("Sqrt", ["norm"], ["root"]),
            node("Reciprocal", ["root"], ["inverse"]),
            node("Min", ["inverse", "most"], ["bounded"]),
            node("Mul", ["bounded", "x"], ["y"]),
        ]
    else:
        other = "x" if form == "tensorflow" else "half"
        nodes = [
            node("Mul", ["x", "x"], ["square"]),
            node("Mul", ["x", "two"], ["half"]),
            node("ReduceSum", ["square", "axis"], ["norm"], keepdims=1),
            least,
            node("Sqrt", ["length"], ["root"]),
            node("Reciprocal", ["root"], ["inverse"]),
            node("Mul", ["inverse", other], ["y"]),
        ]
    constants = {
        "least": np.float32(1e-12),
        "most": np.float32(1e7),
        "shape": np.array(shape),
        "axis": np.array([1]),
        "two": np.float32(0.5),
    }
    file = written(model(nodes, {"x": shape}, ["y"], constants), tmp_path)
    graph = load_float_model(file).graph
    equal(load_float_model(file), file)
    assert ([op.kind for op in graph.ops] == ["l2_norm"]) == (form != "halves")


@pytest.mark.parametrize("after", ["Log", "Reciprocal"])
def test_a_number_that_keeps_from_0_stays(after: str, tmp_path: Path) -> None:
    """relu(x) + 1e-6 is no RELU: spectrograms take its logarithm."""
    node = onnx.helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Add", ["b", "tiny"], ["c"]),
        node(after, ["c"], ["y"]),
    ]
    constants = {"w": array(4, 3, 1, 1), "tiny": np.float32(1e-6)}
    graph = simplified(model(nodes, {"x": (1, 3, 4, 5)}, ["y"], constants), tmp_path)
    assert "add" in [op.kind for op in graph.ops]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_part_of_what_was_joined_is_read_from_where_it_comes(backwards: bool, tmp_path: Path) -> None:
    """A detector's boxes and scores, joined and cut apart again: each keeps a scale of its own."""
    node = onnx.helper.make_node
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Mul", ["a", "pixels"], ["boxes"]),
        node("Sigmoid", ["a"], ["scores"]),
        node("Concat", ["boxes", "scores", "priors"], ["all"], axis=1),
        node("Slice", ["all", "first", "last", "axis", "step"], ["picked"]),
        node("Slice", ["all", "four", "six", "axis"], ["both"]),
        node("ReduceMax", ["picked"], ["best"], axes=[1], keepdims=0),
    ]
    constants = {
        "w": array(4, 3, 1, 1),
        "priors": array(1, 2, 4, 5),
        "pixels": np.float32(99),
        "axis": np.array([1]),
        "first": np.array([7 if backwards else 4]),
        "last": np.array([3 if backwards else 8]),
        "step": np.array([-1 if backwards else 1]),
        "four": np.array([2]),
        "six": np.array([6]),
    }
    graph = simplified(model(nodes, {"x": (1, 3, 4, 5)}, ["best", "both"], constants), tmp_path)
    (best,) = [op for op in graph.ops if op.kind == "reduce_max"]
    kinds, at = [], graph.writer(best.inputs[0])
    while at is not None:
        kinds.append(at.kind)
        at = graph.writer(at.inputs[0])
    assert kinds == (["strided_slice"] if backwards else []) + ["logistic", "conv2d"]
    assert [op.kind for op in graph.ops].count("concat") == 1, "the other part needs two of its inputs"


def test_a_part_that_is_a_constant_stays_a_part(tmp_path: Path) -> None:
    node = onnx.helper.make_node
    nodes = [
        node("Concat", ["x", "priors"], ["all"], axis=1),
        node("Slice", ["all", "three", "five", "axis"], ["picked"]),
        node("Mul", ["picked", "x"], ["y"]),
    ]
    constants = {
        "priors": array(1, 3, 4, 5),
        "axis": np.array([1]),
        "three": np.array([3]),
        "five": np.array([6]),
    }
    graph = simplified(model(nodes, {"x": (1, 3, 4, 5)}, ["y"], constants), tmp_path)
    assert [op.kind for op in graph.ops] == ["concat", "strided_slice", "mul"]
