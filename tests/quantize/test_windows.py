"""Windows that the .tflite format has not: rewritten, quantized, and the firmware is exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.frontends.onnx import load_onnx
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.quantize import quantize_graph
from tinyc.quantize.windows import usual_windows
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.frontends.onnx_models import array, one  # noqa: E402 - they need onnx

#: name: a model of one operator
MODELS: dict[str, Any] = {
    "average_pool": one("AveragePool", (1, 3, 8, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    "average_pool_same": one("AveragePool", (1, 3, 8, 6), kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    "conv_without_bias": one("Conv", (1, 3, 8, 6), [array(4, 3, 3, 3)], pads=[1, 1, 1, 1], strides=[2, 2]),
    "conv_of_all": one("Conv", (1, 3, 4, 5), [array(6, 3, 4, 5), array(6)], strides=[2, 2]),
    "conv_of_all_grouped": one("Conv", (1, 4, 4, 5), [array(6, 2, 4, 5)], group=2),
    "conv_of_all_rows": one("Conv", (1, 3, 9), [array(6, 3, 9)]),
    "conv_transpose_3": one(
        "ConvTranspose", (1, 3, 4, 5), [array(3, 4, 3, 3)], pads=[1, 1, 1, 1], strides=[2, 2], output_padding=[1, 1]
    ),
    "conv_transpose_4": one("ConvTranspose", (1, 3, 4, 5), [array(3, 4, 4, 4)], pads=[1, 1, 1, 1], strides=[2, 2]),
    "max_pool": one("MaxPool", (1, 3, 8, 6), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_firmware_of_a_window_is_exact(name: str, tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    onnx.save(MODELS[name], str(file))
    shape = [d.dim_value for d in MODELS[name].graph.input[0].type.tensor_type.shape.dim]
    np.save(tmp_path / "x.npy", array(8, *shape[1:], seed=3))
    options = Options(load_board("host"), calibration=tmp_path / "x.npy", effort="fast")
    result = run_model(file, options, Samples(2, 1))
    assert (result.json["judge"], result.json["bit_exact"]) == ("litert", True)


@pytest.mark.parametrize("name", MODELS)
def test_a_rewritten_window_computes_the_same(name: str, tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    onnx.save(MODELS[name], str(file))
    graph = load_onnx(file).graph
    x = {graph.inputs[0].tensor: array(3, *graph.inputs[0].type.shape, seed=4)}
    wanted, found = (evaluate_floats(g, x)[graph.outputs[0].tensor] for g in (graph, usual_windows(graph)))
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conv_of_all", "fully_connected"),
        ("conv_of_all_rows", "fully_connected"),
        ("conv_of_all_grouped", "conv2d"),
        ("conv_without_bias", "conv2d"),
    ],
)
def test_a_window_over_the_whole_image_is_a_dense_layer(name: str, kind: str, tmp_path: Path) -> None:
    """Of ternary weights, a convolution of one pixel a row would keep a byte each."""
    file = tmp_path / "model.onnx"
    onnx.save(MODELS[name], str(file))
    kinds = [op.kind for op in usual_windows(load_onnx(file).graph).ops]
    assert [k for k in kinds if k in ("conv2d", "fully_connected")] == [kind]


def test_a_border_has_the_scale_of_what_it_is_around(tmp_path: Path) -> None:
    """PAD copies bytes."""
    file = tmp_path / "model.onnx"
    pads = np.array([0, 0, 0, 2, 0, 0, 0, 0], np.int64)
    onnx.save(one("Pad", (1, 3, 8, 6), [pads]), str(file))
    graph = load_onnx(file).graph
    made = quantize_graph(graph, {graph.inputs[0].tensor: array(4, *graph.inputs[0].type.shape)}, "fast")
    (pad,) = (op for op in made.ops if op.kind == "pad")
    assert made.type(pad.inputs[0]).quant == made.type(pad.outputs[0]).quant
