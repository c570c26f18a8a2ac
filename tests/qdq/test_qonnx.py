"""QONNX files: each operator as the specification has it, and INT8 networks of few bits equal to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("ai_edge_litert")

from tests.qdq.judged import channels_last  # noqa: E402 - they need onnx
from tests.qdq.qonnx_models import (  # noqa: E402
    DOMAIN,
    MODES,
    Net,
    averaged,
    binary,
    branches,
    convolutions,
    evaluated,
    one,
    saved,
)
from tests.stub_model import needs_qemu  # noqa: E402
from tinyc.cli import run  # noqa: E402
from tinyc.errors import ModelError  # noqa: E402
from tinyc.frontends import load_tflite  # noqa: E402
from tinyc.frontends.onnx.qonnx import without_qonnx  # noqa: E402
from tinyc.ir import Graph  # noqa: E402
from tinyc.ops.conv2d import Conv2D  # noqa: E402
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D  # noqa: E402
from tinyc.ops.float_binary import FloatBinary  # noqa: E402
from tinyc.ops.fully_connected import FullyConnected  # noqa: E402
from tinyc.quantize.stated.file import model_file  # noqa: E402
from tinyc.verify.judge import IsolatedJudge  # noqa: E402

RANGES = ((2, 1, 1), (2, 0, 0), (3, 1, 0), (4, 0, 1), (8, 1, 0), (8, 0, 0), (8, 1, 1), (12, 1, 0))
#: Halves and quarters of steps, and beyond all ranges.
POINTS = (np.arange(-80, 80, dtype=np.float32) / 8 * np.float32(0.25)).reshape(1, 160)


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def standard(model: Any) -> Any:
    """Return the model of ONNX's own operators, in ONNX Runtime."""
    made = type(model)()
    made.CopyFrom(model)
    without_qonnx(made, "q.onnx")
    assert {n.domain for n in made.graph.node} == {""}
    return onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("bits", "signed", "narrow"), RANGES)
@pytest.mark.parametrize("zero", [0, 2])
def test_quant_is_the_operators_that_it_becomes(
    mode: str, bits: int, signed: int, narrow: int, zero: int
) -> None:
    model = one(POINTS.shape, scale=0.25, bits=bits, zero=zero, signed=signed, narrow=narrow, mode=mode)
    found = standard(model).run(None, {"x": POINTS})[0]
    np.testing.assert_array_equal(found, evaluated(model, [POINTS])[0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("more", [(4,), (2.0, 4)])
def test_trunc_is_the_operators_that_it_becomes(mode: str, more: tuple[float, ...]) -> None:
    net = Net()
    names = ["x", *(net.constant(v) for v in (0.25, 0.0, 7.0, *more))]
    model = net.model(POINTS.shape, net.node("Trunc", names, DOMAIN, rounding_mode=mode), POINTS.shape)
    found = standard(model).run(None, {"x": POINTS})[0]
    np.testing.assert_array_equal(found, evaluated(model, [POINTS])[0])


@pytest.mark.parametrize("scale", [0.5, np.array([[0.25, 2.0, 1.5]])])
def test_bipolar_is_the_operators_that_it_becomes(scale: Any) -> None:
    net = Net()
    model = net.model((1, 3), net.bipolar("x", scale), (1, 3))
    for x in ([[0.0, -1e-20, 3.0]], [[-2.0, 1e-20, 0.0]]):
        found = standard(model).run(None, {"x": np.array(x, np.float32)})[0]
        np.testing.assert_array_equal(found, evaluated(model, [np.array(x, np.float32)])[0])


def answered(file: Path, inputs: Any, judges: IsolatedJudge) -> tuple[Graph, Any]:
    """Return the graph of the export, and LiteRT's answers. inputs: [N, *shape of the file]."""
    made = model_file(file)
    answer = judges.judge(made.data, (channels_last(np.asarray(inputs)),), "litert")
    assert answer is not None
    return load_tflite(made.data, made.name, "litert"), answer.outputs[0]


def inputs_of(count: int, *shape: int) -> Any:
    return np.random.default_rng(7).normal(0, 2, (count, *shape)).astype(np.float32)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("bits", "scale", "opset", "form"),
    [
        (2, 1.0, 13, "quant"), (2, 0.37, 9, "quant"), (3, 0.5, 11, "quant"), (4, 0.125, 17, "quant"),
        (2, 1.0, 13, "clip"), (3, 0.37, 17, "clip"), (4, 0.125, 19, "clip"),
        (2, 0.37, 13, "apart"), (3, 0.5, 13, "apart"),
    ],
)  # fmt: skip
def test_networks_of_few_bits_are_exact(
    seed: int, bits: int, scale: float, opset: int, form: str, judges: IsolatedJudge, tmp_path: Path
) -> None:
    """Ternary weights, normalizations folded into them: every sum falls on its side of each threshold.

    form: of the steps, as `Net` has them.
    """
    model = convolutions(seed, bits, scale, opset=opset, form=form)
    x = inputs_of(60, 1, 3, 8, 12)
    graph, found = answered(saved(model, tmp_path), x, judges)
    layers = [op for op in graph.ops if isinstance(op, Conv2D | FullyConnected)]
    assert len(layers) == 4
    for number, op in enumerate(layers):
        data: Any = graph.tensors[op.weights].data
        if number == 3 and data.dtype == np.float32:
            assert bits == 4, "sums of 21 products of 15 may not fit into a byte"
            continue
        each = data.reshape(len(data), -1).astype(int)
        assert data.dtype == np.int8
        np.testing.assert_array_equal(np.sign(each) * np.abs(each).max(axis=1, keepdims=True), each)
    np.testing.assert_allclose(found, evaluated(model, x), atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [1.0, 0.37])
def test_binary_networks_are_exact(seed: int, scale: float, judges: IsolatedJudge, tmp_path: Path) -> None:
    """Only signs go from one layer to the next; inputs of 0 count as positive."""
    model = binary(seed, scale)
    x = np.round(inputs_of(60, 1, 3, 8, 12))
    graph, found = answered(saved(model, tmp_path), x, judges)
    layers = [op for op in graph.ops if isinstance(op, Conv2D | FullyConnected)]
    assert len(layers) == 4
    assert all(graph.type(op.weights).dtype == "int8" for op in layers)
    np.testing.assert_allclose(found, evaluated(model, x), atol=1e-5)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("signed", "scales", "kind"),
    [(1, (0.7, 0.7), "Add"), (0, (0.7, 0.7), "Add"), (0, (0.25, 1.0), "Add"), (1, (0.6, 0.2), "Sub")],
)
def test_sums_and_averages_that_fit_are_bytes(
    seed: int, signed: int, scales: tuple[float, float], kind: str, judges: IsolatedJudge, tmp_path: Path
) -> None:
    """The file gives them no scale: the layers behind read whole numbers all the same."""
    model = branches(seed, signed, scales, kind)
    x = inputs_of(40, 1, 3, 8, 12)
    graph, found = answered(saved(model, tmp_path), x, judges)
    layers = [op for op in graph.ops if isinstance(op, Conv2D | DepthwiseConv2D)]
    assert len(layers) == 5
    assert all(graph.type(name).dtype == "int8" for op in layers for name in (op.x, *op.outputs))
    np.testing.assert_allclose(found, channels_last(np.stack(evaluated(model, x))), atol=1e-5)


