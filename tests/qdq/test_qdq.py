"""Quantized ONNX files: exact to LiteRT of the export in C, at most a step from ONNX Runtime."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")
pytest.importorskip("ai_edge_litert")

from onnxruntime.quantization import quantize_dynamic  # noqa: E402 - they need onnx

from tests.e2e.batch import make_case, wrong  # noqa: E402
from tests.qdq.judged import channels_last, compared  # noqa: E402
from tests.qdq.nets import random_net  # noqa: E402
from tests.qdq.quantized import INT8, UINT8, answers, is_exact, quantized, random_options, samples_of  # noqa: E402
from tests.stub_model import needs_qemu  # noqa: E402
from tinyc.cli import run  # noqa: E402
from tinyc.errors import ModelError  # noqa: E402
from tinyc.frontends import load_tflite  # noqa: E402
from tinyc.frontends.floats import load_float_model  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402
from tinyc.numerics.erf import erf  # noqa: E402
from tinyc.passes import optimize  # noqa: E402
from tinyc.quantize.stated.file import model_file  # noqa: E402
from tinyc.verify.expected import Vectors  # noqa: E402
from tinyc.verify.judge import IsolatedJudge  # noqa: E402

helper, numpy_helper, TensorProto = onnx.helper, onnx.numpy_helper, onnx.TensorProto
#: Of `python -m tests.qdq`.
SEEDS = (0, 1, 8, 12, 14, 18, 24, 33)


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def network() -> Any:
    """Convolutions, a residual sum, pooling, Flatten and Gemm, without what ought to be folded before."""
    rng, node = np.random.default_rng(0), helper.make_node

    def weights(*shape: int) -> Any:
        return (rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    nodes = [
        node("Conv", ["x", "w0", "b0"], ["a0"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Relu", ["a0"], ["a1"]),
        node("Conv", ["a1", "w1", "b1"], ["a2"], pads=[1, 1, 1, 1], group=16),
        node("Clip", ["a2", "zero", "six"], ["a3"]),
        node("Conv", ["a3", "w2", "b0"], ["a4"]),
        node("Add", ["a4", "a1"], ["a5"]),
        node("MaxPool", ["a5"], ["a6"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        node("Concat", ["a6", "a6"], ["a7"], axis=1),
        node("GlobalAveragePool", ["a7"], ["a8"]),
        node("Flatten", ["a8"], ["a9"]),
        node("Gemm", ["a9", "w3", "b3"], ["y"], transB=1),
    ]
    constants = {
        "w0": weights(16, 3, 3, 3), "b0": weights(16), "w1": weights(16, 1, 3, 3), "b1": weights(16),
        "w2": weights(16, 16, 1, 1), "w3": weights(10, 32), "b3": weights(10),
        "zero": np.float32(0), "six": np.float32(6),
    }  # fmt: skip
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 15, 18])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
@pytest.mark.parametrize(
    ("activation", "weight", "per_channel"),
    [(INT8, INT8, True), (UINT8, INT8, True), (UINT8, INT8, False), (UINT8, UINT8, False)],
)
def test_equal_to_litert_and_near_to_onnx_runtime(
    form: str, activation: Any, weight: Any, per_channel: bool, judges: IsolatedJudge, tmp_path: Path
) -> None:
    options = {"activation_type": activation, "weight_type": weight, "per_channel": per_channel}
    file = quantized(network(), tmp_path / "q.onnx", form, **options)
    made = compared(file, samples_of(network(), 16, 1), judges, "q")
    assert not wrong([made.case], tmp_path / "c")
    if not is_exact(form, **options):
        pytest.skip("equal to LiteRT; ONNX Runtime saturates on this CPU and is no judge")
    assert made.steps.max() < 1.01


@pytest.mark.slow
def test_random_models(judges: IsolatedJudge, tmp_path: Path) -> None:
    cases, steps = [], []
    for seed in SEEDS:
        model = random_net(seed)
        file = quantized(model, tmp_path / f"q{seed}.onnx", **random_options(seed))
        made = compared(file, samples_of(model, 4, seed + 1), judges, f"q{seed}")
        cases.append(made.case)
        if is_exact(**random_options(seed)):
            steps.append(made.steps)
    assert not wrong(cases, tmp_path / "c")
    assert float(np.mean(np.concatenate(steps) < 1.01)) > 0.99


@needs_qemu
def test_real_file_on_an_emulated_board(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shared / "wild" / "emx_micro_kws_m_qdq.onnx"
    assert run(["run", str(file), "--board", "mps2-an386", "--samples", "2"]) == 0
    assert "bit-exact" in capsys.readouterr().out


def test_float32_of_a_file_with_scales_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It would be compiled to int8 without a word."""
    file = tmp_path / "m.onnx"
    onnx.save(bytes_model(TensorProto.INT8), str(file))
    assert run(["report", str(file), "--board", "host", "--quantize", "none"]) == 64
    assert "m.onnx states the scales of its tensors" in capsys.readouterr().err
    assert run(["report", str(file), "--board", "host"]) == 0


