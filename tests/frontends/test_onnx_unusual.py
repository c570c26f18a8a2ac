"""ONNX files as others made them: unordered, unnamed, of bool or half precision, with operators that nobody knows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.compiler import open_model
from tinyc.errors import ModelError, UsageError
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import any_model, array, model  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare, equal, written  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402
from tinyc.frontends.onnx.order import in_order  # noqa: E402

node = onnx.helper.make_node
BOOL, INT64, HALF = onnx.TensorProto.BOOL, onnx.TensorProto.INT64, onnx.TensorProto.FLOAT16


def graph_of(
    nodes: list[Any], inputs: dict[str, tuple[int, Any]], outputs: dict[str, int], **known: Any
) -> Any:
    return any_model(nodes, inputs, outputs, known)


def on_host(made: Any, folder: Path) -> dict[str, Any]:
    return run_model(written(made, folder), Options(load_board("host")), Samples(2, 1)).json


def refused(made: Any, folder: Path) -> list[str]:
    with pytest.raises(ModelError) as caught:
        open_model(written(made, folder), "litert")
    return caught.value.message.splitlines()


def chain() -> list[Any]:
    return [
        node("Conv", ["x", "w"], ["a"]),
        node("Relu", ["a"], ["b"]),
        node("Neg", ["b"], ["c"]),
        node("Add", ["a", "c"], ["y"]),
    ]


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 0, 3, 2), (0, 3, 2, 1)])
def test_operators_in_any_order(order: tuple[int, ...], tmp_path: Path) -> None:
    made = model(chain(), {"x": (1, 3, 5, 4)}, ["y"], {"w": array(4, 3, 1, 1)})
    nodes = [chain()[i] for i in order]
    del made.graph.node[:]
    made.graph.node.extend(nodes)
    graph = compare(made, tmp_path)
    assert graph.ops[0].kind == "conv2d"


def test_order_within_branches_counts_what_they_take_from_outside() -> None:
    """The If reads `late` only inside its branch, where operators are turned around, too."""
    branch = onnx.helper.make_graph(
        [node("Relu", ["inner"], ["out"]), node("Neg", ["late"], ["inner"])], "b", [], [_float("out")]
    )
    choice = node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)
    graph = onnx.helper.make_graph([choice, node("Abs", ["x"], ["late"])], "g", [_float("x")], [_float("y")])
    in_order(graph)
    assert [n.op_type for n in graph.node] == ["Abs", "If"]
    assert [n.op_type for n in graph.node[1].attribute[0].g.node] == ["Neg", "Relu"]


def _float(name: str) -> Any:
    return onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, (2, 3))


def test_operators_in_a_circle_are_refused(tmp_path: Path) -> None:
    nodes = [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"])]
    made = graph_of(nodes, {"x": (1, (2, 3))}, {"y": 1})
    assert "topologically sorted" in refused(made, tmp_path)[0]


def test_the_domain_of_the_format_by_its_name(tmp_path: Path) -> None:
    made = model(chain(), {"x": (1, 3, 5, 4)}, ["y"], {"w": array(4, 3, 1, 1)})
    made.opset_import[0].domain = "ai.onnx"
    for each in made.graph.node:
        each.domain = "ai.onnx"
    made.graph.name = ""
    compare(made, tmp_path)


def test_unknown_operators_are_told_together(tmp_path: Path) -> None:
    """Those of the format that no opset has, and those of a domain that the file does not declare."""
    nodes = [
        node("RequantShift", ["x"], ["a"], div=3),
        node("Relu", ["a"], ["b"]),
        node("Conv", ["b", "w"], ["c"], domain="other.layout"),
        node("Neg", ["c"], ["y"]),
    ]
    made = graph_of(nodes, {"x": (1, (1, 3, 4, 4))}, {"y": 1}, w=array(2, 3, 1, 1))
    assert refused(made, tmp_path) == [
        "model.onnx: op 0 RequantShift 'a': this operator is not supported",
        "model.onnx: op 2 Conv 'c': this operator of other.layout is not supported",
    ]


def test_what_is_in_a_loop_is_not_tidied_up(tmp_path: Path) -> None:
    """Thousands of operators, which would take a minute."""
    inner = [node("Add", [f"v{i}", "one"], [f"v{i + 1}"]) for i in range(4000)]
    inner.append(node("Identity", ["more"], ["again"]))
    value = onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph(
        inner,
        "body",
        [value("i", INT64, ()), value("more", BOOL, ()), _float("v0")],
        [value("again", BOOL, ()), _float("v4000")],
    )
    loop = node("Loop", ["count", "go", "x"], ["y"], body=body)
    made = graph_of(
        [loop], {"x": (1, (2, 3))}, {"y": 1}, count=np.int64(3), go=np.array(True), one=np.float32(1)
    )
    begin = time.process_time()
    assert refused(made, tmp_path) == ["model.onnx: op 0 Loop 'y': this operator is not supported"]
    assert time.process_time() - begin < 10


def test_a_range_that_is_computed_is_no_constant(tmp_path: Path) -> None:
    made = graph_of([node("Range", ["zero", "x", "one"], ["y"])], {"x": (1, ())}, {"y": 1}, zero=np.float32(0),
                    one=np.float32(1))  # fmt: skip
    assert refused(made, tmp_path) == [
        "model.onnx: op 0 Range 'y': this operator is supported of constants alone"
    ]


def test_scalars(tmp_path: Path) -> None:
    """Tensors of no dimensions, as inputs, constants and outputs."""
    nodes = [node("Add", ["x", "k"], ["a"]), node("Mul", ["a", "z"], ["y"])]
    made = graph_of(nodes, {"x": (1, ()), "z": (1, ())}, {"y": 1}, k=np.float32(0.5))
    found = on_host(made, tmp_path)
    assert (found["bit_exact"], found["judge"], found["elements"]) == (True, "onnxruntime", 2)


def test_a_network_of_bool_is_judged_by_onnx_runtime(tmp_path: Path) -> None:
    nodes = [node("Xor", ["a", "b"], ["c"]), node("And", ["c", "k"], ["y"])]
    made = graph_of(
        nodes, {"a": (BOOL, (2, 3)), "b": (BOOL, (2, 3))}, {"y": BOOL}, k=np.array([True, False, True])
    )
    found = on_host(made, tmp_path)
    assert (found["bit_exact"], found["judge"]) == (True, "onnxruntime")


def test_a_network_that_computes_nothing(tmp_path: Path) -> None:
    made = graph_of([node("Identity", ["x"], ["y"])], {"x": (1, (2, 3))}, {"y": 1})
    assert on_host(made, tmp_path)["bit_exact"]


def test_half_precision_is_judged_in_single(tmp_path: Path) -> None:
    """The runtime rounds each value to 16 bits, 1e-3 of it; the firmware none."""
    weights = array(8, 6, scale=0.3).astype(np.float16)
    nodes = [
        node("MatMul", ["x", "w"], ["a"]),
        node("Cast", ["a"], ["b"], to=onnx.TensorProto.FLOAT),
        node("Tanh", ["b"], ["c"]),
        node("Cast", ["c"], ["d"], to=HALF),
        node("Constant", [], ["k"], value=onnx.numpy_helper.from_array(np.float16(0.3))),
        node("Mul", ["d", "k"], ["y"]),
    ]
    found = on_host(graph_of(nodes, {"x": (HALF, (2, 8))}, {"y": HALF}, w=weights), tmp_path)
    assert found["bit_exact"]
    assert found["largest_error"] < 1e-6


@pytest.mark.parametrize(
    ("kind", "inputs", "attributes"),
    [
        ("EyeLike", ["w"], {"dtype": HALF}),
        ("HannWindow", ["eight"], {"output_datatype": HALF}),
        ("DequantizeLinear", ["bytes", "step"], {"output_dtype": HALF}),
        ("ConstantOfShape", ["shape"], {"value": onnx.helper.make_tensor("v", HALF, [1], [0.5])}),
    ],
)
def test_constants_of_half_precision_are_made_in_single(
    kind: str, inputs: list[str], attributes: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever attribute says their type."""
    nodes = [node(kind, inputs, ["k"], **attributes), node("Mul", ["x", "k"], ["y"])]
    constants = {
        "w": np.zeros((8, 8), np.float16),
        "eight": np.array(8),
        "bytes": np.arange(8, dtype=np.int8),
        "step": np.float16(0.125),
        "shape": np.array([8, 8]),
    }
    used = {name: constants[name] for name in inputs}
    made = any_model(nodes, {"x": (HALF, (8, 8))}, {"y": HALF}, used, opset=23)
    assert on_host(made, tmp_path)["bit_exact"]


