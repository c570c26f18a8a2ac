"""tinyc eval: a float network, its INT8 firmware and an emulated board on the same samples."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tinyc
from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import Built, Floats, classifier, samples
from tests.stub_model import needs_qemu
from tinyc import evaluator
from tinyc.cli import run
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Port, TensorType
from tinyc.ops.floats import evaluate_floats
from tinyc.verify.judge import judge

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")


@dataclass(frozen=True)
class Case:
    """A float model, its int8 file, and samples with labels that the float network mostly gets right."""

    model: Path
    int8: Path
    data: Path
    calibration: Path
    x: Any
    labels: Any
    scores: Any


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("eval")
    file, calibration = folder / "m.tflite", folder / "c.npy"
    file.write_bytes(model(classifier))
    np.save(calibration, samples(24))
    int8 = folder / "int8.tflite"
    int8.write_bytes(tinyc.quantize_model(file, samples(24), "fast"))
    graph = load_float_tflite(file.read_bytes(), file.name)
    x = samples(300, seed=8)
    scores = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor].reshape(300, -1)
    labels = scores.argmax(axis=1)
    labels[::10] = 0
    np.savez(folder / "d.npz", x=x, labels=labels)
    return Case(file, int8, folder / "d.npz", calibration, x, labels, scores)


def evaluated(tmp_path: Path, *line: object) -> dict[str, Any]:
    out = tmp_path / "e.json"
    assert run(["eval", *map(str, line), "--json", str(out)]) == 0
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_float_and_int8_side_by_side(case: Case, tmp_path: Path) -> None:
    """Figures of the float network by numpy, of the int8 one by LiteRT."""
    line = ["--quantize", "int8", "--calibration", case.calibration, "--effort", "fast"]
    page = tmp_path / "e.html"
    found = evaluated(tmp_path, case.model, "--data", case.data, *line, "--html", page)
    judged = judge(case.int8.read_bytes(), (case.x,), "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    wanted = judged.outputs[0].reshape(300, -1)
    exact, int8 = found["networks"]
    assert (found["schema"], found["metric"], found["data"]["samples"]) == (1, "top1", 300)
    assert exact["metric"] == np.mean(case.scores.argmax(axis=1) == case.labels)
    assert int8["metric"] == np.mean(wanted.argmax(axis=1) == case.labels)
    assert np.sum(int8["confusion"]) == 300
    assert np.trace(int8["confusion"]) == round(int8["metric"] * 300)
    compared = found["comparison"]
    assert compared["agreement"] == np.mean(wanted.argmax(axis=1) == case.scores.argmax(axis=1))
    off = np.abs(wanted - case.scores).max(axis=1)
    worst = compared["worst"][0]
    assert (worst["index"], worst["sample"]) == (off.argmax(), f"#{off.argmax()}")
    assert worst["error"] == pytest.approx(off.max(), rel=1e-4)
    text = page.read_text()
    assert text.count('<table class="confusion">') == 2 and "http" not in text.replace("http-equiv", "")


def test_an_int8_model_alone_and_beside_its_float_one(case: Case, tmp_path: Path) -> None:
    alone = evaluated(tmp_path, case.int8, "--data", case.data)
    assert [one["name"] for one in alone["networks"]] == ["int8"] and alone["comparison"] is None
    both = evaluated(tmp_path, case.int8, "--data", case.data, "--float", case.model)
    assert [one["name"] for one in both["networks"]] == ["float32", "int8"]
    assert both["networks"][1]["metric"] == alone["networks"][0]["metric"]


def test_a_float_model_alone(case: Case, tmp_path: Path) -> None:
    found = evaluated(tmp_path, case.model, "--data", case.data)
    assert [one["name"] for one in found["networks"]] == ["float32"]


def test_metric_and_labels_change_what_they_say(case: Case, tmp_path: Path) -> None:
    other = tmp_path / "l.txt"
    other.write_text("\n".join(map(str, (case.labels + 1) % 5)))
    found = evaluated(tmp_path, case.model, "--data", case.data, "--labels", other, "--metric", "f1")
    assert found["metric"] == "f1" and found["networks"][0]["metric"] < 0.5
    np.save(tmp_path / "x.npy", case.x)
    unlabelled = evaluated(tmp_path, case.model, "--data", tmp_path / "x.npy")
    assert unlabelled["metric"] is None and unlabelled["networks"][0]["confusion"] is None
    own = tmp_path / "m.py"
    own.write_text("def top(outputs, labels):\n    return outputs.max()\n")
    found = evaluated(tmp_path, case.model, "--data", tmp_path / "x.npy", "--metric", f"{own}:top")
    assert (found["metric"], found["networks"][0]["metric"]) == ("top", pytest.approx(case.scores.max()))


def test_values_outside_of_the_input_are_told(case: Case, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", 100 * case.x[:20])
    (note,) = evaluated(tmp_path, case.int8, "--data", tmp_path / "x.npy")["data"]["notes"]
    assert note.endswith("of the input's values lie outside of its range and were clamped")


def test_bytes_of_a_model_of_bytes(digits: Path, tmp_path: Path) -> None:
    """Raw bytes are taken as they are, real numbers by the input's scale."""
    x = np.random.default_rng(1).integers(-128, 128, (40, 8, 8, 1)).astype(np.int8)
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(40) % 10)
    first = evaluated(tmp_path, digits, "--data", tmp_path / "x.npz")
    np.savez(tmp_path / "x.npz", x=(x + 128.0) / 255, y=np.arange(40) % 10)
    assert (
        evaluated(tmp_path, digits, "--data", tmp_path / "x.npz")["networks"][0]["confusion"]
        == (first["networks"][0]["confusion"])
    )


