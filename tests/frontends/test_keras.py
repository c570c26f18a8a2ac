"""Keras files and SavedModels: the float graph computes what Keras computes; what cannot be read is told in a line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tinyc.cli import run
from tinyc.errors import ModelError, ToolError, UsageError
from tinyc.frontends.floats import load_float_model
from tinyc.frontends.keras.shapes import Declared, fixed_shapes
from tinyc.frontends.keras.worker import refusal
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ops.floats import evaluate_floats

ROOT = Path(__file__).resolve().parents[2]
needs_keras = pytest.mark.skipif(
    find_spec("tensorflow") is None or find_spec("tf_keras") is None,
    reason="the extra keras is not installed",
)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keras")
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_HOME": str(folder)}
    subprocess.run(
        (sys.executable, "-m", "tests.frontends.keras_models", str(folder)),
        check=True,
        cwd=ROOT,
        env={**os.environ, **quiet},
        capture_output=True,
    )
    return folder


@needs_keras
@pytest.mark.parametrize(
    ("file", "kept", "shapes"),
    [
        ("two.keras", "two", ()),
        ("row.keras", "row", ()),
        ("row.h5", "row", ()),
        ("two.h5", "two_h5", ()),
        ("open", "open", [("", (1, 10, 6, 2))]),
    ],
)
def test_computes_what_keras_computes(
    file: str, kept: str, shapes: list[NamedShape], models: Path, tmp_path: Path
) -> None:
    path = models / file
    if path.is_file():  # the ending says nothing
        path = tmp_path / "model.bin"
        path.symlink_to(models / file)
    graph = load_float_model(path, None, shapes).graph
    arrays = dict(np.load(models / f"{kept}.npz"))
    want = arrays.pop("answers")
    values = {}
    for port in graph.inputs:
        values[port.tensor] = (arrays if len(arrays) > 1 else {port.name: arrays["in0"]})[port.name][:, None]
    found = evaluate_floats(graph, values)[graph.outputs[0].tensor].reshape(want.shape)
    np.testing.assert_allclose(found, want, rtol=2e-5, atol=2e-6)
    assert all(p.type.shape[0] == 1 for p in graph.inputs)
    layers = " ".join(str(op.origin) for op in graph.ops)
    assert all(name in layers for name in ("norm", "answer") if kept == "two")


@needs_keras
def test_quantizes_and_compiles(models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrays = dict(np.load(models / "two.npz"))
    del arrays["answers"]
    np.savez(tmp_path / "samples.npz", **arrays)
    chosen = ["--calibration", str(tmp_path / "samples.npz")]
    out = tmp_path / "two.tflite"
    assert run(["quantize", str(models / "two.keras"), *chosen, "-o", str(out)]) == 0
    assert run(["run", str(out), "--board", "host"]) == 0
    assert run(["run", str(models / "two.keras"), "--board", "host"]) == 0
    assert "TensorFlow" not in capsys.readouterr().err


@needs_keras
@pytest.mark.parametrize(
    ("file", "message", "hint"),
    [
        ("code.keras", "'mine' are Lambda layers", "own layers"),
        ("code.h5", "'mine' are Lambda layers", "own layers"),
        ("weights.h5", "no Keras model, weights perhaps", "model.save"),
        ("own.keras", "a layer or function of your own, 'Mine'", "model.export"),
        ("open", r"leaves its shape open: \[\?, \?, \?, 2\]", "--shape .*=1,96,96,2"),
        ("flex.keras", "no TFLite operator for Erfinv", "other layers"),
    ],
)
def test_refused(file: str, message: str, hint: str, models: Path) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load_float_model(models / file)
    assert caught.value.message.startswith(f"{file}: ")
    assert "\n" not in caught.value.message
    assert re.search(hint, caught.value.hint)


@needs_keras
@pytest.mark.parametrize("cut", [20, 2000])
def test_damaged_files(cut: int, models: Path, tmp_path: Path) -> None:
    for name in ("two.h5", "two.keras"):
        file = tmp_path / name
        file.write_bytes((models / name).read_bytes()[:-cut])
        with pytest.raises(ModelError, match=r"cannot be read|cannot read|damaged"):
            load_float_model(file)


def test_without_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    monkeypatch.setattr("tinyc.frontends.keras.convert.importlib.util.find_spec", lambda name: None)
    with pytest.raises(ToolError, match="needs the Python package tensorflow") as caught:
        load_float_model(tmp_path)
    assert caught.value.hint == "pip install 'tinyc[keras]'"


def test_shapes() -> None:
    image, gain = Declared("image", (None, None, 8, 3), "float32"), Declared("gain", (None, 4), "float32")
    assert fixed_shapes([image, gain], [("image", (1, 9, 8, 3))]) == [(1, 9, 8, 3), (1, 4)]
    assert fixed_shapes([gain], [("", (2, 4))]) == [(2, 4)]
    with pytest.raises(ModelError, match=r"input 'image' leaves its shape open: \[\?, \?, 8, 3\]") as caught:
        fixed_shapes([image, gain], [])
    assert "--shape image=1,96,8,3" in caught.value.hint
    given = ("image", (1, 9, 8, 3))
    for shapes, message in (
        ([("", (1, 4))], "2 inputs; name one of image, gain"),
        ([("pain", (1, 4))], "no input 'pain'"),
        ([given, ("gain", (1, 5))], r"gain: the model's input is \[\?, 4\]"),
        ([given, ("gain", (1, 4, 1))], r"gain: the model's input is \[\?, 4\]"),
        ([given, ("gain", (0, 4))], r"gain: the model's input is \[\?, 4\]"),
    ):
        with pytest.raises(UsageError, match=message):
            fixed_shapes([image, gain], shapes)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Could not translate\nx.py:1: error\nTF Select ops: MaxPool3D\nDetails:",
            "no TFLite operator for MaxPool3D",
        ),
        ("Some ops: no\nFlex ops: FlexErfinv\n", "no TFLite operator for FlexErfinv"),
        (
            'in user code:\n\n    File "load.py", line 64, in call  *\n        raise ValueError(\n\n'
            "    ValueError: Exception encountered.\n    \n    \x1b[1mexpected axis -1\x1b[0m\n",
            "refuses it: ValueError: Exception encountered. expected axis -1",
        ),
    ],
)
def test_what_the_converter_says_last_is_told(said: str, told: str) -> None:
    """Not the places in TensorFlow that an error passed."""
    assert refusal(said).message == f"TensorFlow's converter {'has ' * ('TFLite' in told)}{told}"
