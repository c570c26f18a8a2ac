"""Arithmetic of whole numbers in ONNX files: places of largest elements, and what is true counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import array  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import written  # noqa: E402
from tests.frontends.test_onnx_unusual import graph_of, on_host, refused  # noqa: E402
from tests.quantize.test_beside_floats import exact  # noqa: E402
from tinyc.frontends.floats import load_float_model  # noqa: E402
from tinyc.ops.floats import evaluate_floats  # noqa: E402
from tinyc.options import Options  # noqa: E402
from tinyc.runner import run_model  # noqa: E402
from tinyc.target.boards import load_board  # noqa: E402
from tinyc.verify.vectors import Samples  # noqa: E402

node = onnx.helper.make_node
FLOAT, INT64, BOOL = 1, 7, 9

#: name: (operators from `i` [1, 6], whole numbers of 0 to 34, and `f` [1, 6, 35], to `y`; type of `y`)
ARITHMETIC: dict[str, tuple[list[Any], int]] = {
    "columns": ([node("Mod", ["i", "seven"], ["y"])], INT64),
    "rows": ([node("Div", ["i", "seven"], ["y"])], INT64),
    "negative": ([node("Sub", ["i", "twenty"], ["d"]), node("Div", ["d", "seven"], ["y"])], INT64),
    "rest_as_in_c": ([node("Sub", ["i", "twenty"], ["d"]), node("Mod", ["d", "seven"], ["y"], fmod=1)], INT64),
    "back_and_forth": (
        [
            node("Mul", ["i", "seven"], ["m"]),
            node("Add", ["m", "twenty"], ["a"]),
            node("Neg", ["a"], ["n"]),
            node("Abs", ["n"], ["s"]),
            node("Max", ["s", "seven"], ["y"]),
        ],
        INT64,
    ),
    "as_floats": ([node("Add", ["i", "seven"], ["a"]), node("Cast", ["a"], ["y"], to=FLOAT)], FLOAT),
    "as_bools": ([node("Cast", ["i"], ["y"], to=BOOL)], BOOL),
    "compared": ([node("Less", ["i", "twenty"], ["y"])], BOOL),
    "chosen": (
        [node("Greater", ["i", "twenty"], ["c"]), node("Where", ["c", "i", "seven"], ["y"])],
        INT64,
    ),
    "turned": (
        [
            node("Reshape", ["i", "grid"], ["g"]),
            node("Transpose", ["g"], ["t"], perm=[1, 0]),
            node("ReduceMax", ["t"], ["m"], axes=[0], keepdims=0),
            node("Concat", ["m", "m"], ["y"], axis=0),
        ],
        INT64,
    ),
    "one_hot": ([node("OneHot", ["i", "depth", "ends"], ["y"], axis=1)], FLOAT),
    "one_hot_of_integers": ([node("OneHot", ["i", "depth", "whole_ends"], ["y"])], INT64),
    "counted": (
        [
            node("Greater", ["f", "half"], ["b"]),
            node("Cast", ["b"], ["n"], to=INT64),
            node("ReduceSum", ["n", "axis"], ["y"], keepdims=0),
        ],
        INT64,
    ),
    "any": (
        [
            node("Greater", ["f", "half"], ["b"]),
            node("Cast", ["b"], ["n"], to=INT64),
            node("ReduceMax", ["n"], ["m"], axes=[2], keepdims=0),
            node("Cast", ["m"], ["y"], to=BOOL),
        ],
        BOOL,
    ),
    "bools_alike": (
        [
            node("Greater", ["f", "half"], ["b"]),
            node("Less", ["f", "twice"], ["c"]),
            node("Equal", ["b", "c"], ["y"]),
        ],
        BOOL,
    ),
}  # fmt: skip


def places(nodes: list[Any], kind: int) -> Any:
    known = {
        "seven": np.array(7),
        "twenty": np.array(20),
        "grid": np.array([2, 3]),
        "depth": np.array(35),
        "ends": np.array([0, 1], np.float32),
        "whole_ends": np.array([-3, 5]),
        "axis": np.array([2]),
        "half": np.float32(0.5),
        "twice": np.float32(1.0),
        "w": array(5, 35),
    }
    first = [
        node("MatMul", ["x", "w"], ["f"]),
        node("ArgMax", ["f"], ["i"], axis=2, keepdims=0),
    ]
    used = {name for one in nodes for name in one.input} | {"w"}
    return graph_of(
        first + nodes,
        {"x": (FLOAT, (1, 6, 5))},
        {"y": kind},
        **{name: value for name, value in known.items() if name in used},
    )


@pytest.mark.parametrize("name", ARITHMETIC)
def test_whole_numbers_are_those_of_onnx_runtime(name: str, tmp_path: Path) -> None:
    made = places(*ARITHMETIC[name])
    found = on_host(made, tmp_path)
    assert found["bit_exact"]
    assert found["judge"] == "onnxruntime"
    graph = load_float_model(tmp_path / "model.onnx").graph
    x = np.random.default_rng(1).normal(size=(30, 1, 6, 5)).astype(np.float32)
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    wanted = np.stack([session.run(None, {"x": one})[0] for one in x])
    values = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor]
    np.testing.assert_array_equal(values.reshape(wanted.shape), wanted)


@pytest.mark.parametrize("name", ["columns", "negative", "chosen", "turned", "one_hot"])
def test_they_stay_whole_beside_bytes(name: str, tmp_path: Path) -> None:
    """INT8 may see another element as the largest, but never rounds its place."""
    exact(load_float_model(written(places(*ARITHMETIC[name]), tmp_path)).graph, apart=1.0)


@pytest.mark.parametrize("name", ["columns", "turned", "one_hot", "counted", "bools_alike"])
def test_layer_by_layer_they_are_those_of_onnx_runtime(name: str, tmp_path: Path) -> None:
    """The file has int64 where the firmware has int32."""
    file = written(places(*ARITHMETIC[name]), tmp_path)
    result = run_model(file, Options(load_board("host")), Samples(1, 1), layers=True)
    assert len(result.layers) > 3
    assert not any(layer.differing for layer in result.layers)


def test_numbers_that_may_be_too_large_are_refused(tmp_path: Path) -> None:
    nodes = [node("Mul", ["i", "many"], ["a"]), node("Add", ["a", "a"], ["y"])]
    made = graph_of(
        [node("ArgMax", ["x"], ["i"], axis=1), *nodes],
        {"x": (FLOAT, (1, 35))},
        {"y": INT64},
        many=np.array(400_000),
    )
    assert refused(made, tmp_path) == [
        "model.onnx: op 2 Add 'y': whole numbers of up to 27200000; up to 16,777,216 are computed with, in float32"
    ]


@pytest.mark.parametrize("kind", ["Div", "Mod"])
def test_a_divisor_that_may_be_0_is_refused(kind: str, tmp_path: Path) -> None:
    nodes = [node("ArgMax", ["x"], ["i"], axis=1), node(kind, ["i", "i"], ["y"])]
    made = graph_of(nodes, {"x": (FLOAT, (1, 35))}, {"y": INT64})
    assert refused(made, tmp_path) == [f"model.onnx: op 1 {kind} 'y': the divisor of whole numbers may be 0"]


def test_integers_of_any_size_are_refused(tmp_path: Path) -> None:
    made = graph_of([node("Add", ["x", "x"], ["y"])], {"x": (INT64, (1, 35))}, {"y": INT64})
    assert refused(made, tmp_path) == [
        "model.onnx: op 0 Add 'y': an operand is int64; only float32 is computed with"
    ]
