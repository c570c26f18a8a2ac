"""ONNX files: the graph computes what ONNX Runtime computes, channels last, and becomes exact INT8 firmware."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc.cli import run
from tinyc.errors import ModelError, UsageError
from tinyc.frontends.onnx import Loaded, load_onnx
from tinyc.ir import Graph
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

from tests.frontends.onnx_models import array, model, network, one  # noqa: E402 - they need onnx

helper = onnx.helper


def like_input(made: Any) -> Any:
    """The model, its output of the input's shape: no inference is known for that operator."""
    made.graph.output[0].type.CopyFrom(made.graph.input[0].type)
    return made


INTS = np.int64
#: name: a model of one operator
OPERATORS = {
    "abs": one("Abs", (1, 3, 4, 5)),
    "add_channel": one("Add", (1, 3, 4, 5), [array(3, 1, 1)]),
    "add_vector": one("Add", (2, 5), [array(5)]),
    "average_pool": one("AveragePool", (1, 3, 7, 6), kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]),
    "average_pool_padded": one(
        "AveragePool", (1, 3, 7, 6), kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1
    ),
    "average_pool_line": one("AveragePool", (1, 3, 9), kernel_shape=[3], strides=[2]),
    "batch_normalization": one(
        "BatchNormalization", (1, 3, 4, 5), [array(3), array(3, seed=1), array(3, seed=2), np.ones(3, np.float32)]
    ),
    "clip": one("Clip", (1, 3, 4, 5), [np.float32(-0.5), np.float32(0.75)]),
    "clip_old": one("Clip", (1, 3, 4, 5), opset=9, min=-0.5, max=0.75),
    "concat": one("Concat", (1, 3, 4, 5), [array(1, 2, 4, 5)], axis=1),
    "conv": one("Conv", (1, 4, 7, 6), [array(6, 4, 3, 2), array(6)], strides=[2, 1], pads=[1, 0, 1, 1]),
    "conv_dilated": one("Conv", (1, 4, 9, 9), [array(2, 4, 3, 3)], dilations=[2, 3]),
    "conv_grouped": one("Conv", (1, 4, 5, 5), [array(6, 2, 3, 3)], group=2),
    "conv_depthwise": one("Conv", (1, 4, 5, 5), [array(8, 1, 3, 3)], group=4, auto_pad="SAME_LOWER"),
    "conv_line": one("Conv", (1, 4, 9), [array(6, 4, 3), array(6)], strides=[2], pads=[1, 1]),
    "conv_transpose": one(
        "ConvTranspose", (1, 4, 3, 5), [array(4, 6, 3, 3), array(6)], strides=[2, 2], output_padding=[1, 0]
    ),
    "conv_transpose_line": one("ConvTranspose", (1, 4, 5), [array(4, 6, 2)], strides=[2]),
    "depth_to_space": one("DepthToSpace", (1, 8, 3, 2), blocksize=2),
    "div": one("Div", (1, 3, 4, 5), [np.float32(3)]),
    "dropout": one("Dropout", (1, 3, 4, 5)),
    "elu": one("Elu", (1, 3, 4, 5)),
    "erf": one("Erf", (1, 3, 4, 5)),
    "exp": one("Exp", (1, 3, 4, 5)),
    "flatten": one("Flatten", (1, 3, 4, 5)),
    "gather": one("Gather", (1, 3, 4, 5), [np.array([2, 0], INTS)], axis=1),
    "gather_all": one("Gather", (1, 6), [np.arange(6, dtype=INTS).reshape(1, 2, 3)], axis=1),
    "gather_grid": one("Gather", (1, 3, 4, 5), [np.array([[2, 0], [1, 1]], INTS)], axis=1),
    "gather_steps": one("Gather", (1, 3, 4, 5), [np.array([3, 1], INTS)], axis=2),
    "gather_one": one("Gather", (1, 3, 4, 5), [np.array(-1, INTS)], axis=2),
    "gemm": one("Gemm", (2, 5), [array(5, 4), array(4)], alpha=0.5, beta=2.0),
    "global_average_pool": one("GlobalAveragePool", (1, 3, 4, 5)),
    "global_max_pool": one("GlobalMaxPool", (1, 3, 4, 5)),
    "gelu": one("Gelu", (1, 3, 4, 5), opset=20),
    "gelu_tanh": one("Gelu", (1, 3, 4, 5), opset=20, approximate="tanh"),
    "group_normalization": like_input(one(
        "GroupNormalization", (1, 6, 4, 5), [array(6), array(6, seed=1)], opset=21, num_groups=3
    )),
    "hard_sigmoid": one("HardSigmoid", (1, 3, 4, 5), alpha=0.3),
    "instance_normalization": one("InstanceNormalization", (1, 3, 4, 5), [array(3), array(3, seed=1)]),
    "instance_normalization_line": one("InstanceNormalization", (1, 3, 20), [array(3), array(3, seed=1)]),
    "layer_normalization": one("LayerNormalization", (1, 3, 4, 5), [array(5), array(5, seed=1)]),
    "layer_normalization_all": one("LayerNormalization", (1, 3, 4, 5), [array(3, 4, 5)], axis=1, epsilon=0.1),
    "rms_normalization": one("RMSNormalization", (1, 3, 4, 5), [array(5)], opset=23),
    "hard_swish": one("HardSwish", (1, 3, 4, 5)),
    "leaky_relu": one("LeakyRelu", (1, 3, 4, 5), alpha=0.2),
    "matmul": one("MatMul", (2, 3, 5), [array(5, 4)]),
    "matmul_alike": one("MatMul", (2, 3, 5), [array(1, 5, 4)]),
    "matmul_in_front": model(
        [helper.make_node("MatMul", ["w", "x"], ["y"])], {"x": (2, 3, 5)}, ["y"], {"w": array(4, 3)}
    ),
    "matmul_in_front_of_vector": model(
        [helper.make_node("MatMul", ["w", "x"], ["y"])], {"x": (3,)}, ["y"], {"w": array(4, 3)}
    ),
    "max": one("Max", (1, 3, 4, 5), [array(3, 1, 1), array(1)]),
    "max_pool": one("MaxPool", (1, 3, 7, 6), kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]),
    "max_pool_ceil": one("MaxPool", (1, 3, 7, 6), kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    "min": one("Min", (1, 3, 4, 5), [array(4, 5)]),
    "mul_row": one("Mul", (1, 3, 4, 5), [array(5)]),
    "neg": one("Neg", (1, 3, 4, 5)),
    "pad": one("Pad", (1, 3, 4, 5), [np.array([0, 0, 1, 2, 0, 0, 3, 0], INTS), np.float32(0.5)]),
    "pad_cut": one("Pad", (1, 3, 4, 5), [np.array([0, -1, 1, 2, 0, 0, -2, 0], INTS)]),
    "pad_reflect": one("Pad", (1, 3, 4, 5), [np.array([0, 0, 1, 2, 0, 0, 3, 0], INTS)], mode="reflect"),
    "pow_cube": one("Pow", (1, 3, 4, 5), [np.float32(3)]),
    "pow": one("Pow", (1, 3, 4, 5), [np.float32(2)]),
    "prelu": one("PRelu", (1, 3, 4, 5), [array(3, 1, 1)]),
    "reduce_max": one("ReduceMax", (1, 3, 4, 5), axes=[1, 3], keepdims=0),
    "reduce_mean": one("ReduceMean", (1, 3, 4, 5), axes=[-1], keepdims=1),
    "reduce_mean_new": one("ReduceMean", (1, 3, 4, 5), [np.array([2], INTS)], opset=18),
    "reduce_min": one("ReduceMin", (1, 3, 4, 5)),
    "reduce_sum": one("ReduceSum", (1, 3, 4, 5), [np.array([1], INTS)], keepdims=0),
    "relu": one("Relu", (1, 3, 4, 5)),
    "reshape": one("Reshape", (1, 4, 3, 5), [np.array([0, 2, -1, 5], INTS)]),
    "reshape_merged": one("Reshape", (1, 4, 3, 5), [np.array([1, 4, 15], INTS)]),
    "resize": one(
        "Resize", (1, 3, 4, 5), [np.zeros(0, np.float32), np.array([1, 1, 2, 3], np.float32)],
        mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    ),
    "resize_linear": one(
        "Resize", (1, 3, 4, 5), [np.zeros(0, np.float32), np.array([1, 1, 2, 2], np.float32)], mode="linear"
    ),
    "sigmoid": one("Sigmoid", (1, 3, 4, 5)),
    "slice": one(
        "Slice", (1, 3, 8, 5),
        [np.array([1, 6], INTS), np.array([3, -9], INTS), np.array([1, 2], INTS), np.array([1, -2], INTS)],
    ),
    "softmax_channels": one("Softmax", (1, 3, 4, 5), axis=1),
    "softmax_last": one("Softmax", (2, 5)),
    "space_to_depth": one("SpaceToDepth", (1, 3, 4, 6), blocksize=2),
    "squeeze": one("Squeeze", (1, 3, 1, 5), [np.array([2], INTS)]),
    "sub": one("Sub", (1, 3, 4, 5), [array(3, 4, 5)]),
    "tanh": one("Tanh", (1, 3, 4, 5)),
    "transpose": one("Transpose", (1, 3, 4, 5), perm=[0, 2, 3, 1]),
    "unsqueeze": one("Unsqueeze", (3, 5), [np.array([0, 2], INTS)]),
}  # fmt: skip


