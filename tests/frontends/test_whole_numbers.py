"""Arithmetic of whole numbers in float `.tflite` files: places of largest elements, and what is true counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.modelgen import ModelWriter, writer
from tests.ops.agree import model
from tests.quantize.floats import Floats
from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.evaluate import evaluate
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.quantize import quantize_graph
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.judge import judge
from tinyc.verify.vectors import Samples

Steps = Callable[[ModelWriter, int, int], int]


def op(kind: str, *others: int, shape: tuple[int, ...] = (1, 6, 1), dtype: str = "int32") -> Steps:
    """An operator of places 0 to 6, and of constants."""

    def add(w: ModelWriter, places: int, _: int) -> int:
        constants = [w.tensor((), "int32", data=np.array(n, np.int32)) for n in others]
        out = w.tensor(shape, dtype)
        w.op(kind, [places, *constants], [out])
        return out

    return add


def then(*steps: Steps) -> Steps:
    def add(w: ModelWriter, at: int, x: int) -> int:
        for one in steps:
            at = one(w, at, x)
        return at

    return add


def counted(w: ModelWriter, _: int, x: int) -> int:
    above, numbers, out = (
        w.tensor((1, 6, 1, 7), "bool"),
        w.tensor((1, 6, 1, 7), "int32"),
        w.tensor((1, 6, 1), "int32"),
    )
    w.op("GREATER", [x, w.tensor((), "float32", data=np.array(0.3, np.float32))], [above])
    w.op("CAST", [above], [numbers])
    w.op("SUM", [numbers, w.tensor((1,), "int32", data=np.array([3], np.int32))], [out])
    return out


STEPS: dict[str, Steps] = {
    "rows": op("FLOOR_DIV", 3),
    "columns": op("FLOOR_MOD", 3),
    "below_0": then(op("SUB", 5), op("FLOOR_DIV", 3)),
    "rest_below_0": then(op("SUB", 5), op("FLOOR_MOD", 3)),
    "truncated": then(op("SUB", 5), op("DIV", 3)),
    "several": then(op("MUL", 7), op("ADD", 2), op("NEG"), op("MAXIMUM", -30)),
    "compared": op("LESS", 3, dtype="bool"),
    "as_floats": then(op("ADD", 1), op("CAST", dtype="float32")),
    "clamped": op("MINIMUM", 4),
    "counted": counted,
}


def network(steps: Steps) -> bytes:
    def build(w: ModelWriter) -> Any:
        f = Floats(w)
        x = f.tensor(1, 6, 1, 3)
        y, places = f.conv(x, 7, 1, activation=0), w.tensor((1, 6, 1), "int32")
        w.op("ARG_MAX", [y, w.tensor((1,), "int32", data=np.array([3], np.int32))], [places], output_type=2)
        return [x], [steps(w, places, y)]

    return model(build)


def inputs(count: int) -> Any:
    return np.random.default_rng(0).normal(size=(count, 1, 6, 1, 3)).astype(np.float32)


@pytest.mark.parametrize("name", STEPS)
def test_whole_numbers_are_those_of_litert(name: str, tmp_path: Path) -> None:
    data = network(STEPS[name])
    graph, x = load_float_tflite(data, "m.tflite"), inputs(40)
    judged = judge(data, (x,), "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    found = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor]
    np.testing.assert_array_equal(found, judged.outputs[0])
    (tmp_path / "m.tflite").write_bytes(data)
    assert run_model(tmp_path / "m.tflite", Options(load_board("host")), Samples(2, 1)).json["bit_exact"]


@pytest.mark.parametrize("name", ["rows", "columns", "several", "counted"])
def test_they_stay_whole_beside_bytes(name: str) -> None:
    """What INT8 sees as the largest may be another element, whose place is exact."""
    graph = load_float_tflite(network(STEPS[name]), "m.tflite")
    x = inputs(8)
    data = export_tflite(quantize_graph(graph, {graph.inputs[0].tensor: x}, "fast"), "m")
    judged = judge(data, (x,), "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    made = load_tflite(data, "m.tflite", "litert")
    values = [evaluate(made, {made.inputs[0].tensor: one}) for one in x]
    np.testing.assert_array_equal([v[made.outputs[0].tensor] for v in values], judged.outputs[0])
    wanted = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor]
    assert np.mean(judged.outputs[0] == wanted) > 0.9


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (then(op("MUL", 9_000_000)), "MUL 't7': whole numbers of up to 54000000"),
        (then(op("FLOOR_MOD", 0)), "FLOOR_MOD 't7': the divisor of whole numbers may be 0"),
        (op("SQUARED_DIFFERENCE", 2), "SQUARED_DIFFERENCE 't7': of whole numbers it is not supported"),
    ],
)
def test_others_are_refused_by_name(steps: Steps, told: str) -> None:
    with pytest.raises(ModelError, match=f"op 2 {told}"):
        load_float_tflite(network(steps), "m.tflite")


def test_a_version_that_litert_lacks_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ended as a bug of tinyc, as did sums of integers."""

    def build(w: ModelWriter) -> Any:
        f = Floats(w)
        x, out = f.tensor(1, 6, 1, 3), f.tensor(1, 6, 1, 3)
        w.op("ABS", [f.conv(x, 3, 1)], [out])
        return [x], [out]

    monkeypatch.setitem(writer._VERSIONS, "ABS", 9)
    with pytest.raises(ModelError, match="version 9 of at most"):
        load_float_tflite(model(build), "m.tflite")


def bools(kind: str, shape: tuple[int, ...], *constants: Any, **options: object) -> Steps:
    """An operator of what is above 0.3, and of constants."""

    def add(w: ModelWriter, _: int, x: int) -> int:
        above, out = w.tensor((1, 6, 1, 7), "bool"), w.tensor(shape, "bool")
        w.op("GREATER", [x, w.tensor((), "float32", data=np.array(0.3, np.float32))], [above])
        others = [
            above if one is None else w.tensor(one.shape, str(one.dtype), data=one) for one in constants
        ]
        w.op(kind, [above, *others], [out], **options)
        return out

    return add


def numbers(*values: int) -> Any:
    return np.array(values, np.int32)


@pytest.mark.parametrize(
    "steps",
    [
        bools("REDUCE_ANY", (1, 7), numbers(1, 2)),
        bools("REDUCE_ALL", (1, 6, 1), numbers(3)),
        bools("EQUAL", (1, 6, 1, 7), None),
        bools("EQUAL", (1, 6, 1, 7), np.array(True)),
        bools("SLICE", (1, 3, 1, 4), numbers(0, 2, 0, 3), numbers(1, 3, 1, 4)),
        bools("REVERSE_V2", (1, 6, 1, 7), numbers(1)),
    ],
    ids=["any", "all", "equal", "equal_to_one", "slice", "reverse"],
)
def test_what_is_true_or_not_is_that_of_litert(steps: Steps, tmp_path: Path) -> None:
    """A part of an image of bools had no name in C: KeyError."""
    (tmp_path / "m.tflite").write_bytes(network(steps))
    found = run_model(tmp_path / "m.tflite", Options(load_board("host")), Samples(5, 1)).json
    assert (found["bit_exact"], found["largest_error"]) == (True, 0.0)


def test_borders_of_bools_are_refused_by_name() -> None:
    steps = bools("PAD", (1, 8, 1, 7), np.array([[0, 0], [1, 1], [0, 0], [0, 0]], np.int32))
    with pytest.raises(ModelError, match="op 3 PAD 't7': of bool it is not supported; of float32 it is"):
        load_float_tflite(network(steps), "m.tflite")