#: Functions of one tensor as exporters write them, of the tensor "a", and what they are.
FUNCTIONS = {
    "silu": ([("Sigmoid", "a"), ("Mul", "a", 0)], lambda a: a / (1 + np.exp(-a))),
    "gelu": (
        [("Div", "a", "root"), ("Erf", 0), ("Add", 1, "one"), ("Mul", "a", 2), ("Mul", 3, "half")],
        lambda a: a * 0.5 * (1 + erf(a / np.sqrt(2))),
    ),
    "hard swish": (
        [("Add", "a", "three"), ("Clip", 0, "zero", "six"), ("Mul", "a", 1), ("Div", 2, "six")],
        lambda a: a * np.clip(a + 3, 0, 6) / 6,
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_between_two_scales_is_one_table(name: str, judges: IsolatedJudge, tmp_path: Path) -> None:
    """Networks that were trained rounded have no scales inside of SiLU and its kin."""
    calls, function = FUNCTIONS[name]
    constants = [
        numpy_helper.from_array(np.float32(v), n)
        for n, v in {
            "one": 1, "half": 0.5, "three": 3, "six": 6, "zero": 0, "root": np.sqrt(2), "s": 0.0507, "so": 0.0313
        }.items()
    ]  # fmt: skip
    constants += [numpy_helper.from_array(np.array(v, np.int8), n) for n, v in (("z", 3), ("zo", -100))]
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["xq"]),
        helper.make_node("DequantizeLinear", ["xq", "s", "z"], ["a"]),
        *(
            helper.make_node(kind, [n if isinstance(n, str) else f"f{n}" for n in read], [f"f{i}"])
            for i, (kind, *read) in enumerate(calls)
        ),
        helper.make_node("QuantizeLinear", [f"f{len(calls) - 1}", "so", "zo"], ["yq"]),
        helper.make_node("DequantizeLinear", ["yq", "so", "zo"], ["y"]),
    ]
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 256]) for n in "xy"]
    graph = helper.make_graph(nodes, "net", ports[:1], ports[1:], constants)
    file = tmp_path / "net.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    read = load_tflite(model_file(file).data, "net", "litert")
    (op,) = optimize(read).ops
    assert op.kind in ("table", "gelu")
    x = (np.arange(256, dtype=np.float32)[None] - 128 - 3) * np.float32(0.0507)
    made = compared(file, (x,), judges, "net")
    assert not wrong([made.case], tmp_path / "c")
    print(
        name,
        x.reshape(-1)[made.steps > 0.01],
        function(x.astype(float)).reshape(-1)[made.steps > 0.01] / 0.03,
    )
    assert made.steps.max() < 0.01
    wanted = np.clip(np.round(function(x.astype(np.float64)) / 0.0313), -28, 227) * 0.0313
    assert np.abs(made.case.vectors.expected[0].reshape(-1) - wanted.reshape(-1)).max() < 1e-5


def test_scales_count_as_no_operators(tmp_path: Path) -> None:
    """Of 1,020 nodes 340 are operators: no firmware has the others."""
    nodes, x = [], "x"
    for i in range(340):
        for kind, read, made in (
            ("Relu", [x], f"r{i}"),
            ("QuantizeLinear", [f"r{i}", "s", "z"], f"q{i}"),
            ("DequantizeLinear", [f"q{i}", "s", "z"], f"d{i}"),
        ):
            nodes.append(helper.make_node(kind, read, [made]))
        x = f"d{i}"
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 8]) for n in ("x", x)]
    constants = [numpy_helper.from_array(np.float32(0.1), "s"), numpy_helper.from_array(np.int8(0), "z")]
    graph = helper.make_graph(nodes, "long", ports[:1], ports[1:], constants)
    file = tmp_path / "long.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), file)
    assert len(load_onnx(file).graph.ops) > 1000


