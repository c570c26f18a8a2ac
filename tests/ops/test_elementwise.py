"""Sums, products and functions of one byte against both interpreters."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.e2e.batch import make_case, wrong
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model, samples
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import judge

SCALES = [
    (0.0235294, 0.0235294, 0.0235294),
    (0.1, 0.003, 0.07),
    (0.00392157, 0.5, 0.25),
    (1.0, 0.7, 3.3),
    (0.037, 0.00071, 0.0019),
    (3e-5, 7e-6, 4e-5),
]
SHAPES = [
    ((1, 5, 7, 3), (1, 5, 7, 3)),
    ((1, 5, 7, 3), (1, 1, 1, 3)),
    ((1, 1, 7, 1), (1, 5, 1, 3)),
    ((1, 4, 4, 2), (1,)),
    ((1, 33), (1, 33)),
    ((1, 2, 3, 4), (1, 4)),
    ((1, 2, 3, 4), (4,)),
]


@BOTH
@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL"])
@pytest.mark.parametrize(("first", "second"), SHAPES)
@pytest.mark.parametrize("scales", SCALES)
def test_binary(
    kind: str, first: tuple[int, ...], second: tuple[int, ...], scales: tuple[float, ...], reference: str
) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a = w.tensor(first, "int8", scales[0], -7)
        b = w.tensor(second, "int8", scales[1], 100)
        rank = max(len(first), len(second))
        longer = [(1,) * (rank - len(s)) + s for s in (first, second)]
        y = w.tensor([max(p) for p in zip(*longer, strict=True)], "int8", scales[2], 3)
        w.op(kind, [a, b], [y], fused_activation_function=len(first) % 4)
        return [a, b], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL"])
@pytest.mark.parametrize("constant_first", [False, True])
def test_binary_with_a_constant(kind: str, constant_first: bool, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a = w.tensor((1, 3, 5, 2), "int8", 0.1, -7)
        b = w.tensor((1, 1, 1, 2), "int8", 0.03, 9, data=[[[[-128, 127]]]])
        y = w.tensor((1, 3, 5, 2), "int8", 0.12, 3)
        w.op(kind, [b, a] if constant_first else [a, b], [y])
        return [a], [y]

    check(model(build), reference)


PAIRS = [
    *SHAPES,
    ((1, 7, 3, 1), (1, 7, 3, 1)),
    ((1, 5, 5, 8), (1, 5, 8)),
    ((1, 3, 5, 7), (1, 3, 1, 7)),
    ((1, 3, 5, 31), (1, 3, 5, 1)),
    ((1, 9, 33), (1, 9, 33)),
    ((1, 9, 33), (1, 1, 33)),
    ((1, 3, 1, 2, 1, 5), (1, 1, 4, 1, 3, 1)),
    ((1, 3, 4, 2, 3, 5), (1, 2, 1, 5)),
]


@BOTH
@pytest.mark.parametrize("kind", ["MAXIMUM", "MINIMUM"])
@pytest.mark.parametrize("constant", [None, 0, 1])
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_extremes(
    kind: str, constant: int | None, first: tuple[int, ...], second: tuple[int, ...], reference: str
) -> None:
    check(model(lambda w: pair(w, kind, (first, second), constant, [(0.07, 11)] * 3)), reference)


@BOTH
@pytest.mark.parametrize("constant", [None, 0, 1])
@pytest.mark.parametrize(("first", "second"), [p for p in PAIRS if np.broadcast_shapes(*p) == p[0]])
@pytest.mark.parametrize(
    "quants",
    [
        [(0.0256, 3), (0.0039, 0), (0.0168, -62)],
        [(0.1, -128), (0.5, 127), (0.02, 127)],
        [(0.1, 127), (0.003, -128), (0.1, -128)],
        [(3e-5, 1), (7.0, -9), (2.0, 5)],
    ],
)
def test_prelu(
    constant: int | None, first: tuple[int, ...], second: tuple[int, ...], quants: Any, reference: str
) -> None:
    check(model(lambda w: pair(w, "PRELU", (first, second), constant, quants)), reference)


@BOTH
@pytest.mark.slow
def test_pairs_as_sanitised_c(reference: str, tmp_path: Path) -> None:
    cases = []
    for number, shapes in enumerate(
        [*PAIRS, ((1, 1, 1, 1), (1,)), *(((1, 2, 3, c), (c,)) for c in (7, 8, 9))]
    ):
        for kind in ("MAXIMUM", "MINIMUM", "PRELU"):
            if kind == "PRELU" and np.broadcast_shapes(*shapes) != shapes[0]:
                continue
            for constant in (None, 0, 1):
                data = model(
                    lambda w, kind=kind, constant=constant, shapes=shapes: pair(
                        w, kind, shapes, constant, [(0.07, 11)] * 3
                    )
                )
                graph = load_tflite(data, "m", reference)
                inputs = tuple(samples(graph, 3, seed=number))
                expected = judge(data, inputs, reference)
                if expected is None:
                    pytest.skip(f"{reference} is not installed")
                name = f"c{len(cases)}"
                vectors = Vectors(inputs, expected.outputs, reference)
                cases.append(make_case(name, f"{kind} of {shapes}, constant {constant}", graph, vectors))
    assert not wrong(cases, tmp_path)


def pair(
    w: ModelWriter, kind: str, shapes: tuple[tuple[int, ...], ...], constant: int | None, quants: Any
) -> tuple[list[int], list[int]]:
    """An operator on two tensors; constant: which of them is one. quants: of the two and of the output."""
    operands = [
        w.tensor(shape, "int8", *quant, data=spread_bytes(shape) if i == constant else None)
        for i, (shape, quant) in enumerate(zip(shapes, quants, strict=False))
    ]
    y = w.tensor(np.broadcast_shapes(*shapes), "int8", *quants[2])
    w.op(kind, operands, [y])
    return [t for i, t in enumerate(operands) if i != constant], [y]


def spread_bytes(shape: tuple[int, ...]) -> Any:
    """All over the range, the extremes first."""
    count = int(np.prod(shape))
    return np.resize(np.array([-128, 127, -1, 0, *range(-100, 100, 7)], np.int8), count).reshape(shape)


@BOTH
@pytest.mark.parametrize(
    "scales",
    [
        (0.13488809764385223, 0.02527569606900215, 0.03117157146334648),
        (0.5097290277481079, 0.0054848892614245415, 0.35786333680152893),
    ],
)
def test_prelu_scales_whose_quotient_differs_in_float32_and_float64(
    scales: tuple[float, float, float], reference: str
) -> None:
    alphas = np.arange(-128, 128, dtype=np.int8)

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 16, 16, 256), "int8", scales[0], -5)
        alpha = w.tensor((1, 1, 256), "int8", scales[1], 3, data=alphas)
        y = w.tensor((1, 16, 16, 256), "int8", scales[2], -100)
        w.op("PRELU", [x, alpha], [y])
        return [x], [y]

    graph = check(model(build), reference)
    op: Any = graph.ops[0]
    x = np.repeat(alphas, 256).reshape(1, 16, 16, 256)
    values = op.named([x, alphas.reshape(1, 1, 256)])
    found = [op.compute(values, graph.types(op), [graph.type("t2")], r)[0] for r in ("litert", "tflm")]
    assert not np.array_equal(*found)


@pytest.mark.parametrize("quants", [((0.1, 0), (0.1, 0)), ((0.1, 3), (0.2, -7))])
def test_neg_of_bytes(quants: Any) -> None:
    check(model(lambda w: function(w, "NEG", {}, *quants)), "litert", count=12)


@BOTH
@pytest.mark.parametrize("negations", [1, 2])
@pytest.mark.parametrize(
    "quants", [((0.1, 0), (0.1, 0)), ((0.02, 127), (0.02, -128)), ((0.05, 17), (0.031, -90))]
)
def test_neg_of_floats_between_int8_becomes_a_table(negations: int, quants: Any, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, b = (w.tensor((1, 16, 16), "int8", *q) for q in quants)
        floats = [w.tensor((1, 16, 16), "float32") for _ in range(negations + 1)]
        w.op("DEQUANTIZE", [a], floats[:1])
        for x, y in pairwise(floats):
            w.op("NEG", [x], [y])
        w.op("QUANTIZE", floats[-1:], [b])
        return [a], [b]

    graph = optimize(check(model(build), reference, count=12))
    assert [op.kind for op in graph.ops] == ["table"]


@BOTH
def test_neg_at_float_borders(reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 5, 7), "float32")
        n = w.tensor((1, 5, 7), "float32")
        q = w.tensor((1, 5, 7), "int8", 0.03, 3)
        d = w.tensor((1, 5, 7), "float32")
        y = w.tensor((1, 5, 7), "float32")
        w.op("NEG", [x], [n])
        w.op("QUANTIZE", [n], [q])
        w.op("DEQUANTIZE", [q], [d])
        w.op("NEG", [d], [y])
        return [x], [y]

    graph = optimize(check(model(build), reference))
    assert [op.kind for op in graph.ops] == ["neg", "quantize", "float_table"]


@BOTH
@pytest.mark.parametrize("zero_point", [-128, 127])
@pytest.mark.parametrize(
    ("kind", "scale"), [("MUL", 2.0**14), ("MUL", 32767.998), ("QUANTIZE", 2.0**22), ("QUANTIZE", 8388607.5)]
)
def test_largest_effective_scales(kind: str, scale: float, zero_point: int, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        operands = [w.tensor((1, 512), "int8", s, zero_point) for s in (scale, 1.0)]
        taken = operands if kind == "MUL" else operands[:1]
        y = w.tensor((1, 512), "int8", 1.0, 0)
        w.op(kind, taken, [y])
        return taken, [y]

    check(model(build), reference)


FUNCTIONS: list[tuple[str, dict[str, Any]]] = [
    ("RELU", {}),
    ("RELU6", {}),
    ("LEAKY_RELU", {"alpha": 0.1}),
    ("LEAKY_RELU", {"alpha": 1.7}),
    ("LEAKY_RELU", {"alpha": 0.0}),
    ("LEAKY_RELU", {"alpha": -0.3}),
    ("ABS", {}),
    ("HARD_SWISH", {}),
    ("TANH", {}),
    ("QUANTIZE", {}),
]


def function(
    w: ModelWriter, kind: str, options: dict[str, Any], x: Any, y: Any
) -> tuple[list[int], list[int]]:
    a = w.tensor((1, 16, 16), "int8", *x)
    b = w.tensor((1, 16, 16), "int8", *y)
    w.op(kind, [a], [b], **options)
    return [a], [b]


@BOTH
@pytest.mark.parametrize(("kind", "options"), FUNCTIONS)
@pytest.mark.parametrize(
    "quants",
    [
        ((0.1, 0), (0.1, 0)),
        ((0.0235294, -128), (0.0235294, -128)),
        ((0.05, 17), (0.031, -90)),
        ((0.011, -3), (0.37, 127)),
        ((0.25, 127), (0.25, -128)),
        ((1 / 128, 0), (1 / 128, 0)),
        ((0.7, 1), (0.09, 0)),
    ],
)
def test_function(kind: str, options: dict[str, Any], quants: Any, reference: str) -> None:
    check(model(lambda w: function(w, kind, options, *quants)), reference, count=12)


@BOTH
@pytest.mark.parametrize(
    ("kind", "x", "y"),
    [
        ("RELU", (0.046669986099004745, -77), (0.1277943253517151, -118)),
        ("RELU", (0.05167580768465996, -104), (0.14342673122882843, -75)),
        ("LEAKY_RELU", (0.5844298601150513, 100), (0.0857163816690445, 100)),
        ("LEAKY_RELU", (0.09893827140331268, 100), (0.21733766794204712, 100)),
        ("ABS", (0.09505417197942734, -100), (0.10025005787611008, -100)),
        ("ABS", (0.4983445405960083, -100), (1.2052984237670898, -100)),
        ("HARD_SWISH", (0.18039782345294952, -81), (0.19260931015014648, -126)),
        ("HARD_SWISH", (0.04462343081831932, -97), (0.10363927483558655, -100)),
    ],
)
def test_scales_whose_quotient_differs_in_float32_and_float64(
    kind: str, x: tuple[float, int], y: tuple[float, int], reference: str
) -> None:
    options = {"alpha": 0.1} if kind == "LEAKY_RELU" else {}
    data = model(lambda w: function(w, kind, options, x, y))
    check(data, reference, count=12)
    graph = load_tflite(data, "m", reference)
    op: Any = graph.ops[0]
    tables = [op.table(graph.type("t0"), graph.type("t1"), r) for r in ("litert", "tflm")]
    assert not np.array_equal(*tables)


@BOTH
@pytest.mark.parametrize("x", [(0.1, 0), (0.0235294, -128), (0.25, 127), (0.004, 3), (3.0, 1), (20.0, 1)])
def test_logistic(x: tuple[float, int], reference: str) -> None:
    check(model(lambda w: function(w, "LOGISTIC", {}, x, (1 / 256, -128))), reference, count=12)


def test_relu_n1_to_1() -> None:
    check(model(lambda w: function(w, "RELU_N1_TO_1", {}, (0.02, 3), (0.017, -5))), "litert", count=12)


@BOTH
@pytest.mark.parametrize("depth", [1, 2, 10, 33, 257])
@pytest.mark.parametrize(("scale", "beta"), [(0.1, 1.0), (0.0039, 1.0), (1.7, 0.5), (40.0, 1.0)])
def test_softmax(depth: int, scale: float, beta: float, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 3, depth), "int8", scale, 11)
        y = w.tensor((1, 3, depth), "int8", 1 / 256, -128)
        w.op("SOFTMAX", [x], [y], beta=beta)
        return [x], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize("depth", [1, 2, 10, 33, 257])
@pytest.mark.parametrize("scale", [0.1, 0.0039, 1.7, 40.0])
def test_log_softmax(depth: int, scale: float, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 3, depth), "int8", scale, 11)
        y = w.tensor((1, 3, depth), "int8", 1 / 16, 127)
        w.op("LOG_SOFTMAX", [x], [y])
        return [x], [y]

    check(model(build), reference, count=12)


@pytest.mark.parametrize(
    ("scale", "out"), [(0.03, (0.011, -128)), (1.7, (0.3, -10)), (0.04, (0.2, 0)), (0.0036, (0.02, 3))]
)
def test_sqrt(scale: float, out: tuple[float, int]) -> None:
    """Of bytes that are not below 0; the last scales have whole roots, whose last bit decides."""
    check(model(lambda w: function(w, "SQRT", {}, (scale, -128), out)), "litert", count=12)


@BOTH
@pytest.mark.parametrize("scale", [0.0078, 0.031, 1.0])
def test_float_borders(scale: float, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 5, 7), "float32")
        q = w.tensor((1, 5, 7), "int8", scale, 3)
        r = w.tensor((1, 5, 7), "int8", scale, 3)
        y = w.tensor((1, 5, 7), "float32")
        w.op("QUANTIZE", [x], [q])
        w.op("RELU", [q], [r])
        w.op("DEQUANTIZE", [r], [y])
        return [x], [y]

    check(model(build), reference)


REAL_FUNCTIONS: list[tuple[str, dict[str, Any]]] = [
    ("EXP", {}),
    ("LOG", {}),
    ("ELU", {}),
    ("GELU", {"approximate": False}),
    ("GELU", {"approximate": True}),
]


@BOTH
@pytest.mark.parametrize(("kind", "options"), REAL_FUNCTIONS)
@pytest.mark.parametrize(
    "quants",
    [
        ((0.03, 0), (0.03, 0)),
        ((0.0235294, -128), (0.5, -128)),
        ((0.05, 17), (0.031, -90)),
        ((0.011, -3), (0.37, 127)),
        ((0.07, 127), (0.004, -128)),
        ((1 / 128, 0), (1 / 128, 0)),
        ((0.0003, 1), (0.0002, 0)),
    ],
)
def test_real_function_of_bytes(kind: str, options: dict[str, Any], quants: Any, reference: str) -> None:
    if reference == "tflm" and kind != "ELU":
        with pytest.raises(ModelError, match="does not exist"):
            load_tflite(model(lambda w: function(w, kind, options, *quants)), "m", reference)
        return
    check(model(lambda w: function(w, kind, options, *quants)), reference, count=12)


@BOTH
@pytest.mark.parametrize(
    "quants",
    [
        ((0.03, -128), (0.03, 0)),
        ((0.0235294, -128), (0.5, -128)),
        ((7.0, -128), (0.031, -90)),
        ((1e-4, -128), (2.0, 5)),
    ],
)
def test_rsqrt_of_bytes(quants: Any, reference: str) -> None:
    check(model(lambda w: function(w, "RSQRT", {}, *quants)), reference, count=12)


@BOTH
@pytest.mark.parametrize("kind", ["EXP", "LOG", "ELU", "SQRT", "RSQRT", "SQUARE", "NEG"])
@pytest.mark.parametrize("quants", [((0.02, -128), (0.03, 0)), ((0.03, -128), (0.02, -128))])
def test_real_function_between_int8_becomes_a_table(kind: str, quants: Any, reference: str) -> None:
    """Of positive numbers: what becomes of an infinite one is not defined in C."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, positive, b = (w.tensor((1, 16, 16), "int8", *q) for q in (quants[0], *quants))
        w.op("MAXIMUM", [a, w.tensor((1,), "int8", *quants[0], data=[-127])], [positive])
        x, y = (w.tensor((1, 16, 16), "float32") for _ in range(2))
        w.op("DEQUANTIZE", [positive], [x])
        w.op(kind, [x], [y])
        w.op("QUANTIZE", [y], [b])
        return [a], [b]

    graph = optimize(check(model(build), reference, count=12))
    assert [op.kind for op in graph.ops] == ["table"]


def test_a_function_whose_bytes_overflow_is_refused() -> None:
    with pytest.raises(ModelError, match="output scale 1e-10 is too small"):
        load_tflite(model(lambda w: function(w, "EXP", {}, (0.1, 0), (1e-10, 0))), "m", "litert")