def written(made: Any, folder: Path) -> Path:
    file = folder / "model.onnx"
    onnx.save(made, str(file))
    return file


def as_file(loaded: Loaded, tensor: str, value: Any) -> Any:
    """A graph's tensor in the file's order of dimensions."""
    return np.moveaxis(value, -1, 1) if tensor in loaded.moved else value


def equal(loaded: Loaded, file: Path, least: float = 1e-5) -> Graph:
    """ONNX Runtime computes the same of the file."""
    graph, session = loaded.graph, runtime.InferenceSession(str(file))
    inputs = {p.tensor: array(1, *p.type.shape, seed=5 + i) for i, p in enumerate(graph.inputs)}
    feeds = {
        i.name: as_file(loaded, p.tensor, inputs[p.tensor][0])
        for i, p in zip(session.get_inputs(), graph.inputs, strict=True)
    }
    values = evaluate_floats(graph, inputs)
    for port, wanted in zip(graph.outputs, session.run(None, feeds), strict=True):
        found = as_file(loaded, port.tensor, values[port.tensor][0])
        bound = least * max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=bound)
    return graph


def compare(made: Any, folder: Path) -> Graph:
    file = written(made, folder)
    return equal(load_onnx(file), file)


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_computes_what_onnx_runtime_does(name: str, tmp_path: Path) -> None:
    compare(OPERATORS[name], tmp_path)


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 21])
def test_a_network_of_any_opset(opset: int, tmp_path: Path) -> None:
    if opset < 11:
        pytest.skip("Clip takes its bounds as inputs from opset 11 on")
    graph = compare(network(opset=opset), tmp_path)
    kinds = [op.kind for op in graph.ops]
    # Flatten orders by channels: the weights of the dense layer do so too
    assert "transpose" not in kinds
    assert kinds[0] == "conv2d"