def bytes_model(kind: int) -> Any:
    """A model that takes and gives bytes: DequantizeLinear, Relu of their real numbers, QuantizeLinear."""
    zero = np.array(7, np.uint8 if kind == TensorProto.UINT8 else np.int8)
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "s", "z"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("QuantizeLinear", ["b", "s", "z"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "bytes",
        [helper.make_tensor_value_info("x", kind, [1, 8])],
        [helper.make_tensor_value_info("y", kind, [1, 8])],
        [numpy_helper.from_array(np.float32(0.5), "s"), numpy_helper.from_array(zero, "z")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(("kind", "dtype"), [(2, np.uint8), (3, np.int8)])
def test_bytes_stay_bytes_at_the_border(kind: int, dtype: Any, judges: IsolatedJudge, tmp_path: Path) -> None:
    file = tmp_path / "bytes.onnx"
    onnx.save(bytes_model(kind), file)
    x = np.arange(3, 243, 30).astype(dtype)[None]
    data = model_file(file).data
    graph = load_tflite(data, "bytes", "litert")
    assert graph.inputs[0].type.dtype == graph.outputs[0].type.dtype == np.dtype(dtype).name
    answer = judges.judge(data, (x[None],), "litert")
    assert answer is not None
    assert np.array_equal(answer.outputs[0], answers(file, [x])[0])


def edited(tmp_path: Path, **changes: Any) -> Path:
    """A file of DequantizeLinear, Relu and QuantizeLinear; changes: a constant's value, or `bits` of 4."""
    model = bytes_model(TensorProto.INT8)
    for name, value in changes.items():
        for at, constant in enumerate(model.graph.initializer):
            if constant.name == name:
                model.graph.initializer[at].CopyFrom(numpy_helper.from_array(value, name))
    onnx.save(model, tmp_path / "edited.onnx")
    return tmp_path / "edited.onnx"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"s": np.zeros((), np.float32)}, "a scale is not positive"),
        ({"s": np.ones(8, np.float32), "z": np.zeros(8, np.int8)}, "8 scales of an activation"),
        ({"z": np.zeros((), np.int16)}, "int16"),
    ],
)
def test_scales_that_no_byte_has_are_refused(changes: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=told):
        model_file(edited(tmp_path, **changes))


def test_float_and_quantized_models_are_told_apart(tmp_path: Path) -> None:
    onnx.save(network(), tmp_path / "float.onnx")
    with pytest.raises(ModelError, match="float ONNX model"):
        model_file(tmp_path / "float.onnx")
    with pytest.raises(ModelError, match="quantized already"):
        load_float_model(edited(tmp_path))


@pytest.mark.parametrize("form", ["QDQ", "QOperator"])
def test_places_of_the_largest_bytes(form: str, judges: IsolatedJudge, tmp_path: Path) -> None:
    """As segmentation ends: whole numbers without a scale, of bytes in the file of either form."""
    made = network()
    nodes = [*made.graph.node[:2], helper.make_node("ArgMax", ["a1"], ["y"], axis=1, keepdims=1)]
    del made.graph.node[:], made.graph.output[:]
    made.graph.node.extend(nodes)
    made.graph.output.append(helper.make_tensor_value_info("y", TensorProto.INT64, [1, 1, 8, 9]))
    options = {
        "activation_type": UINT8,
        "weight_type": INT8,
        "op_types_to_quantize": ["Conv", "Relu", "ArgMax"],
    }
    file = quantized(made, tmp_path / "q.onnx", form, **options)
    inputs = samples_of(made, 2, 1)
    data = model_file(file).data
    answer = judges.judge(data, (channels_last(np.stack(inputs)),), "litert")
    assert answer is not None
    (found,), graph = answer.outputs, load_tflite(data, "q", "litert")
    assert graph.outputs[0].type.dtype == "int32"
    same = found == channels_last(answers(file, inputs)[0])
    assert same.mean() > 0.99
    vectors = Vectors((channels_last(np.stack(inputs)),), answer.outputs, answer.judge)
    assert not wrong([make_case("q", "q", graph, vectors)], tmp_path / "c")


def test_scales_found_while_it_runs_are_judged_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`quantize_dynamic` of ONNX Runtime, which then computes something else than the float network of such weights."""
    onnx.save(network(), tmp_path / "float.onnx")
    logging.disable(logging.CRITICAL)
    try:
        quantize_dynamic(tmp_path / "float.onnx", tmp_path / "m.onnx", weight_type=UINT8)
    finally:
        logging.disable(logging.NOTSET)
    assert run(["run", str(tmp_path / "m.onnx"), "--board", "host", "--samples", "2", "--layers"]) == 0
    assert "judge litert" in capsys.readouterr().out
