"""Ternary layers: weights by least squares, layer by layer in the precision file, and chosen by flash and accuracy."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelgen import ModelWriter
from tests.quantize.floats import SHAPE, Built, Floats, classifier, command, samples
from tests.quantize.test_quantize import decibels, floats, judged
from tests.stub_model import needs_arm_gcc
from tinyc.cli import run
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize import Effort, bench, quantize_graph
from tinyc.quantize.budget import Candidate, Wanted
from tinyc.quantize.precision import parsed
from tinyc.quantize.prepare import prepared
from tinyc.quantize.ternarize import best_first
from tinyc.quantize.ternary import fitted_trits, nearest_trits
from tinyc.quantize.weights import channel_axis, is_weighted
from tinyc.quantize.worthwhile import worthwhile
from tinyc.schedule.planner import Search

Float64 = npt.NDArray[np.float64]


def least(row: Float64, power: Float64) -> float:
    """Return the least error of any k and trits."""
    whole, best = float(row @ power @ row), 0.0
    for trits in map(np.array, product((-1.0, 0.0, 1.0), repeat=len(row))):
        squares = float(trits @ power @ trits)
        if squares > 0:
            best = max(best, float(trits @ power @ row) ** 2 / squares)
    return whole - best


def lost(row: Float64, k: float, trits: Float64, power: Float64) -> float:
    assert set(trits.tolist()) <= {-1, 0, 1} and k >= 0
    return float((k * trits - row) @ power @ (k * trits - row))


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_nearest_trits_are_the_nearest(size: int) -> None:
    rows = np.random.default_rng(size).standard_t(3, (20, size))
    share = np.random.default_rng(9).uniform(0.1, 3, (20, size))
    for importance in (None, share):
        k, trits = nearest_trits(rows, importance)
        for i, row in enumerate(rows):
            power = np.eye(size) if importance is None else np.diag(importance[i])
            assert lost(row, k[i], trits[i], power) == pytest.approx(least(row, power), abs=1e-9)
    k, trits = nearest_trits(np.zeros((2, size)))
    assert not k.any() and not trits.any()


def test_fitted_trits_are_near_the_best_and_never_behind_the_nearest() -> None:
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(40):
        seen = rng.normal(size=(60, 6)) @ rng.normal(size=(6, 6))
        power = (seen.T @ seen / 60 + 0.02 * np.eye(6))[None]
        wanted = rng.normal(size=(1, 3, 6))
        k, trits = fitted_trits(wanted, power)
        plain_k, plain = nearest_trits(wanted[0])
        for o in range(3):
            error = lost(wanted[0, o], k[0, o], trits[0, o], power[0])
            ratios.append(error / max(least(wanted[0, o], power[0]), 1e-12))
            assert error <= lost(wanted[0, o], plain_k[o], plain[o], power[0]) * 1.5
    assert min(ratios) > 0.999 and np.median(ratios) < 1.3


def test_wanted_trits_are_found_again() -> None:
    """A network that was trained ternary loses nothing, whatever its inputs."""
    rng = np.random.default_rng(2)
    trits, k = rng.integers(-1, 2, (1, 5, 31)).astype(float), rng.uniform(0.01, 2, (1, 5))
    seen = rng.normal(size=(400, 31)) * rng.lognormal(0, 1, 31) + 1
    found = fitted_trits(k[..., None] * trits, (seen.T @ seen / 400)[None])
    np.testing.assert_array_equal(found[1], trits)
    np.testing.assert_allclose(found[0], k)


def stack(w: ModelWriter) -> Built:
    """Convolutions wide enough to be worth it between small ones."""
    f = Floats(w)
    a = f.conv(x := f.tensor(*SHAPE), 16)
    b = f.conv(f.depthwise(f.conv(a, 16)), 33, stride=2)
    c = f.conv(f.conv(b, 31, kernel=1), 40, stride=2)
    return [x], [f.dense(f.average(c), 5)]


def made(effort: Effort, **tables: Any) -> Graph:
    graph = floats(stack)
    return quantize_graph(
        graph, {graph.inputs[0].tensor: samples(60)}, effort, precision=parsed(tables, "t.toml")
    )


def separable(w: ModelWriter) -> Built:
    layers = Floats(w)
    x = layers.tensor(*SHAPE)
    return [x], [layers.dense(layers.conv(layers.depthwise(layers.conv(x, 480)), 8), 3)]


@needs_arm_gcc
def test_depthwise_layers_that_a_line_names_are_packed_where_flash_counts(tmp_path: Path) -> None:
    toml = tmp_path / "precision.toml"
    toml.write_text("[layers]\n'*' = 'ternary'\n")
    bits = {}
    for optimize in ("balanced", "flash"):
        file = tmp_path / f"{optimize}.json"
        quantize = [*command(tmp_path, separable)[1:4], "--quantize", "int8", "--effort", "fast"]
        choice = ["--precision", str(toml), "--board", "mps2-an386", "--optimize", optimize]
        assert run(["report", *quantize, *choice, "--json", str(file), "-q"]) == 0
        layers = json.loads(file.read_text())["layers"]
        (bits[optimize],) = (one["weight_bits"] for one in layers if one["op"] == "DEPTHWISE_CONV_2D")
    # ten pixels in a row are few for cores with SIMD
    assert bits["balanced"] == 8 and bits["flash"] <= 1.65


def ternary_layers(graph: Graph) -> list[str]:
    """Return the names of the layers with weights of one magnitude in each output channel."""
    found = []
    for op in graph.ops:
        if is_weighted(op, graph):
            data = graph.tensors[op.weights].data
            assert data is not None
            rows = np.abs(np.moveaxis(data, channel_axis(op), 0).reshape(data.shape[channel_axis(op)], -1))
            if all(len(set(row.tolist()) - {0}) <= 1 for row in rows.astype(int)) and rows.shape[1] > 1:
                found.append(op.origin.name)
    return found


def sqnr(graph: Graph) -> float:
    x = samples(16, seed=9)
    source = floats(stack)
    wanted = evaluate_floats(source, {source.inputs[0].tensor: x})[source.outputs[0].tensor]
    return decibels(wanted, judged(export_tflite(graph), x)[0])


def test_a_line_makes_its_layer_ternary_and_no_other() -> None:
    names = [op.origin.name for op in floats(stack).ops if op.kind in ("conv2d", "depthwise_conv2d")]
    assert not ternary_layers(made("fast"))
    for name in names[:3]:
        for effort in ("fast", "good"):
            found = made(effort, layers={name: "ternary"})  # type: ignore[arg-type]
            assert ternary_layers(found) == [name]
            assert sqnr(found) > 3
    assert len(ternary_layers(made("fast", layers={"*": "ternary"}))) == 7
    assert names[0] not in ternary_layers(made("fast", layers={"*": "ternary", names[0]: "int8"}))


def test_a_default_of_ternary_means_the_layers_that_are_worth_it() -> None:
    assert len(ternary_layers(made("fast", default="ternary"))) == 3
    assert len(ternary_layers(made("fast", default="ternary", layers={"*": "int8"}))) == 0


def test_rounding_together_loses_less() -> None:
    assert sqnr(made("good", layers={"*": "ternary"})) > sqnr(made("fast", layers={"*": "ternary"})) + 3


def test_layers_that_are_worth_it() -> None:
    graph = prepared(floats(stack))
    kinds = {op.outputs[0]: (op.kind, graph.type(op.outputs[0]).shape[-1]) for op in graph.ops}
    assert [kinds[n] for n in worthwhile(graph)] == [("conv2d", n) for n in (16, 33, 40)]
    small = prepared(floats(classifier))
    assert [small.type(n).shape[-1] for n in worthwhile(small)] == [16]


@pytest.fixture
def line(tmp_path: Path) -> list[str]:
    """The command for the network, whose labels are its own answers."""
    return [*command(tmp_path, stack), "--board", "mps2-an386"]


def found_by(line: list[str], folder: Path, *more: str) -> dict[str, Any]:
    told = folder / "told.json"
    assert run([*line, "--ternary", "auto", "--json", str(told), *more]) == 0
    found: dict[str, Any] = json.loads(told.read_text())["ternary"]
    return found


def test_flash_budgets_are_kept_by_the_fewest_layers(line: list[str], tmp_path: Path) -> None:
    large = found_by(line, tmp_path, "--flash-budget", "1M")
    assert large["chosen"]["ternary"] == [] and large["curve"][0]["flash"] == large["chosen"]["flash"]
    assert len(large["order"]) == 3
    flash = [one["flash"] for one in large["curve"]]
    assert flash == sorted(flash, reverse=True)
    used = []
    for point in large["curve"][1:]:
        budget = point["flash"] + 16
        found = found_by(line, tmp_path, "--flash-budget", str(budget))
        assert found["chosen"]["flash"] <= budget and found["budgets"]["flash"] == budget
        used.append(len(found["chosen"]["ternary"]))
        read = load_tflite((tmp_path / "out.tflite").read_bytes(), "out.tflite", "litert")
        assert len(ternary_layers(read)) == used[-1]
    assert used == [1, 2, 3]


def test_without_a_board_that_of_an_m4_is_counted(line: list[str], tmp_path: Path) -> None:
    plain = line[: line.index("--board")]
    assert found_by(plain, tmp_path, "--flash-budget", "19k") == found_by(
        line, tmp_path, "--flash-budget", "19k"
    )


def test_layers_without_which_the_budget_is_kept_stay_int8() -> None:
    """Though by chance the noise is less with them."""

    def one(noise: float, flash: int, *layers: str) -> Candidate:
        return Candidate(frozenset(), noise, None, None, {"flash": flash}, frozenset(layers))

    none, idle, other = one(0.02, 900), one(0.01, 900, "a"), one(0.015, 880, "b")
    assert best_first([idle, other, none], Wanted({"flash": 1000})) == [none, idle, other]
    assert best_first([idle, other], Wanted({"flash": 1000})) == [idle, other]
    assert best_first([idle, other, none], Wanted({}, min_sqnr=10.0)) == [other, idle, none]


def test_accuracy_is_kept_by_the_least_flash(line: list[str], tmp_path: Path) -> None:
    every = found_by(line, tmp_path, "--min-sqnr", "-9")
    assert len(every["chosen"]["ternary"]) == 3
    middle = sorted(one["sqnr_db"] for one in every["curve"])[-2]
    some = found_by(line, tmp_path, "--min-sqnr", f"{middle - 0.01}")
    assert some["chosen"]["sqnr_db"] >= middle - 0.01 and 0 < len(some["chosen"]["ternary"]) < 3
    kept = found_by(line, tmp_path, "--max-drop", "0")
    assert kept["chosen"]["accuracy"] == 1.0


def test_the_written_file_makes_the_same_model_again(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, toml, page = tmp_path / "out.tflite", tmp_path / "how.toml", tmp_path / "page.html"
    more = ["--ternary", "auto", "--flash-budget", "19k", "--precision-out", str(toml), "--html", str(page)]
    assert run([*line, *more]) == 0
    shown, first = capsys.readouterr().out, out.read_bytes()
    assert "chosen, ternary: " in shown and "3 layers may be ternary; judged on 60 samples" in shown
    assert "Accuracy against flash" in page.read_text() and "chosen-text" in page.read_text()
    assert '"ternary"' in toml.read_text()
    plain = line[: line.index("--board")]
    out.unlink()
    assert run([*plain, "--precision", str(toml), "--sensitivity"]) == 0
    assert out.read_bytes() == first
    assert 'type = "int8" in the precision file' in capsys.readouterr().out


def test_the_curve_is_a_picture(line: list[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    png = tmp_path / "curve.png"
    assert run([*line, "--ternary", "auto", "--flash-budget", "19k", "--png", str(png)]) == 0
    assert png.read_bytes().startswith(b"\x89PNG")


@needs_arm_gcc
def test_compile_takes_it_as_a_kind_of_quantization(line: list[str], tmp_path: Path) -> None:
    model, data = line[1], line[line.index("--calibration") + 1]
    bits, zeros = {}, {}
    for kind in ("int8", "ternary"):
        file = tmp_path / f"{kind}.json"
        command = ["report", model, "--board", "mps2-an385", "--quantize", kind, "--calibration", data]
        assert run([*command, "--effort", "fast", "--json", str(file), "-q"]) == 0
        layers = json.loads(file.read_text())["layers"]
        bits[kind] = [layer["weight_bits"] for layer in layers]
        zeros[kind] = [layer["zero_weights"] or 0.0 for layer in layers]
    assert min(bits["int8"]) == 8 and max(zeros["int8"]) < 0.1
    assert sum(z > 0.3 for z in zeros["ternary"]) == 3 and sum(b < 2 for b in bits["ternary"]) == 3


def test_wrong_command_lines(line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = tmp_path / "how.toml"
    how.write_text("default = 'ternary'\n")
    plain = line[: line.index("--board")]
    ternary = [*line, "--ternary", "auto"]
    for wrong, code, says in (
        ([*plain, "--flash-budget", "9k"], 64, "--flash-budget goes with --search or --ternary auto"),
        ([*plain, "--png", "x.png"], 64, "--png goes with --ternary auto"),
        ([*ternary, "--ram-budget", "9k"], 64, "--ram-budget goes with --search"),
        (ternary, 64, "--ternary auto needs a budget"),
        ([*ternary, "--flash-budget", "9k", "--precision", str(how)], 64, "leave one of them out"),
        ([*ternary, "--search", "--flash-budget", "9k"], 64, "leave one of them out"),
        ([*ternary, "--flash-budget", "900"], 4, "with 3 of 3 layers that may be ternary"),
        (
            [*plain, "--board", "host", "--ternary", "auto", "--flash-budget", "900"],
            4,
            "without ternary layers, as none would save flash on this board",
        ),
    ):
        assert run(wrong) == code, wrong
        assert says in capsys.readouterr().err
    assert not (tmp_path / "out.tflite").exists()


def stop_after(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Press Ctrl-C while the choice of that number is judged."""
    usual, seen = bench.Bench.judged, [0]

    def judged_(self: Any, choice: Any) -> Any:
        seen[0] += 1
        if seen[0] == count:
            raise KeyboardInterrupt
        return usual(self, choice)

    monkeypatch.setattr(bench.Bench, "judged", judged_)


def test_ctrl_c_while_a_plan_is_made_ends_the_search(
    line: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("optuna")
    usual, seen = Search.smallest, [0]

    def smallest(self: Any) -> Any:
        seen[0] += 1
        if seen[0] == 5:
            self._watch.is_stopped = True
        return usual(self)

    monkeypatch.setattr(Search, "smallest", smallest)
    assert run([*line, "--search", "--trials", "9", "--effort", "fast", "--min-sqnr", "5"]) == 0
    assert "stopped by Ctrl-C" in capsys.readouterr().out
    assert seen[0] < 20


@pytest.mark.parametrize("mode", [["--ternary", "auto"], ["--search", "--trials", "9", "--effort", "fast"]])
def test_ctrl_c_takes_the_best_so_far(
    mode: list[str], line: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--search" in mode:
        pytest.importorskip("optuna")
    stop_after(monkeypatch, 3)
    assert run([*line, *mode, "--flash-budget", "1M"]) == 0
    assert "stopped by Ctrl-C" in capsys.readouterr().out
    assert Path(line[line.index("-o") + 1]).exists()
