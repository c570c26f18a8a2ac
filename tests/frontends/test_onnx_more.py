"""Operators that are made of several: as ONNX Runtime computes them of an image whose channels lie last here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import array, model, one  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare  # noqa: E402

helper = onnx.helper
INTS = np.int64
IMAGE = (1, 3, 4, 5)
NONE = np.zeros(0, np.float32)


def scaled(*scales: float, **how: Any) -> Any:
    return one("Resize", IMAGE, [NONE, np.array(scales, np.float32)], **how)


def places(box: tuple[int, ...], *first: int) -> Any:
    """The indices of each element of a box, which begins at `first`: [*box, rank]."""
    return np.stack(np.indices(box), axis=-1).astype(INTS) + np.array(first, INTS)


OPERATORS = {
    "average_atrous": one(
        "AveragePool", (1, 3, 9, 11), kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 1, 2, 1], opset=19
    ),
    "average_counted": one(
        "AveragePool", (1, 3, 9, 8), kernel_shape=[3, 3], dilations=[2, 2], pads=[2, 2, 2, 2],
        strides=[2, 3], ceil_mode=1, count_include_pad=1, opset=19,
    ),
    "average_volume": one(
        "AveragePool", (1, 3, 5, 7, 6), kernel_shape=[2, 3, 3], strides=[1, 2, 2], pads=[1, 0, 1, 0, 1, 1]
    ),
    "ceil": one("Ceil", IMAGE),
    "celu": one("Celu", IMAGE, alpha=0.7),
    "cos": one("Cos", IMAGE),
    "cumulative_channels": one("CumSum", IMAGE, [np.array(1, INTS)]),
    "cumulative_rows": one("CumSum", IMAGE, [np.array(-2, INTS)], reverse=1, exclusive=1),
    "depth_to_space_first": one("DepthToSpace", (1, 8, 3, 2), blocksize=2, mode="CRD"),
    "divided": one("Div", (1, 3, 1, 5), [array(1, 3, 4, 1) + 3]),
    "elu": one("Elu", IMAGE, alpha=0.3),
    "expand": one("Expand", (3, 1, 5), [np.array([2, 1, 4, 1], INTS)]),
    "floor": one("Floor", IMAGE),
    "gather_elements": one("GatherElements", IMAGE, [np.array([2, 0, -1, 1, 1, 0]).reshape(1, 2, 3, 1)], axis=1),
    "gather_places": one("GatherND", IMAGE, [np.array([[[0, 2, 3], [0, -1, 1]]])]),
    "gather_rows": one("GatherND", (2, 4, 5), [np.array([[3], [1]])], batch_dims=1),
    "gather_matrix": one("Gather", IMAGE, [np.array([[2, 0], [1, 1]], INTS)], axis=1),
    "gemm_matrix": one("Gemm", (2, 5), [array(4, 5), array(2, 4)], alpha=0.5, beta=2.0, transB=1),
    "gemm_turned": one("Gemm", (5, 2), [array(5, 4), array(1, 4)], transA=1),
    "global_lp_pool": one("GlobalLpPool", IMAGE, p=2),
    "grouped_transpose": one("ConvTranspose", (1, 4, 3, 5), [array(4, 2, 3, 3)], group=2, dilations=[2, 1]),
    "log_softmax": one("LogSoftmax", IMAGE, axis=1),
    "lp_norm": one("LpNormalization", IMAGE, axis=1, p=1),
    "lp_pool": one("LpPool", (1, 3, 7, 9), kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1], p=3, opset=18),
    "lrn": one("LRN", (1, 7, 4, 5), size=5, alpha=0.1, beta=0.6, bias=1.2),
    "matmul_vector": one("MatMul", IMAGE, [array(5)]),
    "max_atrous": one(
        "MaxPool", (1, 3, 9, 11), kernel_shape=[3, 3], dilations=[2, 3], pads=[2, 1, 1, 2], strides=[1, 2]
    ),
    "max_atrous_sequence": one("MaxPool", (1, 3, 12), kernel_shape=[3], dilations=[4], ceil_mode=1, strides=[3]),
    "max_volume": one("MaxPool", (1, 3, 5, 7, 6), kernel_shape=[2, 3, 2], strides=[2, 2, 1], auto_pad="SAME_UPPER"),
    "mean": one("Mean", IMAGE, [array(3, 1, 1), array(5)]),
    "mish": one("Mish", IMAGE, opset=18),
    "mod": one("Mod", IMAGE, [np.float32(0.7)], fmod=1),
    "pow_channel": one("Pow", (1, 3, 4, 5), [np.array([2, 3, 1], np.float32).reshape(3, 1, 1)]),
    "pow_fourth": one("Pow", IMAGE, [np.float32(4)]),
    "reciprocal": one("Reciprocal", IMAGE),
    "reduce_l1": one("ReduceL1", IMAGE, axes=[1]),
    "reduce_l2": one("ReduceL2", IMAGE, axes=[2, 3], keepdims=0),
    "reduce_log_sum_exp": one("ReduceLogSumExp", IMAGE, axes=[1], keepdims=0),
    "reduce_prod": one("ReduceProd", IMAGE, axes=[1, 2]),
    "reduce_sum_square": one("ReduceSumSquare", IMAGE, axes=[3]),
    "resize_cubic": scaled(1, 1, 1.5, 2.2, mode="cubic"),
    "resize_smaller": scaled(1, 1, 0.6, 0.7, mode="linear"),
    "resize_antialias": scaled(1, 1, 0.6, 0.7, mode="linear", antialias=1, opset=18),
    "resize_nearest": scaled(1, 1, 1.6, 0.7, mode="nearest", nearest_mode="ceil"),
    "resize_one": scaled(1, 1, 0.3, 2, mode="linear", coordinate_transformation_mode="pytorch_half_pixel"),
    "resize_of_tensorflow": one(
        "Resize", (1, 2, 14, 14), [NONE, np.array([1, 1, 5 / 14, 5 / 14], np.float32)], opset=12, mode="nearest",
        nearest_mode="floor", coordinate_transformation_mode="tf_half_pixel_for_nn"
    ),
    "round": one("Round", IMAGE),
    "same_transpose": one("ConvTranspose", (1, 4, 3, 5), [array(4, 6, 3, 3)], strides=[2, 2], auto_pad="SAME_UPPER"),
    "scatter_box": one("ScatterND", IMAGE, [places((1, 3, 4, 2), 0, 0, 0, 1), array(1, 3, 4, 2)]),
    "scatter_elements": one(
        "ScatterElements", IMAGE, [np.array([2, 0, -1]).reshape(1, 3, 1, 1), array(1, 3, 1, 1)], axis=3
    ),
    "scatter_added": one(
        "ScatterND", IMAGE, [np.array([[0, 2], [0, 1], [0, 2]]), array(3, 4, 5)], reduction="add", opset=18
    ),
    "scatter_largest": one(
        "ScatterElements", IMAGE, [np.array([2, 0, 2]).reshape(1, 3, 1, 1), array(1, 3, 1, 1)],
        axis=3, reduction="max", opset=18,
    ),
    "scatter_places": one("ScatterND", IMAGE, [np.array([[0, 2, 3], [0, -1, 1]]), array(2, 5)]),
    "selu": one("Selu", IMAGE),
    "shrink": one("Shrink", IMAGE, lambd=0.4, bias=0.2),
    "sign": one("Sign", IMAGE),
    "sin": one("Sin", IMAGE),
    "softplus": one("Softplus", IMAGE),
    "softsign": one("Softsign", IMAGE),
    "sum": one("Sum", IMAGE, [array(3, 1, 1), array(4, 1)]),
    "tan": one("Tan", IMAGE),
    "thresholded_relu": one("ThresholdedRelu", IMAGE, alpha=0.3),
    "tile": one("Tile", IMAGE, [np.array([1, 2, 3, 2], INTS)]),
    "trilu": one("Trilu", IMAGE, [np.array(1, INTS)]),
}  # fmt: skip


#: Of each element by itself, or along the channels.
FUNCTIONS = (
    "Abs", "Ceil", "Cos", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSwish", "LogSoftmax", "Mish", "Round",
    "Selu", "Sigmoid", "Sign", "Sin", "Softmax", "Softplus", "Softsign", "Tanh",
)  # fmt: skip


def assignment(begin: int, end: int) -> Any:
    """x[:, :, begin:end] = 2 * x[:, :, :end - begin], as PyTorch exports it: indices of each element."""
    nodes = [
        helper.make_node("Slice", ["x", "zero", "count", "axis"], ["part"]),
        helper.make_node("Add", ["part", "part"], ["twice"]),
        helper.make_node("ScatterND", ["x", "places", "twice"], ["y"]),
    ]
    constants = {
        "zero": np.array([0], INTS),
        "count": np.array([end - begin], INTS),
        "axis": np.array([2], INTS),
        "places": places((1, 3, end - begin, 5), 0, 0, begin, 0),
    }
    return model(nodes, {"x": IMAGE}, ["y"], constants)


@pytest.mark.parametrize(("begin", "end"), [(0, 4), (0, 2), (1, 3), (2, 4)])
def test_an_assignment_to_a_slice_joins_what_lies_beside_it(begin: int, end: int, tmp_path: Path) -> None:
    made = compare(assignment(begin, end), tmp_path)
    assert "gather" not in {op.kind for op in made.ops}


def test_an_output_may_be_a_constant(tmp_path: Path) -> None:
    """As detectors have their anchors."""
    nodes = [helper.make_node("Relu", ["x"], ["y"]), helper.make_node("Mul", ["anchors", "two"], ["boxes"])]
    made = model(nodes, {"x": IMAGE}, ["y", "boxes"], {"anchors": array(1, 2, 3, 4), "two": np.float32(2)})
    compare(made, tmp_path)
    options = Options(load_board("host"), effort="fast")
    assert run_model(tmp_path / "model.onnx", options, Samples(2, 1)).json["bit_exact"]


def functions() -> Any:
    node = helper.make_node
    nodes = [node("Conv", ["x", "w"], ["a"]), node("Abs", ["a"], ["p"])]
    along = ("Softmax", "LogSoftmax")
    nodes += [node(f, ["a"], [f], **({"axis": 1} if f in along else {})) for f in FUNCTIONS]
    nodes += [
        node("Sqrt", ["p"], ["q"]),
        node("Log", ["p"], ["l"]),
        node("Pow", ["p", "power"], ["r"]),
        node("Mod", ["a", "q"], ["m"], fmod=1),
        node("Greater", ["a", "q"], ["g"]),
        node("Where", ["g", "a", "r"], ["c"]),
        node("Concat", [*FUNCTIONS, "q", "l", "r", "m", "c"], ["y"], axis=1),
    ]
    constants = {"w": array(3, 2, 3, 3), "power": np.float32(1.7)}
    return model(nodes, {"x": [1, 2, 4, 4]}, ["y"], constants, opset=20)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["microbit", "mps2-an386"])
def test_functions_have_the_same_bits_on_every_core(board: str, tmp_path: Path) -> None:
    """Without an FPU, and with one."""
    onnx.save(functions(), str(tmp_path / "functions.onnx"))
    options = Options(load_board(board), effort="fast")
    found = run_model(tmp_path / "functions.onnx", options, Samples(2, 1)).json
    assert found["bit_exact"]
    assert found["judge"] == "onnxruntime"


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_computes_what_onnx_runtime_does(name: str, tmp_path: Path) -> None:
    compare(OPERATORS[name], tmp_path)
