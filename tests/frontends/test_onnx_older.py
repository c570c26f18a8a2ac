"""Files that are not of the newest kind: operators newer than the opset, fused ones, outputs without a shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.errors import ModelError
from tinyc.frontends.onnx import load_onnx
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize.levels import levels_of

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
runtime = pytest.importorskip("onnxruntime")
runtime.set_default_logger_severity(4)

from tests.frontends.onnx_models import array  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import equal  # noqa: E402
from tests.wild.nets import Net  # noqa: E402


def of_microsoft(n: Net, kind: str, *inputs: Any, **attributes: Any) -> str:
    made = n(kind, *inputs, **attributes)
    n.nodes[-1].domain = "com.microsoft"
    return str(made)


def compare(n: Net, output: str, folder: Path, opset: int) -> list[str]:
    """Return the kinds of op that are left of a file that computes what ONNX Runtime does."""
    file = folder / "net.onnx"
    onnx.save(n.model(output, opset=opset), str(file))
    return [op.kind for op in equal(load_onnx(file), file).ops]


def test_a_file_that_onnx_runtime_optimized(tmp_path: Path) -> None:
    n = Net(x=(1, 5, 8))
    x = of_microsoft(n, "SkipLayerNormalization", "x", n.noise(1, 5, 8), n.noise(8), n.noise(8), epsilon=1e-5)
    x = of_microsoft(n, "BiasGelu", x, n.noise(8))
    x = of_microsoft(n, "FastGelu", of_microsoft(n, "Gelu", x))
    x = of_microsoft(n, "QuickGelu", x, alpha=1.5)
    assert compare(n, x, tmp_path, 12).count("gelu") == 3


@pytest.mark.parametrize(
    ("activation", "numbers"),
    [("Relu", []), ("LeakyRelu", [0.2]), ("Clip", [-0.5, 0.5]), ("HardSigmoid", [0.2, 0.5])],
)
def test_a_fused_convolution(activation: str, numbers: list[float], tmp_path: Path) -> None:
    n = Net(x=(1, 4, 9, 7))
    given = {"activation_params": numbers} if numbers else {}
    window = {"pads": [1, 0, 1, 0], "kernel_shape": [3, 1]}
    weights, bias = n.weights(6, 4, 3, 1), n.noise(6)
    x = of_microsoft(n, "FusedConv", "x", weights, bias, activation=activation, **window, **given)
    assert compare(n, x, tmp_path, 11)[0] == "conv2d"


@pytest.mark.parametrize(
    ("how", "first", "second"),
    [
        ({"alpha": 0.5}, (1, 4, 3, 5), (1, 4, 5, 2)),
        ({"transA": 1, "transB": 1}, (1, 4, 5, 3), (1, 4, 2, 5)),
        ({"transBatchA": 1, "transBatchB": 1, "transB": 1, "alpha": 0.3}, (3, 2, 4, 5), (6, 2, 4, 5)),
    ],
)
def test_a_fused_product_of_matrices(how: Any, first: Any, second: Any, tmp_path: Path) -> None:
    """As ONNX Runtime makes it of attention, with its transposes and its scale."""
    n = Net(x=first, z=second)
    compare(n, of_microsoft(n, "FusedMatMul", n("Tanh", "x"), n("Tanh", "z"), **how), tmp_path, 17)


def packed(numbers: Any, bits: int) -> Any:
    """Return whole numbers in bytes along the last dimension, the first in the lowest bits."""
    each = 8 // bits
    filled = np.concatenate([numbers, np.zeros((*numbers.shape[:-1], -numbers.shape[-1] % each), int)], -1)
    return sum(filled[..., i::each] << (bits * i) for i in range(each)).astype(np.uint8)


def of_few_bits(bits: int, rows: int, size: int, *, zero_points: bool, **more: Any) -> Net:
    """A product with ternary weights as ONNX Runtime packs them, the same scale in all blocks of a column."""
    rng = np.random.default_rng(bits)
    n, columns, blocks = Net(x=(2, rows)), 5, -(-rows // size)
    middle = 1 if zero_points else 2 ** (bits - 1)
    steps = rng.integers(-1, 2 if bits > 2 else 1, (columns, blocks, size)) + middle
    scales = np.repeat(rng.uniform(0.1, 1, columns).astype(np.float32), blocks)
    zeros = packed(np.full((columns, blocks), middle), bits).reshape(-1) if zero_points else ""
    of_microsoft(
        n, "MatMulNBits", "x", packed(steps, bits), scales, zeros, "", n.noise(columns),
        bits=bits, block_size=size, K=rows, N=columns, **more,
    )  # fmt: skip
    return n


@pytest.mark.parametrize("zero_points", [False, True])
@pytest.mark.parametrize(("bits", "rows", "size"), [(4, 48, 16), (4, 80, 32), (8, 32, 16), (2, 64, 32)])
def test_weights_that_onnx_runtime_packed(
    bits: int, rows: int, size: int, zero_points: bool, tmp_path: Path
) -> None:
    n = of_few_bits(bits, rows, size, zero_points=zero_points)
    assert compare(n, n.nodes[-1].output[0], tmp_path, 21) == ["fully_connected", "add"]
    graph = load_onnx(tmp_path / "net.onnx").graph
    weights: Any = graph.tensors[graph.ops[0].inputs[1]].data
    few = levels_of(weights.astype(np.float64))
    assert few is not None and few.counts.max() == 1


def test_packed_weights_of_other_bits_are_told(tmp_path: Path) -> None:
    n = of_few_bits(4, 48, 16, zero_points=False)
    next(a for a in n.nodes[-1].attribute if a.name == "bits").i = 5
    onnx.save(n.model(n.nodes[-1].output[0], opset=21), str(tmp_path / "net.onnx"))
    with pytest.raises(ModelError, match=r"op 0 MatMulNBits '.*': this operator of com\.microsoft is not"):
        load_onnx(tmp_path / "net.onnx")


def test_outputs_without_a_shape(tmp_path: Path) -> None:
    n = Net(x=(1, 4, 9, 7))
    model = n.model(n.conv("x", 4, 3))
    model.graph.output[0].type.tensor_type.ClearField("shape")
    onnx.save(model, str(tmp_path / "net.onnx"))
    assert load_onnx(tmp_path / "net.onnx").graph.outputs[0].type.shape == (1, 9, 7, 3)


def test_operators_newer_than_the_opset(tmp_path: Path) -> None:
    """A foreign exporter's LayerNormalization at 11, beside a Split and a mean of 11."""
    n = Net(x=(1, 4, 6))
    a, b = n("Split", "x", outs=2, axis=1, split=[1, 3])
    x = n("Add", n("ReduceMean", b, axes=[1]), a)
    x = n("LayerNormalization", x, n.noise(6), n.noise(6))
    model = n.model(x, opset=17)
    model.opset_import[0].version = 11
    onnx.save(model, str(tmp_path / "net.onnx"))
    graph = load_onnx(tmp_path / "net.onnx").graph
    assert "rsqrt" in [op.kind for op in graph.ops]
    model.opset_import[0].version = 17
    del model.graph.node[0].attribute[:]
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("axis", 1))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1, 3]), "sizes"))
    model.graph.node[0].input.append("sizes")
    onnx.save(model, str(tmp_path / "new.onnx"))
    x = array(1, 4, 6)
    (wanted,) = runtime.InferenceSession(str(tmp_path / "new.onnx")).run(None, {"x": x})
    made = evaluate_floats(graph, {graph.inputs[0].tensor: x[None]})[graph.outputs[0].tensor][0]
    np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=1e-5)


