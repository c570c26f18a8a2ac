"""Attacks on ONNX files: valid protobufs whose contents make no sense, the same ones for the same seed.

Every attack is one to three changes to a model that is fine: what byte flips hardly ever reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np

from tests.mutate import Mutation, cuts, flips, overwrites

#: Numbers that sizes, axes and counts trip over.
INTEGERS = (0, -1, 1, 2, 3, 7, 255, 2**15, 2**24, 2**31 - 1, -(2**31), 2**40, 2**63 - 1, -(2**63))
REALS = (0.0, -1.0, 1e-45, 1e-10, 1e10, 3.4e38, float("inf"), float("-inf"), float("nan"))
SHAPES: tuple[tuple[int, ...], ...] = (
    (), (0,), (1,), (-1,), (2**31,), (2**40, 2**40), (1, 3), (1,) * 9, (1,) * 70, (1, 0, 1, 1), (1, 2**30),
    (1, 3, 4000, 4000), (64, 3, 16, 16), (1, 3, 2**20, 1), (1, 1, 1, 2**20), (1, 3, 1, 1),
)  # fmt: skip
OPERATORS = (
    "Add", "ArgMax", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "ConstantOfShape", "Conv",
    "ConvInteger", "ConvTranspose", "DepthToSpace", "DequantizeLinear", "Div", "DynamicQuantizeLinear", "Expand",
    "Flatten", "Gather", "Gemm", "GlobalAveragePool", "If", "LSTM", "LayerNormalization", "Loop", "MatMul",
    "MatMulInteger", "MaxPool", "NoSuchOperator", "OneHot", "Pad", "QLinearConv", "QLinearMatMul", "Quant",
    "QuantizeLinear", "Range", "ReduceMean", "Reshape", "Resize", "Scan", "Shape", "Slice", "Softmax", "Split",
    "Squeeze", "Tile",
    "TopK", "Transpose", "Unsqueeze", "Where",
)  # fmt: skip
ATTRIBUTES = (
    "axis", "axes", "group", "pads", "auto_pad", "ceil_mode", "dilations", "block_size", "perm", "kernel_shape",
)  # fmt: skip
NAMES = ("", "x", "y", "\x1b[31m", "a" * 5000, "../../etc/passwd", "\u202e", "no such tensor", "*/ int x; /*")
PATHS = (
    "/etc/passwd",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "no such file",
    "",
    ".",
    "/dev/zero",
    "a\0b",
)
Edit = Callable[[Any, np.random.Generator], None]

_ROUND = 20


def onnx_inputs(files: Sequence[bytes], seed: int) -> Iterator[Mutation]:
    """Damaged copies of each file by turns, endlessly: edited fields, flipped bits, overwritten words, cut ends."""
    for turn in count(seed):
        for data in files:
            yield from edits(data, _ROUND, turn)
            yield from flips(data, _ROUND // 2, turn)
            yield from overwrites(data, _ROUND // 4, turn)
            yield from cuts(data, 8, turn) if turn == seed else ()
        yield from _monsters() if turn == seed else ()


def edits(data: bytes, number: int, seed: int) -> Iterator[Mutation]:
    """Copies with one to three fields changed."""
    import onnx  # noqa: PLC0415 - an optional package

    rng = np.random.default_rng(seed)
    for index in range(number):
        model = onnx.load_from_string(data)
        names = []
        for _ in range(int(rng.integers(1, 4)) if rng.random() < 0.3 else 1):
            edit = EDITS[int(rng.integers(len(EDITS)))]
            names.append(edit.__name__.strip("_"))
            try:
                edit(model, rng)
            except (ValueError, TypeError, IndexError):  # the package itself refuses to hold such a value
                continue
        yield Mutation(f"edit {seed}.{index}: {' '.join(names)}", model.SerializeToString())


def _any(rng: np.random.Generator, values: Sequence[Any]) -> Any:
    return values[int(rng.integers(len(values)))]


def _operator(model: Any, rng: np.random.Generator) -> None:
    _any(rng, model.graph.node).op_type = _any(rng, OPERATORS)


def _domain(model: Any, rng: np.random.Generator) -> None:
    _any(rng, model.graph.node).domain = _any(
        rng, ("com.microsoft", "ai.onnx.ml", "no.such.domain", "ai.onnx", "qonnx.custom_op.general")
    )


def _input_of_a_node(model: Any, rng: np.random.Generator) -> None:
    """Often makes a circle."""
    node = _any(rng, model.graph.node)
    names = [n for other in model.graph.node for n in (*other.output, *other.input)]
    node.input[int(rng.integers(len(node.input)))] = _any(rng, [*names, *NAMES])


def _no_input(model: Any, rng: np.random.Generator) -> None:
    node = _any(rng, model.graph.node)
    del node.input[int(rng.integers(len(node.input))) :]


def _more_inputs(model: Any, rng: np.random.Generator) -> None:
    node = _any(rng, model.graph.node)
    node.input.extend(list(node.input) * int(_any(rng, (1, 3, 300))))


def _output_of_a_node(model: Any, rng: np.random.Generator) -> None:
    node = _any(rng, model.graph.node)
    others = [n for other in model.graph.node for n in other.output]
    node.output[0] = _any(rng, [*others, *NAMES])


def _outputs(model: Any, rng: np.random.Generator) -> None:
    node = _any(rng, model.graph.node)
    if rng.random() < 0.5:
        del node.output[:]
    else:
        node.output.extend(["second", "third"])


def _order(model: Any, rng: np.random.Generator) -> None:
    nodes = list(model.graph.node)
    rng.shuffle(nodes)  # type: ignore[arg-type]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _node_gone(model: Any, rng: np.random.Generator) -> None:
    del model.graph.node[int(rng.integers(len(model.graph.node)))]


def _attribute(model: Any, rng: np.random.Generator) -> None:
    nodes = [n for n in model.graph.node if n.attribute]
    attribute = _any(rng, _any(rng, nodes).attribute)
    kind = int(rng.integers(6))
    if kind == 0:
        attribute.type = int(_any(rng, (0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 99)))
    elif attribute.ints and kind < 3:
        attribute.ints[int(rng.integers(len(attribute.ints)))] = _any(rng, INTEGERS)
    elif attribute.ints:
        values = [_any(rng, INTEGERS) for _ in range(int(_any(rng, (0, 1, 3, 9, 1000))))]
        del attribute.ints[:]
        attribute.ints.extend(values)
    else:
        attribute.i, attribute.f = _any(rng, INTEGERS), _any(rng, REALS)


def _new_attribute(model: Any, rng: np.random.Generator) -> None:
    attribute = _any(rng, model.graph.node).attribute.add()
    names = (
        "axis",
        "axes",
        "group",
        "pads",
        "auto_pad",
        "ceil_mode",
        "dilations",
        "block_size",
        "perm",
        "kernel_shape",
    )
    attribute.name = _any(rng, names)
    if rng.random() < 0.5:
        attribute.type, attribute.i = 2, _any(rng, INTEGERS)
    else:
        attribute.type = 7
        attribute.ints.extend([_any(rng, INTEGERS) for _ in range(int(rng.integers(0, 5)))])


def _dims(model: Any, rng: np.random.Generator) -> None:
    constant = _any(rng, model.graph.initializer)
    shape = _any(rng, SHAPES)
    if constant.dims and rng.random() < 0.5:
        constant.dims[int(rng.integers(len(constant.dims)))] = _any(rng, INTEGERS)
        return
    del constant.dims[:]
    constant.dims.extend(shape)


def _constant(model: Any, rng: np.random.Generator) -> None:
    """Another shape that fits, another type, or data of another length."""
    constant = _any(rng, model.graph.initializer)
    kind = int(rng.integers(4))
    if kind == 0:
        constant.data_type = int(_any(rng, (0, 1, 2, 3, 6, 7, 8, 9, 10, 11, 14, 16, 17, 21, 22, 25, 26, 99)))
    elif kind == 1:
        constant.raw_data = constant.raw_data[: int(rng.integers(len(constant.raw_data) + 1))]
    elif kind == 2:
        total = int(np.prod(constant.dims)) if constant.dims else 1
        del constant.dims[:]
        constant.dims.extend(_any(rng, ((total,), (1, total), (total, 1, 1), (1, 1, 1, 1, total))))
    else:
        data = np.frombuffer(constant.raw_data, np.uint8).copy()
        if len(data) >= 4:
            at = int(rng.integers(len(data) // 4)) * 4
            data[at : at + 4] = np.frombuffer(np.float32(_any(rng, REALS)).tobytes(), np.uint8)
        constant.raw_data = data.tobytes()


def _external(model: Any, rng: np.random.Generator) -> None:
    constant = _any(rng, model.graph.initializer)
    constant.data_location = 1
    constant.ClearField("raw_data")
    for key, value in (
        ("location", _any(rng, PATHS)),
        ("offset", str(_any(rng, INTEGERS))),
        ("length", "64"),
    ):
        entry = constant.external_data.add()
        entry.key, entry.value = key, value


def _interface(model: Any, rng: np.random.Generator) -> None:
    port = _any(rng, [*model.graph.input, *model.graph.output])
    kind = port.type.tensor_type
    change = int(rng.integers(5))
    if change == 0:
        kind.elem_type = int(_any(rng, (0, 2, 3, 6, 7, 8, 9, 10, 11, 99)))
    elif change == 1:
        port.name = _any(rng, NAMES)
    elif change == 2:
        port.ClearField("type")
    elif change == 3 and kind.shape.dim:
        _any(rng, kind.shape.dim).dim_value = _any(rng, INTEGERS)
    else:
        del kind.shape.dim[:]
        for size in _any(rng, SHAPES):
            kind.shape.dim.add().dim_value = size


def _ports(model: Any, rng: np.random.Generator) -> None:
    side = _any(rng, (model.graph.input, model.graph.output))
    if rng.random() < 0.5:
        del side[:]
    else:
        side.extend([side[0]] * int(_any(rng, (1, 2, 50))))


def _versions(model: Any, rng: np.random.Generator) -> None:
    if rng.random() < 0.3:
        model.ir_version = _any(rng, INTEGERS)
    elif rng.random() < 0.3:
        del model.opset_import[:]
    else:
        model.opset_import[0].version = int(
            _any(rng, (0, -1, 1, 2, 6, 7, 9, 11, 12, 13, 18, 22, 26, 999, 2**62))
        )


EDITS: tuple[Edit, ...] = (
    _operator, _operator, _domain, _input_of_a_node, _input_of_a_node, _no_input, _more_inputs, _output_of_a_node,
    _outputs, _order, _node_gone, _attribute, _attribute, _attribute, _new_attribute, _dims, _constant, _constant,
    _external, _interface, _interface, _ports, _versions,
)  # fmt: skip


def _monsters() -> Iterator[Mutation]:
    """Files made to be large, deep or endless."""
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415 - an optional package

    def made(nodes: Sequence[Any], constants: Sequence[Any] = (), **more: Any) -> bytes:
        graph = helper.make_graph(
            list(nodes),
            "monster",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["a", "b", "c", "d"])],
            list(constants),
        )
        return bytes(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], **more).SerializeToString()
        )

    node = helper.make_node
    chain = [node("Relu", ["x"], ["t0"]), *(node("Relu", [f"t{i}"], [f"t{i + 1}"]) for i in range(20_000))]
    yield Mutation("20,000 operators", made([*chain, node("Identity", ["t20000"], ["y"])]))
    size = numpy_helper.from_array(np.array([2**20, 2**20], np.int64), "size")
    fill = [node("ConstantOfShape", ["size"], ["c"]), node("Add", ["x", "c"], ["y"])]
    yield Mutation("a constant of 2**40", made(fill, [size]))
    repeats = numpy_helper.from_array(np.array([1, 2**14, 2**10, 2**10], np.int64), "size")
    yield Mutation("a tile of 2**34", made([node("Tile", ["x", "size"], ["y"])], [repeats]))
    doubled = [node("Concat", ["x", "x"], ["d0"], axis=1)]
    doubled += [node("Concat", [f"d{i}", f"d{i}"], [f"d{i + 1}"], axis=1) for i in range(60)]
    yield Mutation("doubled sixty times", made([*doubled, node("Identity", ["d60"], ["y"])]))
    one = numpy_helper.from_array(np.ones((1, 1, 8, 8), np.float32), "one")
    known = [node("Concat", ["one", "one"], ["k0"], axis=1)]
    known += [node("Concat", [f"k{i}", f"k{i}"], [f"k{i + 1}"], axis=1) for i in range(40)]
    yield Mutation("a constant doubled forty times", made([*known, node("Add", ["x", "k40"], ["y"])], [one]))
    inner = helper.make_graph(
        [node("Identity", ["x"], ["b"])],
        "b",
        [],
        [helper.make_tensor_value_info("b", 1, ["a", "b", "c", "d"])],
    )
    for depth in range(20):
        deeper = node("If", ["yes"], ["b"], then_branch=inner, else_branch=inner) if depth < 8 else None
        if deeper is None:
            deeper = node("Loop", ["many", "yes"], ["b"], body=inner)
        inner = helper.make_graph(
            [deeper], "b", [], [helper.make_tensor_value_info("b", 1, ["a", "b", "c", "d"])]
        )
    yes = numpy_helper.from_array(np.array(True), "yes")
    many = numpy_helper.from_array(np.array(2**62), "many")
    yield Mutation(
        "branches in branches", made([node("Loop", ["many", "yes"], ["y"], body=inner)], [yes, many])
    )
    call = node("again", ["x"], ["y"], domain="own")
    function = helper.make_function("own", "again", ["x"], ["y"], [call], [helper.make_opsetid("own", 1)])
    yield Mutation("a function that calls itself", made([call], functions=[function]))
    yield Mutation("endless groups", b"\x08\x08\x3a" + b"\xff\xff\xff\xff\x0f" + b"\x0b" * 100_000)
    nested = b""
    for _ in range(5_000):
        nested = b"\x3a" + _length(nested) + nested
    yield Mutation("nested messages", b"\x08\x08" + nested)


def _length(data: bytes) -> bytes:
    value, out = len(data), b""
    while True:
        out += bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
        value >>= 7
        if not value:
            return out