@needs_qemu
@pytest.mark.emulator
def test_a_board_runs_some_of_the_samples(case: Case, tmp_path: Path) -> None:
    line = [case.int8, "--data", case.data, "--board", "mps2-an386"]
    board = evaluated(tmp_path, *line, "--samples", 4)["board"]
    assert (board["board"], board["samples"], board["bit_exact"]) == ("mps2-an386", 4, True)
    assert (board["host_mismatches"], board["names"]) == (0, ["#0", "#100", "#199", "#299"])


@needs_qemu
@pytest.mark.emulator
def test_a_board_runs_a_float_model(case: Case, tmp_path: Path) -> None:
    line = [case.model, "--data", case.data, "--board", "mps2-an386", "--samples", 2]
    board = evaluated(tmp_path, *line)["board"]
    assert (board["bit_exact"], board["host_mismatches"], board["samples"]) == (True, 0, 2)


def test_a_network_that_gives_back_its_input(tmp_path: Path) -> None:
    """How far it is off tells what is unusual; its outputs are no scores of classes."""

    def autoencoder(w: ModelWriter) -> Built:
        f = Floats(w)
        x = f.tensor(1, 6)
        return [x], [f.dense(f.dense(x, 3), 6)]

    rng = np.random.default_rng(2)
    file, data = tmp_path / "m.tflite", tmp_path / "x.npz"
    file.write_bytes(model(autoencoder))
    x, labels = rng.normal(size=(60, 6)).astype(np.float32), np.arange(60) % 2
    x[labels == 1] *= 2
    np.savez(data, x=x, labels=labels)
    found = evaluated(tmp_path, file, "--data", data, "--quantize", "int8", "--calibration", data)
    graph = load_float_tflite(file.read_bytes(), file.name)
    made = evaluate_floats(graph, {graph.inputs[0].tensor: x[:, None]})[graph.outputs[0].tensor]
    off = ((made.reshape(60, 6) - x) ** 2).mean(axis=1)
    area = np.mean([(a > b) for a in off[labels == 1] for b in off[labels == 0]])
    assert (found["metric"], found["networks"][0]["metric"]) == ("auc", pytest.approx(area))
    assert found["comparison"]["agreement"] is None and found["networks"][0]["confusion"] is None


def test_another_answer_by_the_board_is_a_mismatch(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"board": "b", "emulator": "host", "judge": "litert", "samples": 2, "elements": 10}
    found = {**facts, "mismatches": 0, "instructions": None, "bit_exact": True}
    other = SimpleNamespace(json=found, outputs=(np.ones((2, 1, 5), np.float32),))
    monkeypatch.setattr(evaluator, "run_model", lambda *_, **__: other)
    out = tmp_path / "e.json"
    line = ["eval", str(case.int8), "--data", str(case.data), "--board", "host", "--samples", "2"]
    assert run([*line, "--json", str(out)]) == 6
    assert json.loads(out.read_text())["board"]["host_mismatches"] == 10


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["--samples", "3"], "--board is missing"),
        (["--float", "m.tflite"], "--float goes with an int8 model"),
        (["--metric", "top5"], "is none of top1"),
        (["--labels", "none.txt"], "cannot be read"),
        (["--preprocess", "scale=0..1"], "goes with folders"),
        (["--calibration", "c.npy"], "--quantize int8 is missing"),
    ],
)
def test_what_does_not_go_together(
    line: list[str], says: str, case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["eval", str(case.model), "--data", str(case.data), *line]) == 64
    assert says in capsys.readouterr().err


def test_the_confusion_matrix_as_a_picture(case: Case, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    out = tmp_path / "c.png"
    assert run(["eval", str(case.model), "--data", str(case.data), "--png", str(out)]) == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_many_samples_are_shared_among_cores(case: Case) -> None:
    """With the answers that each alone gets."""
    host = tinyc.load(case.int8)
    every = host(case.x)
    assert np.array_equal(every, np.concatenate([np.asarray(host(case.x[i : i + 1])) for i in range(300)]))


def test_float_firmware_from_onnx_takes_channels_first() -> None:
    x = np.arange(48, dtype=np.float32).reshape(2, 1, 2, 4, 3)
    first = Port("x", "x", TensorType((1, 3, 2, 4), "float32"))
    assert np.array_equal(evaluator._fed(x, first), np.moveaxis(x, -1, 2))
    last = Port("x", "x", TensorType((1, 2, 4, 3), "float32"))
    assert evaluator._fed(x, last) is x
