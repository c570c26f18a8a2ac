"""Float models, from the file to a checked run: near to the judge, and bit for bit what this computer computes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tinyc as product
from tests.e2e.tool import make, tinyc, tinyc_json


@pytest.mark.parametrize(
    ("model", "board"), [("kws_float", "mps2-an386"), ("hello_world_float", "mps3-an547")]
)
def test_float_models_run_on_boards(shared: Path, tmp_path: Path, model: str, board: str) -> None:
    out = tmp_path / "run.json"
    file = shared / "models" / f"{model}.tflite"
    run = tinyc_json(out, "run", file, "--board", board, "--layers", "--samples", "2")
    assert run["bit_exact"]
    assert run["judge"] == "litert"
    assert run["largest_error"] <= run["error_bound"]


def test_a_float_folder_stands_alone(shared: Path, tmp_path: Path) -> None:
    file = shared / "models" / "hello_world_float.tflite"
    done = tinyc("compile", file, "--board", "host", "--quantize", "none", "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "computes in float32" in done.out
    assert "float *hello_world_float_input(void)" in (tmp_path / "out" / "hello_world_float.h").read_text()
    assert make(tmp_path / "out", "run").status == 0
    again = tinyc_json(tmp_path / "run.json", "run", tmp_path / "out", "--model", file)
    assert again["judge"] == "litert"
    stored = np.load(tmp_path / "out" / "vectors.npz")
    model = product.load(file)
    assert np.array_equal(model(stored["in0"]), stored["out0"])
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["model"]["precision"] == "float32"


def test_quantization_needs_samples(shared: Path, tmp_path: Path) -> None:
    file = shared / "models" / "hello_world_float.tflite"
    done = tinyc("compile", file, "--board", "host", "--quantize", "int8", "-o", "out", cwd=tmp_path)
    assert done.status == 64
    assert "--calibration DATA is missing" in done.err
    assert not (tmp_path / "out").exists()