def test_the_oldest_broadcasts_are_refused(tmp_path: Path) -> None:
    n = Net(x=(1, 4, 6))
    y = n("Add", "x", n.noise(4), axis=1, broadcast=1)
    onnx.save(n.model(y, opset=6), str(tmp_path / "net.onnx"))
    with pytest.raises(ModelError, match=f"op 0 Add '{y}': `axis` of opset 6 is not supported") as refused:
        load_onnx(tmp_path / "net.onnx")
    assert refused.value.hint == "export the model at opset 7 or newer"


def test_one_name_is_one_size(tmp_path: Path) -> None:
    """The batch is what stands first somewhere; a size that is given is given wherever its name stands."""
    n = Net(x=("batch", 4, "length"), state=(2, "batch", 4), mask=("batch", "length"))
    x = n(
        "Add",
        n("MatMul", n("Unsqueeze", "mask", np.array([1])), n("Transpose", "x", perm=[0, 2, 1])),
        "state",
    )
    onnx.save(n.model(x), str(tmp_path / "net.onnx"))
    with pytest.raises(ModelError, match=r"input 'x' leaves its shape open: \[\?, 4, \?\]"):
        load_onnx(tmp_path / "net.onnx")
    graph = load_onnx(tmp_path / "net.onnx", [("x", (1, 4, 6))]).graph
    assert [p.type.shape for p in graph.inputs] == [(1, 4, 6), (2, 1, 4), (1, 6)]


def test_a_shape_without_a_name_is_of_the_input_that_is_open(tmp_path: Path) -> None:
    n = Net(x=(1, "length"), least=())
    onnx.save(n.model(n("Add", "x", "least")), str(tmp_path / "net.onnx"))
    graph = load_onnx(tmp_path / "net.onnx", [("", (1, 5))]).graph
    assert [p.type.shape for p in graph.inputs] == [(1, 5), ()]


def test_an_input_times_zero_is_not_needed(tmp_path: Path) -> None:
    """Exporters keep inputs that way; what is integers for nothing else is no reason to refuse the file."""
    n = Net(x=(1, 5), rate=())
    y = n("Add", "x", n("Cast", n("Mul", n("Cast", "rate", to=7), np.array(0)), to=1))
    onnx.save(n.model(y), str(tmp_path / "net.onnx"))
    graph = load_onnx(tmp_path / "net.onnx").graph
    assert [op.kind for op in graph.ops if graph.type(op.outputs[0]).dtype == "float32"] == ["add"]
