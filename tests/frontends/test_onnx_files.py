"""ONNX files as they come: every opset, weights beside the file or of half precision, converters from TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import array, model  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare, equal, written  # noqa: E402
from tinyc.errors import ModelError  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402

node = onnx.helper.make_node
RUNTIME_KNOWS = 26


def old(opset: int) -> Any:
    """Convolution, batch normalization, padding, Upsample's kin left out: what opset 7 has as later ones do."""
    nodes = [
        node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["a", "s", "b", "m", "v"], ["c"]),
        node("Relu", ["c"], ["d"]),
        node("MaxPool", ["d"], ["e"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["e"], ["f"]),
        node("Gemm", ["f", "k", "l"], ["g"]),
        node("Softmax", ["g"], ["y"], axis=1),
    ]
    constants = {
        "w": array(4, 3, 3, 3, scale=0.3), "s": array(4) + 1, "b": array(4), "m": array(4), "v": np.abs(array(4)) + 1,
        "k": array(4 * 3 * 4, 5, scale=0.2), "l": array(5),
    }  # fmt: skip
    return model(nodes, {"x": ["N", 3, 6, 8]}, ["y"], constants, opset)


@pytest.mark.parametrize("opset", range(7, 29))
def test_every_opset_is_read(opset: int, tmp_path: Path) -> None:
    if opset > onnx.defs.onnx_opset_version():
        pytest.skip("the package does not know it")
    if opset <= RUNTIME_KNOWS:
        graph = compare(old(opset), tmp_path)
    else:
        file = tmp_path / "model.onnx"
        onnx.save(old(opset), str(file))
        graph = load_onnx(file).graph
    assert graph.inputs[0].type.shape == (1, 6, 8, 3)


def test_weights_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    options: dict[str, Any] = {"save_as_external_data": True, "location": "weights.bin", "size_threshold": 0}
    onnx.save_model(old(17), str(file), **options)
    assert (tmp_path / "weights.bin").is_file()
    equal(load_onnx(file), file)
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(ModelError, match=r"weights\.bin"):
        load_onnx(file)


def test_half_precision_is_widened(tmp_path: Path) -> None:
    """Weights of 16 bits, cast where they are read, and a network of 16 bits throughout."""
    half = array(4, 3, 1, 1).astype(np.float16)
    cast = [node("Cast", ["w"], ["wide"], to=1), node("Conv", ["x", "wide"], ["y"])]
    compare(model(cast, {"x": (1, 3, 5, 4)}, ["y"], {"w": half}), tmp_path)
    made = model([node("Conv", ["x", "w"], ["y"])], {"x": (1, 3, 5, 4)}, ["y"], {"w": half})
    for port in (*made.graph.input, *made.graph.output):
        port.type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    file = tmp_path / "half.onnx"
    onnx.save(made, str(file))
    assert [op.kind for op in load_onnx(file).graph.ops] == ["conv2d"]


def test_a_sequence_of_half_precision_inside_has_its_channels_last(tmp_path: Path) -> None:
    """As converters to half precision write it where inputs and outputs stay float."""
    nodes = [
        node("Cast", ["x"], ["half"], to=onnx.TensorProto.FLOAT16),
        node("Conv", ["half", "w"], ["a"], pads=[1, 1]),
        node("Relu", ["a"], ["b"]),
        node("Cast", ["b"], ["y"], to=onnx.TensorProto.FLOAT),
    ]
    constants = {"w": array(5, 3, 3).astype(np.float16)}
    file = written(model(nodes, {"x": (1, 3, 9)}, ["y"], constants), tmp_path)
    assert "transpose" not in [op.kind for op in equal(load_onnx(file), file, least=1e-2).ops]


@pytest.mark.parametrize("first", ["Pad", "Slice", "Mul"])
def test_a_sequence_has_its_channels_last_behind_what_is_ahead_of_the_convolution(
    first: str, tmp_path: Path
) -> None:
    """Causal padding, the last steps alone, a normalization."""
    ahead = {
        "Pad": node("Pad", ["x", "pads"], ["a"]),
        "Slice": node("Slice", ["x", "from", "to", "axis"], ["a"]),
        "Mul": node("Mul", ["x", "scale"], ["a"]),
    }
    nodes = [ahead[first], node("Conv", ["a", "w"], ["b"]), node("Relu", ["b"], ["y"])]
    constants = {
        "pads": np.array([0, 0, 2, 0, 0, 0]),
        "from": np.array([3]),
        "to": np.array([100]),
        "axis": np.array([2]),
        "scale": array(1, 4, 1),
        "w": array(6, 4, 3),
    }
    graph = compare(model(nodes, {"x": (1, 4, 16)}, ["y"], constants), tmp_path)
    assert "transpose" not in [op.kind for op in graph.ops]
    assert graph.type(graph.inputs[0].tensor).shape == (1, 16, 4)


def test_a_sequence_as_converters_from_tensorflow_write_it(tmp_path: Path) -> None:
    """Conv1D of [N, T, C]: turned, a dimension added, a convolution of images, the dimension dropped, turned back."""
    nodes = [
        node("Transpose", ["x"], ["a"], perm=[0, 2, 1]),
        node("Unsqueeze", ["a", "two"], ["b"]),
        node("Conv", ["b", "w"], ["c"], pads=[0, 1, 0, 1]),
        node("Squeeze", ["c", "two"], ["d"]),
        node("Transpose", ["d"], ["e"], perm=[0, 2, 1]),
        node("Add", ["e", "bias"], ["f"]),
        node("Relu", ["f"], ["g"]),
        node("ReduceMean", ["g"], ["h"], axes=[1], keepdims=0),
        node("MatMul", ["h", "k"], ["y"]),
    ]
    constants = {"two": np.array([2]), "w": array(6, 4, 1, 3), "bias": array(6), "k": array(6, 5)}
    graph = compare(model(nodes, {"x": (1, 16, 4)}, ["y"], constants), tmp_path)
    assert "transpose" not in [op.kind for op in graph.ops]


def test_another_optimizer_changes_nothing(tmp_path: Path) -> None:
    """What onnxslim makes of a file computes the same."""
    slim = pytest.importorskip("onnxslim")
    made = old(17)
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    file = tmp_path / "slim.onnx"
    onnx.save(slim.slim(made), str(file))
    equal(load_onnx(file), file)