def test_bfloat16_is_named(tmp_path: Path) -> None:
    made = graph_of([node("Cast", ["x"], ["y"], to=1)], {"x": (onnx.TensorProto.BFLOAT16, (2,))}, {"y": 1})
    assert refused(made, tmp_path) == [
        "model.onnx: input 'x' holds bfloat16; floats, bool and integers are supported"
    ]


def test_weights_alone_in_bytes_are_a_float_network(tmp_path: Path) -> None:
    steps = np.random.default_rng(0).integers(-127, 128, (4, 3, 3, 3)).astype(np.int8)
    nodes = [
        node("DequantizeLinear", ["q", "s", "z"], ["w"], axis=0),
        node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        node("Relu", ["a"], ["y"]),
    ]
    known = {"q": steps, "s": np.abs(array(4)) + 0.01, "z": np.zeros(4, np.int8)}
    file = written(model(nodes, {"x": (1, 3, 6, 5)}, ["y"], known), tmp_path)
    assert open_model(file, "litert").graph.is_float
    found = run_model(file, Options(load_board("host"), in_float=True), Samples(2, 1)).json
    assert (found["bit_exact"], found["judge"]) == (True, "onnxruntime")


def test_float_is_refused_where_activations_have_scales(tmp_path: Path) -> None:
    nodes = [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "s", "z"], ["y"])]
    made = model(nodes, {"x": (1, 8)}, ["y"], {"s": np.float32(0.1), "z": np.int8(0)})
    with pytest.raises(UsageError, match="states the scales"):
        run_model(written(made, tmp_path), Options(load_board("host"), in_float=True), Samples(1, 1))


