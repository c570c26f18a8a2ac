"""Mixed precision and observers: each choice changes what it says, and LiteRT runs what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ops.agree import model
from tests.quantize.floats import branches, classifier, samples
from tests.quantize.test_quantize import Build, answers, decibels, floats, judged
from tinyc.cli import run
from tinyc.errors import UsageError
from tinyc.export import export_tflite
from tinyc.ir import Graph, Quant
from tinyc.quantize import quantize_graph
from tinyc.quantize.observe import Observed
from tinyc.quantize.precision import layer_names, parsed, read_precision
from tinyc.quantize.prepare import prepared
from tinyc.quantize.ranges import OBSERVERS, chosen_range

BOTH = pytest.mark.parametrize("build", [classifier, branches])


def mixed(build: Build, effort: Any = "fast", **tables: Any) -> Graph:
    graph = floats(build)
    x = {graph.inputs[0].tensor: samples(20)}
    return quantize_graph(graph, x, effort, precision=parsed(tables, "test.toml"))


def noise_of(build: Build, made: Graph) -> float:
    """Decibels of the first output, as LiteRT computes it from the file that is written."""
    graph, x = floats(build), samples(8, seed=9)
    return decibels(answers(graph, x)[0], judged(export_tflite(made), x)[0])


def float_kinds(graph: Graph) -> list[str]:
    """Return the kinds of the ops that compute in float32."""
    return [
        op.kind
        for op in graph.ops
        if graph.type(op.outputs[0]).dtype == "float32" and op.kind != "dequantize"
    ]


def borders(graph: Graph) -> tuple[int, int]:
    kinds = [op.kind for op in graph.ops]
    return kinds.count("quantize"), kinds.count("dequantize")


@BOTH
@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_all_float_is_the_float_network(build: Build, effort: str) -> None:
    made = mixed(build, effort, default="float32")
    assert borders(made) == (0, 0)
    assert noise_of(build, made) > 100


@pytest.mark.parametrize(
    ("build", "effort"), [(classifier, "fast"), (branches, "fast"), (classifier, "good")]
)
def test_every_single_layer_may_be_float(build: Build, effort: str) -> None:
    graph = floats(build)
    whole = noise_of(build, mixed(build, effort))
    for name, *_ in layer_names(graph, prepared(graph)).values():
        made = mixed(build, effort, layers={name: "float32"})
        own = [op.kind for op in made.ops if op.origin.name == name and op.kind in float_kinds(made)]
        assert own
        assert noise_of(build, made) > whole - 3


def test_islands_touch() -> None:
    """Neighbours in float have nothing in between; a layer is known by the name of what was fused with it."""
    alone = mixed(classifier)
    assert borders(alone) == (1, 1)
    assert not float_kinds(alone)
    graph = floats(classifier)
    relu = next(op for op in graph.ops if op.kind == "relu")
    add = next(op for op in graph.ops if op.kind == "add")
    one = mixed(classifier, layers={relu.origin.name: "float32"})
    assert float_kinds(one) == ["add"]
    assert borders(one) == (2, 3)
    after = next(op for op in graph.ops if op.inputs[0] == relu.outputs[0])
    two = mixed(classifier, layers={add.origin.name: "float32", after.origin.name: "float32"})
    assert float_kinds(two) == ["add", "conv2d"]
    assert borders(two) == (2, 3)


def test_later_lines_count_and_defaults_hold() -> None:
    made = mixed(classifier, layers={"*": "float32", "*": {"type": "int8"}})  # noqa: F601
    assert not float_kinds(made)
    name = next(op.origin.name for op in floats(classifier).ops if op.kind == "depthwise_conv2d")
    made = mixed(classifier, default="float32", layers={name: "int8"})
    assert "depthwise_conv2d" not in float_kinds(made)
    assert len(float_kinds(made)) >= 5
    assert borders(made) == (1, 1)


def quants(graph: Graph) -> dict[str, Quant]:
    return {n: t.type.q for n, t in graph.tensors.items() if t.type.dtype == "int8" and t.data is None}


def test_observers_choose_ranges() -> None:
    """By a heavy tail: what is clipped, and in which order."""
    values = np.random.default_rng(1).standard_t(3, 100_000).astype(np.float32)
    seen = Observed(float(values.min()), float(values.max()), values)
    steps = {o: chosen_range(seen, o).scale for o in OBSERVERS}
    assert steps["min-max"] > steps["mse"] > steps["entropy"]
    assert steps["min-max"] > steps["percentile"]
    even = np.linspace(-1, 3, 50_000, dtype=np.float32)
    for observer in OBSERVERS:
        assert chosen_range(Observed(-1, 3, even), observer).scale == pytest.approx(4 / 255, rel=0.03)
        flat = chosen_range(Observed(0, 0, np.zeros(5, np.float32)), observer)
        assert flat.scale == 1.0


def test_observer_of_a_network_and_of_a_layer() -> None:
    found = {o: quants(mixed(branches, observer=o)) for o in OBSERVERS}
    assert len({tuple(q.scale for q in f.values()) for f in found.values()}) == len(OBSERVERS)
    usual = quants(mixed(branches))
    assert usual == found["mse"]
    op = next(op for op in floats(branches).ops if op.kind == "sub")
    one = quants(mixed(branches, layers={op.origin.name: {"observer": "percentile"}}))
    assert {n for n in usual if one[n] != usual[n]} == {op.outputs[0]}
    assert one[op.outputs[0]] == found["percentile"][op.outputs[0]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("default = 'int4'", "default"),
        ("[layers]\n'*' = 'ternary'\nadd = 'ternary'", "no layer is called 'add'"),
        ("[layers]\nconv = 'int16x8'", "layers.conv.type is 'int16x8', which comes in a later version"),
        ("[layers]\nconv = {typ = 'int8'}", "layers.conv.typ"),
        ("[layers]\nconv = {observer = 'entropi'}", "layers.conv.observer"),
        ("defualt = 'int8'", "defualt"),
        ("layers = 3", "layers"),
        ("not toml", "no TOML file"),
        ("[layers]\nconvolution_9 = 'float32'", "no layer is called 'convolution_9'"),
    ],
)
def test_faults_are_told(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, x, out, how = (tmp_path / n for n in ("m.tflite", "x.npy", "out.tflite", "how.toml"))
    file.write_bytes(model(classifier))
    np.save(x, samples(3))
    how.write_text(text)
    line = ["quantize", str(file), "--calibration", str(x), "-o", str(out), "--precision", str(how)]
    assert run(line) == 64
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_the_commands_take_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, x, out, how = (tmp_path / n for n in ("m.tflite", "x.npy", "out.tflite", "how.toml"))
    file.write_bytes(model(classifier))
    np.save(x, samples(8))
    how.write_text("default = 'float32'\n")
    usual = ["quantize", str(file), "--calibration", str(x), "-o", str(out), "--effort", "fast"]
    found = []
    for more in ([], ["--observer", "min-max"], ["--precision", str(how)]):
        assert run([*usual, *more]) == 0
        found.append(out.read_bytes())
    assert len(set(found)) == 3
    capsys.readouterr()
    for more in (["--observer", "mse"], ["--precision", str(how)]):
        assert run(["report", str(file), "--board", "host", *more]) == 64
        assert f"{more[0]} says how --quantize int8 works" in capsys.readouterr().err
    with pytest.raises(UsageError, match="cannot be read"):
        read_precision(tmp_path / "none.toml")


@pytest.mark.parametrize("build", [classifier, branches])
def test_firmware_of_float_layers(build: Build, tmp_path: Path) -> None:
    """Byte-equal to the same C, which LiteRT's run of the file holds within two steps; also layer by layer."""
    graph = floats(build)
    names = [known[0] for known in layer_names(graph, prepared(graph)).values()]
    np.save(tmp_path / "x.npy", samples(3, seed=7))
    for part in (names[::2], names[1::2]):
        file = tmp_path / "mixed.tflite"
        file.write_bytes(export_tflite(mixed(build, layers=dict.fromkeys(part, "float32"))))
        told = tmp_path / "told.json"
        line = ["run", str(file), "--board", "host", "--inputs", str(tmp_path / "x.npy"), "-q", "--layers"]
        assert run([*line, "--json", str(told)]) == 0
        found = json.loads(told.read_text())
        assert found["bit_exact"] and found["largest_error"] <= found["error_bound"] < 0.01