def test_sums_that_do_not_fit_stay_real(judges: IsolatedJudge, tmp_path: Path) -> None:
    """Scales of which none is a multiple of the other."""
    model = branches(0, 0, (0.7, 0.5))
    x = inputs_of(10, 1, 3, 8, 12)
    graph, found = answered(saved(model, tmp_path), x, judges)
    assert any(isinstance(op, FloatBinary) for op in graph.ops)
    assert np.isclose(found, channels_last(np.stack(evaluated(model, x))), atol=1e-5).mean() > 0.999


@pytest.mark.parametrize("mode", ["FLOOR", "ROUND", "CEIL", "HALF_UP"])
@pytest.mark.parametrize("shift", [0, 2])
def test_averages_whose_last_bits_are_cut_off(
    mode: str, shift: int, judges: IsolatedJudge, tmp_path: Path
) -> None:
    """LiteRT has no ROUND and no CEIL."""
    model = averaged(mode, shift)
    x = inputs_of(20, 1, 3, 8, 8) * np.float32(3)
    _, found = answered(saved(model, tmp_path), x, judges)
    np.testing.assert_allclose(found, channels_last(np.stack(evaluated(model, x))), atol=1e-5)


@pytest.mark.parametrize("bits", [4, 6, 8])
def test_weights_of_more_bits_are_within_a_step(bits: int, judges: IsolatedJudge, tmp_path: Path) -> None:
    """A layer by itself: of 8 bits there is no finer unit for the bias."""
    net = Net(bits)
    x = net.quant("x", 1 / 16, 6, signed=0)
    y = net.normalized(net.node("Conv", [x, net.weights(7, 3, 3, 3, bits=bits, per_channel=True)]), 7)
    model = net.model((1, 3, 9, 8), net.quant(y, 0.25, 6, signed=0), (1, 7, 7, 6))
    inputs = np.abs(inputs_of(40, 1, 3, 9, 8))
    graph, found = answered(saved(model, tmp_path), inputs, judges)
    wanted = channels_last(np.stack(evaluated(model, inputs)))
    steps = np.abs(found - wanted) / 0.25
    assert steps.max() <= 1
    assert (steps > 0).mean() < {4: 1e-3, 6: 0.01, 8: 0.02}[bits]
    conv = next(op for op in graph.ops if isinstance(op, Conv2D))
    weights: Any = graph.tensors[conv.weights].data
    assert np.abs(weights).max() > 63


