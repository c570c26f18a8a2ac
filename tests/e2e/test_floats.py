"""Float models, from the file to a checked run: near to the judge, and bit for bit what this computer computes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import tinyc as product
from tests.e2e.tool import make, tinyc, tinyc_json
from tests.modelgen import ModelWriter
from tinyc.verify.judge import judge


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


def test_onnx_keeps_its_own_layout(tmp_path: Path) -> None:
    """[N, C, H, W] outside, [N, H, W, C] in the C API, which says so."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from tests.frontends.onnx_models import array, model  # noqa: PLC0415 - needs onnx

    nodes = [
        onnx.helper.make_node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        onnx.helper.make_node("Relu", ["a"], ["y"]),
    ]
    onnx.save(model(nodes, {"x": (1, 3, 6, 5)}, ["y"], {"w": array(4, 3, 3, 3)}), tmp_path / "net.onnx")
    np.save(tmp_path / "x.npy", array(2, 3, 6, 5, seed=3))
    saved = ("--inputs", tmp_path / "x.npy", "--save-outputs", tmp_path / "y.npz", "--layers")
    run = tinyc_json(
        tmp_path / "run.json", "run", tmp_path / "net.onnx", "--board", "host", *saved, "--input", "rows"
    )
    assert run["judge"] == "onnxruntime"
    assert np.load(tmp_path / "y.npz")["out0"].shape == (2, 1, 4, 6, 5)
    done = tinyc("compile", "net.onnx", "--board", "host", "-o", "out", cwd=tmp_path)
    assert done.status == 0, done.err
    assert "[1, 3, 6, 5] in the model file" in (tmp_path / "out" / "net.h").read_text()
    assert tinyc_json(tmp_path / "again.json", "run", tmp_path / "out")["bit_exact"]
    found = product.load(tmp_path / "net.onnx")(array(1, 3, 6, 5))
    assert np.asarray(found).shape == (1, 4, 6, 5)


def test_float_models_are_exported(shared: Path, tmp_path: Path) -> None:
    file, out = shared / "models" / "hello_world_float.tflite", tmp_path / "out.tflite"
    assert tinyc("export", file, "-o", out).status == 0
    inputs = (np.linspace(0, 6, 9, dtype=np.float32).reshape(9, 1, 1),)
    before, after = (judge(path.read_bytes(), inputs, "litert") for path in (file, out))
    if before is None or after is None:
        pytest.skip("litert is not installed")
    assert np.array_equal(before.outputs[0], after.outputs[0])


def test_float_layers_that_only_another_reference_has(tmp_path: Path) -> None:
    """ELU as TensorFlow's converter leaves it in an INT8 file: float32, joined with others and then bytes."""
    w = ModelWriter("elu")
    x, z = (w.tensor((1, 6), "int8", scale, 3) for scale in (0.05, 0.02))
    a, b, c = (w.tensor((1, 6), "float32") for _ in range(3))
    both, y = w.tensor((1, 12), "float32"), w.tensor((1, 12), "int8", 0.04, -7)
    w.op("DEQUANTIZE", [x], [a])
    w.op("ELU", [a], [b])
    w.op("DEQUANTIZE", [z], [c])
    w.op("CONCATENATION", [b, c], [both], axis=1)
    w.op("QUANTIZE", [both], [y])
    (tmp_path / "elu.tflite").write_bytes(w.finish([x, z], [y]))
    out = tmp_path / "run.json"
    run = tinyc_json(out, "run", tmp_path / "elu.tflite", "--board", "host", "--layers", "--samples", "2")
    assert run["bit_exact"]
    assert run["judge"] == "tflm"