@pytest.mark.parametrize("bound", [("low", "high"), ("", "high"), ("low", "")])
def test_clip_between_computed_bounds(bound: tuple[str, str], tmp_path: Path) -> None:
    nodes = [
        node("ReduceMin", ["z"], ["low"], keepdims=0),
        node("ReduceMax", ["z"], ["high"], keepdims=0),
        node("Clip", ["x", *bound], ["y"]),
    ]
    compare(model(nodes, {"x": (2, 9), "z": (3,)}, ["y"]), tmp_path)


def test_windows_of_constants_are_computed(tmp_path: Path) -> None:
    """An average that leaves borders out, as a sum over the number of pixels."""
    nodes = [
        node("Conv", ["x", "w"], ["sum"], group=2, pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Shape", ["x"], ["shape"]),
        node(
            "ConstantOfShape", ["shape"], ["ones"], value=onnx.numpy_helper.from_array(np.ones(1, np.float32))
        ),
        node("Conv", ["ones", "w"], ["count"], group=2, pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Div", ["sum", "count"], ["y"]),
    ]
    graph = compare(
        model(nodes, {"x": (1, 2, 5, 6)}, ["y"], {"w": np.ones((2, 1, 3, 3), np.float32)}), tmp_path
    )
    assert len(graph.ops) <= 2


def test_scatter_of_old_opsets(tmp_path: Path) -> None:
    known = {"i": np.array([[1, 0, 2], [0, 2, 1]])}
    made = model(
        [node("Scatter", ["x", "i", "u"], ["y"], axis=0)], {"x": (3, 3), "u": (2, 3)}, ["y"], known, 9
    )
    compare(made, tmp_path)


def test_random_dropout_is_refused(tmp_path: Path) -> None:
    known = {"r": np.float32(0.5), "t": np.array(True)}
    made = model([node("Dropout", ["x", "r", "t"], ["y"])], {"x": (2, 3)}, ["y"], known)
    assert "training mode" in refused(made, tmp_path)[0]
    known["r"] = np.float32(0)
    compare(model([node("Dropout", ["x", "r", "t"], ["a"]), node("Neg", ["a"], ["y"])], {"x": (2, 3)}, ["y"], known),
            tmp_path)  # fmt: skip


@pytest.mark.parametrize("kind", ["Transpose", "Tile", "Expand"])
def test_integers_are_not_moved(kind: str, tmp_path: Path) -> None:
    given = {"Transpose": ["x"], "Tile": ["x", "r"], "Expand": ["x", "r"]}[kind]
    shape = (3, 1) if kind == "Expand" else (3, 2)
    made = graph_of([node(kind, given, ["y"])], {"x": (INT64, shape)}, {"y": INT64}, r=np.array([3, 2]))
    assert "int64" in refused(made, tmp_path)[0]
    made = graph_of([node(kind, given, ["y"])], {"x": (BOOL, shape)}, {"y": BOOL}, r=np.array([3, 2]))
    assert on_host(made, tmp_path)["bit_exact"]


def test_only_the_model_s_own_domain_may_be_missing(tmp_path: Path) -> None:
    """A file of operators of others alone, of which QuantizeLinear and DequantizeLinear of the format are made."""
    q = np.random.default_rng(0).integers(-128, 128, (2, 5)).astype(np.int8)
    names = ["a", "s", "z", "b", "s", "z", "s", "z"]
    made = graph_of([node("QLinearAdd", names, ["y"], domain="com.microsoft")], {"a": (3, (2, 5))}, {"y": 3}, b=q,
                    s=np.float32(0.1), z=np.int8(3))  # fmt: skip
    made.opset_import[0].domain = "com.microsoft"
    made.opset_import[0].version = 1
    assert on_host(made, tmp_path)["bit_exact"]


@pytest.mark.parametrize(
    "nodes",
    [
        [node("ImageScaler", ["x"], ["a"], scale=0.5, bias=[1.0, -2.0, 3.0]), node("Relu", ["a"], ["y"])],
        [node("Affine", ["x"], ["y"], alpha=2.0, beta=-0.5)],
        [node("Crop", ["x"], ["y"], border=[1, 2, 0, 3])],
        [node("Crop", ["x"], ["y"], border=[1, 2, 1, 1], scale=[3, 2])],
        [node("ScaledTanh", ["x"], ["y"], alpha=2.0, beta=0.7)],
        [node("ParametricSoftplus", ["x"], ["y"], alpha=2.0, beta=0.7)],
    ],
    ids=lambda nodes: f"{nodes[0].op_type}_{len(nodes[0].attribute)}",
)
def test_what_converters_from_core_ml_wrote(nodes: list[Any], tmp_path: Path) -> None:
    made = graph_of(nodes, {"x": (1, (1, 3, 7, 6))}, {"y": 1})
    made.opset_import[0].version = 7
    compare(made, tmp_path)


def test_an_image_that_is_scaled_before_it_is_turned_stays_as_it_is(tmp_path: Path) -> None:
    """As converters from TensorFlow write a network that begins with Rescaling."""
    nodes = [
        node("Mul", ["x", "k"], ["a"]),
        node("Add", ["a", "shift"], ["b"]),
        node("Transpose", ["b"], ["c"], perm=[0, 3, 1, 2]),
        node("Conv", ["c", "w"], ["d"], pads=[1, 1, 1, 1]),
        node("Transpose", ["d"], ["y"], perm=[0, 2, 3, 1]),
    ]
    constants = {"k": np.float32(0.2), "shift": array(3), "w": array(4, 3, 3, 3)}
    graph = compare(model(nodes, {"x": (1, 7, 5, 3)}, ["y"], constants), tmp_path)
    assert graph.inputs[0].type.shape == (1, 7, 5, 3)
    assert "transpose" not in [op.kind for op in graph.ops]


def test_windows_of_qonnx_with_channels_last(tmp_path: Path) -> None:
    """Weights lie as [O, H, W, I]; the judge gets the same network with channels second."""
    own = "qonnx.custom_op.channels_last"
    window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    norm = {name: np.abs(array(4, seed=i)) + 0.5 for i, name in enumerate("pqrv")}
    weights = array(4, 3, 3, 3, scale=0.3)
    last = [
        node("Conv", ["x", "w"], ["a"], domain=own, **window),
        node("BatchNormalization", ["a", *norm], ["b"], domain=own),
        node("Relu", ["b"], ["c"]),
        node("MaxPool", ["c"], ["y"], domain=own, kernel_shape=[2, 2], strides=[2, 2]),
    ]
    second = [
        node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]),
        node("Conv", ["t", "w"], ["a"], **window),
        node("BatchNormalization", ["a", *norm], ["b"]),
        node("Relu", ["b"], ["c"]),
        node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Transpose", ["d"], ["y"], perm=[0, 2, 3, 1]),
    ]
    turned = np.ascontiguousarray(weights.transpose(0, 2, 3, 1))
    mine = written(graph_of(last, {"x": (1, (1, 8, 6, 3))}, {"y": 1}, w=turned, **norm), tmp_path)
    loaded = load_onnx(mine)
    graph = equal(
        loaded, written(model(second, {"x": (1, 8, 6, 3)}, ["y"], {"w": weights, **norm}), tmp_path)
    )
    assert "transpose" not in [op.kind for op in graph.ops]