def test_transposes_of_the_file_are_no_ops(tmp_path: Path) -> None:
    """What a converter from TensorFlow writes around convolutions."""
    nodes = [
        helper.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["a", "w"], ["b"], pads=[1, 1, 1, 1]),
        helper.make_node("Transpose", ["b"], ["c"], perm=[0, 2, 3, 1]),
        helper.make_node("Add", ["c", "bias"], ["d"]),
        helper.make_node("Transpose", ["d"], ["e"], perm=[0, 3, 1, 2]),
        helper.make_node("Relu", ["e"], ["y"]),
    ]
    made = model(nodes, {"x": [1, 6, 5, 3]}, ["y"], {"w": array(4, 3, 3, 3), "bias": array(4)})
    assert [op.kind for op in compare(made, tmp_path).ops] == ["conv2d", "add", "relu"]


def test_open_dimensions(tmp_path: Path) -> None:
    assert compare(network(batch="N"), tmp_path).inputs[0].type.shape == (1, 12, 16, 3)
    made = model([helper.make_node("Relu", ["x"], ["y"])], {"x": ["N", 3, "H", "W"]}, ["y"])
    file = written(made, tmp_path)
    with pytest.raises(ModelError, match=r"input 'x' leaves its shape open: \[\?, 3, \?, \?\]") as asked:
        load_onnx(file)
    assert "--shape x=1,3,96,96" in asked.value.hint
    assert load_onnx(file, [("x", (1, 3, 8, 6))]).graph.inputs[0].type.shape == (1, 8, 6, 3)
    for wrong in (("z", (1, 3, 8, 6)), ("x", (1, 4, 8, 6)), ("x", (1, 3))):
        with pytest.raises(UsageError, match="--shape"):
            load_onnx(file, [wrong])


