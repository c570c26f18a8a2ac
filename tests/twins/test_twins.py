"""Networks as PyTorch exports them here and now: float as ONNX Runtime computes them, RAM as of the same in Keras."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options, instruction_sets
from tinyc.passes import optimize
from tinyc.quantize import quantize_graph
from tinyc.runner import run_model
from tinyc.schedule import plan_smallest
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

pytest.importorskip("torch", reason="networks are written in PyTorch")
pytest.importorskip("onnxscript")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

from tests.twins.exported import exported  # noqa: E402 - it needs PyTorch
from tests.twins.in_torch import NETWORKS  # noqa: E402

#: What `python -m tests.twins` has measured.
MEASURED = json.loads((Path(__file__).parents[2] / "benchmarks" / "TWINS.json").read_text())
FULL = bool(os.environ.get("TINYC_FULL"))
#: (name, dynamo): PyTorch's newer exporter takes seconds for each.
FORMS = [(name, dynamo) for name in NETWORKS for dynamo in (False, True) if FULL or not dynamo]


@pytest.mark.filterwarnings("ignore")  # of the exporters
@pytest.mark.parametrize(("name", "dynamo"), FORMS)
def test_a_network_takes_the_ram_of_its_twin(name: str, dynamo: bool, tmp_path: Path) -> None:
    if name not in MEASURED:
        pytest.skip("python -m tests.twins has not measured it")
    file = exported(name, tmp_path, dynamo=dynamo, opset=20 if dynamo else 17)
    model = load_float_model(file)
    graph = model.graph
    ((tensor,), (out,)) = ([p.tensor for p in ports] for ports in (graph.inputs, graph.outputs))
    x = np.random.default_rng(0).normal(size=(4, *graph.type(tensor).shape)).astype(np.float32)
    made = evaluate_floats(graph, {tensor: x[:1]})[out][0]
    session = runtime.InferenceSession(str(file))
    given = {session.get_inputs()[0].name: np.moveaxis(x[0], -1, 1) if tensor in model.moved else x[0]}
    (wanted,) = session.run(None, given)
    made = np.moveaxis(made, -1, 1) if out in model.moved else made
    np.testing.assert_allclose(made, wanted, rtol=0, atol=2e-5 * float(np.abs(wanted).max()))
    small = optimize(
        load_tflite(export_tflite(quantize_graph(graph, {tensor: x}, "fast"), name), name, "litert")
    )
    assert "transpose" not in [op.kind for op in small.ops]
    plan = plan_smallest(small, instruction_sets(Options(load_board("mps2-an386"))))
    assert plan.arena <= 1.05 * MEASURED[name]["keras"]["int8"]["arena"]


@needs_qemu
@pytest.mark.emulator
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", list(NETWORKS) if FULL else ["conv_1d"])
def test_firmware_of_a_network(name: str, tmp_path: Path) -> None:
    file = exported(name, tmp_path, dynamo=False, opset=17)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(4, *NETWORKS[name][1][1:])))
    for calibration, judge in ((None, "onnxruntime"), (tmp_path / "x.npy", "litert")):
        options = Options(load_board("mps2-an386"), calibration=calibration, effort="fast")
        result = run_model(file, options, Samples(1, 1))
        assert (result.json["judge"], result.json["bit_exact"]) == (judge, True)
