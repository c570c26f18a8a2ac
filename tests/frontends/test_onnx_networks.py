"""Whole ONNX networks: float as ONNX Runtime computes them, no transposes left, exact INT8 firmware."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.quantize import quantize_graph
from tinyc.runner import run_model
from tinyc.schedule import plan_layers, plan_smallest
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

from tests.frontends.onnx_models import array  # noqa: E402 - they need onnx
from tests.frontends.onnx_networks import NETWORKS  # noqa: E402

#: Those that run on an emulated board each time; with TINYC_FULL=1 it is all of them.
EMULATED = list(NETWORKS) if os.environ.get("TINYC_FULL") else ["conv_1d", "ds_cnn", "shufflenet_v2", "unet"]


def saved(name: str, folder: Path) -> Path:
    file = folder / f"{name}.onnx"
    onnx.save(NETWORKS[name](), str(file))
    return file


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_read_and_quantized(name: str, tmp_path: Path) -> None:
    file = saved(name, tmp_path)
    model = load_float_model(file)
    graph = model.graph
    (tensor,) = (p.tensor for p in graph.inputs)
    x = array(4, *graph.type(tensor).shape)
    values = evaluate_floats(graph, {tensor: x})
    given = np.moveaxis(x[0], -1, 1) if tensor in model.moved else x[0]
    wanted = runtime.InferenceSession(str(file)).run(None, {"x": given})
    for port, want in zip(graph.outputs, wanted, strict=True):
        found = values[port.tensor][0]
        found = np.moveaxis(found, -1, 1) if port.tensor in model.moved else found
        np.testing.assert_allclose(found, want, rtol=1e-4, atol=1e-5 * max(1.0, float(np.abs(want).max())))
    small = optimize(
        load_tflite(export_tflite(quantize_graph(graph, {tensor: x}, "fast"), name), name, "litert")
    )
    assert "transpose" not in [op.kind for op in small.ops]
    assert plan_smallest(small, ("ref",)).arena <= plan_layers(small, ("ref",)).arena


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("name", EMULATED)
def test_firmware_of_a_network(name: str, tmp_path: Path) -> None:
    file = saved(name, tmp_path)
    shape = [d.dim_value for d in onnx.load(str(file)).graph.input[0].type.tensor_type.shape.dim]
    np.save(tmp_path / "x.npy", array(4, *shape[1:]))
    options = Options(load_board("mps2-an386"), calibration=tmp_path / "x.npy", effort="fast")
    result = run_model(file, options, Samples(1, 1))
    assert (result.json["judge"], result.json["bit_exact"]) == ("litert", True)
