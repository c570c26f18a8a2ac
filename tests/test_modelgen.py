"""The model generator: deterministic, diverse, accepted by the references, and our numpy reference agrees with them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import tflite

from tests.modelgen import KINDS, random_model
from tests.modelgen.layers import LITERT_ONLY
from tests.modelgen.sequences import sequence_model
from tests.mutate import cuts, flips, overwrites
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ir import Array, Graph
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.verify.expected import settled_outputs
from tinyc.verify.judge import IsolatedJudge

#: Seeds of the models that every test run judges: each kind six times.
SEEDS = range(6 * len(KINDS))


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def test_the_same_seed_gives_the_same_bytes() -> None:
    digest = hashlib.sha256()
    for seed in SEEDS:
        case = random_model(seed)
        digest.update(case.data)
        for x in case.samples(5):
            digest.update(x.tobytes())
    again = hashlib.sha256()
    for seed in SEEDS:
        case = random_model(seed)
        again.update(case.data + b"".join(x.tobytes() for x in case.samples(5)))
    assert digest.digest() == again.digest()


def test_products_of_products_are_models_that_load() -> None:
    """Two MULs follow each other there: scales whose activations exceed 32 bits are refused, by LiteRT as well."""
    case = sequence_model(98005, (3, 8, 16, 24, 32, 40))
    assert case.description.count("MUL") == 2
    load_tflite(case.data, case.name, "litert")


def test_the_generator_meets_every_op_and_attribute() -> None:
    ops: Counter[str] = Counter()
    padding, activations, channels = set(), set(), set()
    for seed in SEEDS:
        graph = tflite.Model.GetRootAs(random_model(seed).data, 0).Subgraphs(0)
        model = tflite.Model.GetRootAs(random_model(seed).data, 0)
        for i in range(graph.OperatorsLength()):
            op = graph.Operators(i)
            kind = _kind(model, op)
            ops[kind] += 1
            channels.add(int(graph.Tensors(op.Outputs(0)).ShapeAsNumpy()[-1]) if _rank(graph, op) else 0)
            if kind == "CONV_2D":
                options = tflite.Conv2DOptions()
                options.Init(op.BuiltinOptions().Bytes, op.BuiltinOptions().Pos)
                padding.add(options.Padding())
                activations.add(options.FusedActivationFunction())
    expected = {
        *("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "ADD", "SUB", "MUL", "AVERAGE_POOL_2D"),
        *("MAX_POOL_2D", "MEAN", "PAD", "PADV2", "RESHAPE", "SQUEEZE", "SOFTMAX", "LOGISTIC", "TANH", "RELU"),
        *("RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "HARD_SWISH", "CONCATENATION", "STRIDED_SLICE", "SPLIT"),
        *(
            "TRANSPOSE",
            "TRANSPOSE_CONV",
            "RESIZE_BILINEAR",
            "RESIZE_NEAREST_NEIGHBOR",
            "QUANTIZE",
            "DEQUANTIZE",
        ),
        *("MAXIMUM", "MINIMUM", "PRELU", "ABS", "NEG"),
        *(
            "EXP",
            "GELU",
            "SQUARE",
            "REDUCE_MIN",
            "SUM",
            "SQUARED_DIFFERENCE",
            "L2_NORMALIZATION",
            "PACK",
            "GATHER",
        ),
        *(
            "BATCH_MATMUL",
            "LOG_SOFTMAX",
            "SELECT_V2",
            "DIV",
            "CAST",
            "MIRROR_PAD",
            "BROADCAST_TO",
            "REVERSE_V2",
        ),
        *("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL"),
        *("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT", "SIN", "COS", "FLOOR"),
        *("REDUCE_MAX", "TILE", "DEPTH_TO_SPACE", "SPACE_TO_DEPTH", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"),
    }
    assert set(ops) == expected
    assert padding == {0, 1}
    assert activations == {0, 1, 2, 3}
    assert {1, 3, 7, 17, 33} <= channels


@pytest.mark.parametrize("reference", ["litert", "tflm"])
def test_numpy_reference_agrees_with_the_interpreter(reference: str, judges: IsolatedJudge) -> None:
    judged = 0
    for seed in SEEDS:
        case = random_model(seed)
        inputs = case.samples(5)
        try:
            expected = judges.judge(case.data, inputs, reference)
        except ModelError:
            assert reference == "tflm", f"{case.name}: LiteRT refuses {case.description}"
            assert any(k in case.description for k in LITERT_ONLY), (
                f"{case.name}: TFLM refuses {case.description}"
            )
            continue
        if expected is None:
            pytest.skip(f"{reference} is not installed")
        graph = load_tflite(case.data, case.name, reference)
        wanted = settled_outputs(graph, inputs, expected.outputs)
        for index, (ours, theirs) in enumerate(zip(_numpy(graph, inputs), wanted, strict=True)):
            wrong = int((ours != theirs).sum())
            assert wrong == 0, (
                f"{case.name} {case.description}: output {index}, {wrong} of {theirs.size} differ"
            )
        judged += 1
    assert judged >= 200


def test_samples_cover_the_extremes() -> None:
    case = random_model(0)
    (x,) = case.samples(8)
    assert x.dtype == np.int8
    assert (x[1] == -128).all()
    assert (x[2] == 127).all()
    assert (x[3] == case.inputs[0].zero_point).all()


def test_mutations_are_repeatable_and_change_something() -> None:
    data = random_model(0).data
    for make in (flips, cuts, overwrites):
        first, second = list(make(data, 30, 5)), list(make(data, 30, 5))
        assert first == second
        assert len(first) == 30
    assert all(
        m.data != data and len(m.data) == len(data) for m in flips(data, 30, 1) if m.name.count(".") == 1
    )
    assert all(len(m.data) < len(data) for m in cuts(data, 30, 1))


def _numpy(graph: Graph, inputs: tuple[Array, ...]) -> list[Array]:
    rows = []
    for sample in range(len(inputs[0])):
        fed = {p.tensor: to_port(p, graph, x[sample]) for p, x in zip(graph.inputs, inputs, strict=True)}
        values = evaluate(graph, fed)
        rows.append([from_port(p, graph, values[p.tensor]) for p in graph.outputs])
    return [np.stack(column) for column in zip(*rows, strict=True)]


def _kind(model: tflite.Model, op: tflite.Operator) -> str:
    code = model.OperatorCodes(op.OpcodeIndex()).BuiltinCode()
    names = {v: k for k, v in vars(tflite.BuiltinOperator).items() if isinstance(v, int)}
    return names[code]


def _rank(graph: tflite.SubGraph, op: tflite.Operator) -> int:
    return int(graph.Tensors(op.Outputs(0)).ShapeLength())