def test_everything_that_is_missing_is_told_once(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Bernoulli", ["x"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("RandomNormalLike", ["x"], ["c"]),
        helper.make_node("Add", ["b", "c"], ["y"]),
    ]
    with pytest.raises(ModelError) as refused:
        load_onnx(written(model(nodes, {"x": [1, 4]}, ["y"]), tmp_path))
    assert refused.value.message.splitlines() == [
        "model.onnx: op 0 Bernoulli 'a': this operator is not supported",
        "model.onnx: op 2 RandomNormalLike 'c': this operator is not supported",
    ]


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    data = written(network(), tmp_path).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(data)
        for at in rng.integers(0, len(data), 3):
            damaged[at] = int(rng.integers(256))
        file = tmp_path / "damaged.onnx"
        file.write_bytes(damaged[: int(rng.integers(10, len(data)))] if rng.integers(2) else damaged)
        with suppress(ModelError):
            load_onnx(file)


def test_firmware_of_an_onnx_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Samples may have their channels second, as the file says, or last, as the firmware takes them."""
    file, out = written(network(batch="N"), tmp_path), tmp_path / "out.tflite"
    x = array(40, 3, 12, 16, seed=3)
    np.save(tmp_path / "first.npy", x)
    np.save(tmp_path / "last.npy", np.moveaxis(x, 1, -1))
    contents = []
    for name in ("first.npy", "last.npy"):
        assert run(["quantize", str(file), "--calibration", str(tmp_path / name), "-o", str(out)]) == 0
        contents.append(out.read_bytes())
    assert contents[0] == contents[1]
    line = ["run", str(file), "--board", "host", "--quantize", "int8"]
    assert run([*line, "--calibration", str(tmp_path / "first.npy")]) == 0
    assert "bit-exact" in capsys.readouterr().out
    # without samples it stays float
    assert run(["run", str(file), "--board", "host"]) == 0
    assert "judge onnxruntime" in capsys.readouterr().out


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
def test_firmware_on_an_emulated_board(board: str, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array(20, 3, 12, 16, seed=3))
    options = Options(load_board(board), calibration=tmp_path / "x.npy", effort="fast")
    result = run_model(written(network(), tmp_path), options, Samples(2, 1))
    assert (result.json["judge"], result.json["bit_exact"]) == ("litert", True)


def test_real_models(shared: Path) -> None:
    """Files by others: convolutional ones run, in float, as ONNX Runtime runs them."""
    count = 0
    for file in sorted((shared / "wild").glob("*.onnx")):
        try:
            loaded = load_onnx(file)
        except ModelError:
            continue
        if loaded.graph.macs() < 2e8 and not loaded.is_quantized:
            equal(loaded, file, least=1e-4)
            count += 1
    assert count >= 8
