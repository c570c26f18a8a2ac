"""ONNX's types of 4 and 2 bits, scales for blocks, and the clamped steps that Brevitas writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("ai_edge_litert")

from onnx.reference import ReferenceEvaluator  # noqa: E402 - they need onnx

from tests.qdq.few_bit_models import TYPES, model, real, tensor, weighted  # noqa: E402
from tests.qdq.judged import channels_last  # noqa: E402
from tinyc.errors import ModelError  # noqa: E402
from tinyc.frontends import load_tflite  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402
from tinyc.ir import Graph  # noqa: E402
from tinyc.ops.conv2d import Conv2D  # noqa: E402
from tinyc.quantize.stated.file import model_file  # noqa: E402
from tinyc.verify.judge import IsolatedJudge  # noqa: E402

helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto
of_types = pytest.mark.parametrize("kind", [k for k in TYPES if hasattr(TensorProto, k)])


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def answered(file: Path, x: Any, judges: IsolatedJudge) -> tuple[Graph, Any]:
    made = model_file(file)
    answer = judges.judge(made.data, (channels_last(x),), "litert")
    assert answer is not None
    return load_tflite(made.data, made.name, "litert"), answer.outputs[0]


def saved(made: Any, folder: Path) -> Path:
    onnx.save(made, folder / "few.onnx")
    return folder / "few.onnx"


@of_types
@pytest.mark.parametrize("per_channel", [True, False])
def test_weights_and_activations_of_few_bits(
    kind: str, per_channel: bool, judges: IsolatedJudge, tmp_path: Path
) -> None:
    made = weighted(kind, per_channel)
    x = np.random.default_rng(3).normal(0, 1, (20, 1, 3, 9, 6)).astype(np.float32)
    graph, found = answered(saved(made, tmp_path), x, judges)
    evaluator = ReferenceEvaluator(made)
    wanted = channels_last(np.stack([evaluator.run(None, {"x": one})[0] for one in x]))
    low, high, _ = TYPES[kind]
    assert len(np.unique(wanted)) == high - low + 1
    steps = np.round(np.abs(found - wanted) / 0.71, 4)
    assert steps.max() <= 1
    assert (steps > 0).mean() <= (0 if high - low == 3 else 0.006)
    conv = next(op for op in graph.ops if isinstance(op, Conv2D))
    weights: Any = graph.tensors[conv.weights].data
    assert weights.dtype == np.int8
    assert len(np.unique(weights)) <= high - low + 1


@of_types
def test_steps_without_a_zero_point(kind: str, judges: IsolatedJudge, tmp_path: Path) -> None:
    """The type is told by an attribute then."""
    low, high, opset = TYPES[kind]
    number = getattr(TensorProto, kind)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s"], ["q"], output_dtype=number),
        helper.make_node("DequantizeLinear", ["q", "s"], ["y"]),
    ]
    x = (np.arange(-40, 40, dtype=np.float32).reshape(1, 1, 80) + 0.3) / 3
    _, found = answered(saved(model(nodes, [real("s", 0.5)], (1, 80), (1, 80), opset), tmp_path), x, judges)
    np.testing.assert_allclose(found, np.clip(np.rint(x / 0.5), low, high) * 0.5)


@of_types
@pytest.mark.parametrize("axis", [0, 1])
def test_scales_for_blocks_of_constants(kind: str, axis: int, tmp_path: Path) -> None:
    """Weights alone: the network computes in float, by the numbers that the steps stand for."""
    low, high, opset = TYPES[kind]
    rng = np.random.default_rng(1)
    data = rng.integers(low, high + 1, (10, 6))
    blocks = (4, 6) if axis == 0 else (10, 2)
    scales, zeros = rng.uniform(0.1, 1, blocks), rng.integers(max(low, 0), high + 1, blocks)
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s", "z"], ["r"], axis=axis, block_size=3),
        helper.make_node("MatMul", ["x", "r"], ["y"]),
    ]
    constants = [tensor("w", kind, data), real("s", scales), tensor("z", kind, zeros)]
    file = saved(model(nodes, constants, (1, 10), (1, 6), opset), tmp_path)
    found = load_onnx(file)
    assert not found.is_quantized
    (op,) = found.graph.ops
    weights: Any = found.graph.tensors[op.inputs[1]].data
    at = np.arange(data.shape[axis]) // 3
    wanted = (data - np.take(zeros, at, axis)) * np.take(scales.astype(np.float32), at, axis)
    np.testing.assert_allclose(weights, wanted.T, rtol=1e-6)


def test_blocks_that_do_not_fit_are_told(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["w", "s"], ["r"], axis=0, block_size=3),
        helper.make_node("MatMul", ["x", "r"], ["y"]),
    ]
    constants = [tensor("w", "INT4", np.ones((10, 6), int)), real("s", np.ones((5, 6)))]
    with pytest.raises(
        ModelError, match=r"op 0 DequantizeLinear 'r': scales \[5, 6\] for \[10, 6\] in blocks of 3"
    ):
        load_onnx(saved(model(nodes, constants, (1, 10), (1, 6), 21), tmp_path))


def test_clamped_steps_as_brevitas_writes_them(judges: IsolatedJudge, tmp_path: Path) -> None:
    """QuantizeLinear to int8, Clip to a few of its numbers, DequantizeLinear: of weights and of activations."""
    rng, node = np.random.default_rng(5), helper.make_node
    nodes = []
    for name, scale, ends in (("x", "s", ("n1", "p1")), ("w", "ws", ("n1", "p1")), ("c", "so", ("n1", "p1"))):
        if name == "c":
            nodes.append(node("Gemm", ["x_r", "w_r", "b"], ["c"], transB=1))
        nodes += [
            node("QuantizeLinear", [name, scale, "z"], [f"{name}_q"]),
            node("Clip", [f"{name}_q", *ends], [f"{name}_c"]),
            node("DequantizeLinear", [f"{name}_c", scale, "z"], ["y" if name == "c" else f"{name}_r"]),
        ]
    constants = [
        real("s", 0.5), real("ws", 0.25), real("so", 0.8), real("w", rng.normal(0, 0.2, (11, 13))),
        real("b", rng.normal(0, 0.3, 11)),
        *(numpy_helper.from_array(np.int8(v), name) for name, v in (("z", 0), ("n1", -1), ("p1", 1))),
    ]  # fmt: skip
    made = model(nodes, constants, (1, 13), (1, 11), 17)
    x = rng.normal(0, 0.5, (50, 1, 13)).astype(np.float32)
    graph, found = answered(saved(made, tmp_path), x, judges)
    weights, values = np.clip(np.rint(rng_of(made, "w") / 0.25), -1, 1), np.clip(np.rint(x / 0.5), -1, 1)
    sums = values @ weights.T * 0.125 + rng_of(made, "b")
    np.testing.assert_allclose(found, np.clip(np.rint(sums / 0.8), -1, 1) * np.float32(0.8), rtol=1e-6)
    dense: Any = next(graph.tensors[op.inputs[1]].data for op in graph.ops if op.kind == "fully_connected")
    assert len(np.unique(dense)) == 3


def rng_of(made: Any, name: str) -> Any:
    """Return a constant of a model."""
    return next(numpy_helper.to_array(i) for i in made.graph.initializer if i.name == name)