@pytest.mark.filterwarnings("ignore::UserWarning")  # of old domains
@pytest.mark.parametrize(
    ("name", "count", "equal"), [("qonnx_TFC_2W2A", 20, 1.0), ("qonnx_jettagging", 20, 0.5)]
)
def test_networks_by_others(name: str, count: int, equal: float, shared: Path, judges: IsolatedJudge) -> None:
    """By qonnx's own executor. Scales of the second are powers of 2: of halves, the firmware rounds some elsewhere."""
    wrapper = pytest.importorskip("qonnx.core.modelwrapper")
    execution = pytest.importorskip("qonnx.core.onnx_exec")
    shapes = pytest.importorskip("qonnx.transformation.infer_shapes")
    file = shared / "wild" / f"{name}.onnx"
    model = onnx.load(file)
    constants = {i.name for i in model.graph.initializer}
    (given,) = (i for i in model.graph.input if i.name not in constants)
    x = inputs_of(count, *(d.dim_value for d in given.type.tensor_type.shape.dim))
    wrapped = wrapper.ModelWrapper(model).transform(shapes.InferShapes())
    wanted = [next(iter(execution.execute_onnx(wrapped, {given.name: one}).values())) for one in x]
    graph, found = answered(file, x, judges)
    near = np.isclose(found, np.stack(wanted), rtol=0, atol=1e-5).all(axis=(1, 2))
    assert near.mean() >= equal
    np.testing.assert_allclose(found, np.stack(wanted), atol=0 if equal == 1 else 0.05, rtol=1e-5)
    assert all(op.weights for op in graph.ops if isinstance(op, FullyConnected))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"scale": 0.0, "bits": 2}, "op 0 Quant 't0': a scale is not positive"),
        ({"scale": np.inf, "bits": 2}, "a scale is not positive"),
        ({"scale": 1.0, "bits": 2.5}, "a bit width of 2.5; 1 to 32 whole bits"),
        ({"scale": 1.0, "bits": 0}, "a bit width of 0"),
        ({"scale": 1.0, "bits": 3, "zero": 0.5}, "zero point 0.5 is no whole number"),
        ({"scale": 1.0, "bits": 3, "zero": np.array([1, 2])}, "2 numbers as zero point"),
        ({"scale": 1.0, "bits": 3, "mode": "SIDEWAYS"}, "rounding mode SIDEWAYS is not known"),
    ],
)
def test_what_no_byte_holds_is_told(how: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=told):
        model_file(saved(one((1, 2), **how), tmp_path))


def test_computed_scales_are_told(tmp_path: Path) -> None:
    net = Net()
    names = [net.constant(0.0), net.constant(4.0)]
    out = net.node("Quant", ["x", net.node("Abs", ["x"]), *names], DOMAIN, signed=1, narrow=0)
    with pytest.raises(ModelError, match="op 1 Quant 't1': its scale is computed; it has to be a constant"):
        model_file(saved(net.model((1, 2), out, (1, 2)), tmp_path))


@pytest.mark.parametrize("domain", ["onnx.brevitas", "finn.custom_op.general"])
def test_other_domains_and_such_as_no_one_declares(domain: str, tmp_path: Path) -> None:
    model = convolutions(0, 2, 1.0)
    expected = model_file(saved(model, tmp_path)).data
    for node in model.graph.node:
        node.domain = domain if node.domain else ""
    del model.opset_import[1]
    assert model_file(saved(model, tmp_path)).data == expected


@needs_qemu
def test_ternary_networks_in_the_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(convolutions(1, 2, 1.0), tmp_path)
    assert run(["report", str(file), "--board", "mps2-an385", "--json", str(tmp_path / "r.json")]) == 0
    layers = json.loads((tmp_path / "r.json").read_text())["layers"]
    convs = [layer for layer in layers if layer["op"] == "CONV_2D"]
    assert len(convs) == 2
    assert all(layer["weight_bits"] <= 1.65 and layer["zero_weights"] > 0.2 for layer in convs)
    told = capsys.readouterr().out
    assert "bits  zeros" in told
    for layer in convs:
        assert f"{layer['weight_bits']:.3g}  {100 * layer['zero_weights']:>3.0f} %" in told


def test_a_bit_width_that_is_computed_of_constants() -> None:
    """As Brevitas exports averages of all pixels: the logarithm of how large a sum may be, upwards."""
    plain = one(POINTS.shape, scale=0.25, bits=4)
    model = type(plain)()
    model.CopyFrom(plain)
    (quant,) = [n for n in model.graph.node if n.op_type == "Quant"]
    for name, value in (("most", 15.0), ("two", np.log(2.0))):
        model.graph.initializer.append(onnx.numpy_helper.from_array(np.float32(value), name))
    made = [
        onnx.helper.make_node("Log", ["most"], ["l"]),
        onnx.helper.make_node("Div", ["l", "two"], ["d"]),
        onnx.helper.make_node("Ceil", ["d"], ["bits"]),
    ]
    quant.input[3] = "bits"
    nodes = [*made, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    wanted, found = (standard(m).run(None, {"x": POINTS})[0] for m in (plain, model))
    np.testing.assert_array_equal(found, wanted)
