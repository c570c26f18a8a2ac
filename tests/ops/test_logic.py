"""Comparisons, logic, SELECT, CAST, DIV and float islands against both interpreters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ops.compare import RELATIONS
from tinyc.passes import optimize

Shape = tuple[int, ...]

PAIRS = [((1, 5, 7, 3), (1, 5, 7, 3)), ((1, 5, 7, 3), (1, 1, 1, 3)), ((1, 33), (33,)), ((1, 4, 9), (1, 4, 1))]


def binary(kind: str, shapes: tuple[Shape, Shape], types: tuple[Any, Any, Any], **options: Any) -> bytes:
    """One operator on two tensors. types: of both and the output, (dtype, scale, zero point) or a dtype."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, b = (_tensor(w, s, t) for s, t in zip(shapes, types[:2], strict=True))
        y = _tensor(w, np.broadcast_shapes(*shapes), types[2])
        w.op(kind, [a, b], [y], **options)
        return [a, b], [y]

    return model(build)


def _tensor(w: ModelWriter, shape: Shape, kind: Any) -> int:
    return w.tensor(shape, kind) if isinstance(kind, str) else w.tensor(shape, *kind)


@BOTH
@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize(
    "scales", [(0.1, 3, 0.07, -5), (0.02, 0, 0.02, 0), (0.0011, 3, 0.5, -128), (0.99, 127, 1e-6, 0)]
)
def test_compare(relation: str, shapes: tuple[Shape, Shape], scales: Any, reference: str) -> None:
    types = (("int8", *scales[:2]), ("int8", *scales[2:]), "bool")
    check(binary(relation, shapes, types), reference)


@BOTH
@pytest.mark.parametrize("kind", ["LOGICAL_AND", "LOGICAL_OR"])
@pytest.mark.parametrize("shapes", PAIRS[:3])
def test_logic(kind: str, shapes: tuple[Shape, Shape], reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, b = (w.tensor(s, "int8", 0.1, 0) for s in shapes)
        masks = [w.tensor(s, "bool") for s in shapes]
        zero = w.tensor((1,), "int8", 0.1, 0, data=np.zeros(1))
        for x, mask in zip((a, b), masks, strict=True):
            w.op("GREATER", [x, zero], [mask])
        both = w.tensor(np.broadcast_shapes(*shapes), "bool")
        y = w.tensor(np.broadcast_shapes(*shapes), "bool")
        w.op(kind, masks, [both])
        w.op("LOGICAL_NOT", [both], [y])
        return [a, b], [both, y]

    check(model(build), reference)


SELECTED = [
    ((1, 4, 5, 3), (1, 4, 5, 3), (1, 4, 5, 3)),
    ((1, 4, 5, 1), (1, 4, 5, 3), (1, 1, 1, 3)),
    ((1, 4, 1, 1), (1, 1, 5, 3), (1, 4, 5, 3)),
    ((1,), (1, 9), (1, 9)),
    ((1, 6, 1), (1, 6, 7), (7,)),
]


@BOTH
@pytest.mark.parametrize("shapes", SELECTED)
def test_select(shapes: tuple[Shape, Shape, Shape], reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        m, a, b = (w.tensor(s, "int8", 0.1, 3) for s in shapes)
        mask = w.tensor(shapes[0], "bool")
        w.op("GREATER", [m, w.tensor((1,), "int8", 0.1, 0, data=np.ones(1))], [mask])
        y = w.tensor(np.broadcast_shapes(*shapes), "int8", 0.1, 3)
        w.op("SELECT_V2", [mask, a, b], [y])
        return [m, a, b], [y]

    check(model(build), reference)


def test_the_older_select() -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, b = (w.tensor((1, 6, 7), "int8", 0.1, 3) for _ in range(2))
        mask = w.tensor((1, 6, 7), "bool")
        w.op("LESS", [a, b], [mask])
        y = w.tensor((1, 6, 7), "int8", 0.1, 3)
        w.op("SELECT", [mask, a, b], [y])
        return [a, b], [y]

    check(model(build), "litert")
    with pytest.raises(ModelError, match="SELECT does not exist"):
        load_tflite(model(build), "test.tflite", "tflm")


@BOTH
@pytest.mark.parametrize("shapes", PAIRS)
@pytest.mark.parametrize(
    "scales", [(0.1, 0.07, 0.0047), (0.013, 0.009, 0.0049), (0.9, 0.001, 0.3), (0.02, 0.02, 0.00390625)]
)
@pytest.mark.parametrize("activation", [0, 1])
def test_div(shapes: tuple[Shape, Shape], scales: Any, activation: int, reference: str) -> None:
    """The divisor is the input's absolute value and something."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, x = (w.tensor(s, "int8", scales[i], -3) for i, s in enumerate(shapes))
        positive = w.tensor(shapes[1], "int8", scales[1], -128)
        w.op("ABS", [x], [positive])
        b = w.tensor(shapes[1], "int8", scales[1] * 2, -100)
        one = w.tensor((1,), "int8", scales[1], 0, data=np.full(1, 9))
        w.op("ADD", [positive, one], [b])
        y = w.tensor(np.broadcast_shapes(*shapes), "int8", scales[2], 7)
        w.op("DIV", [a, b], [y], fused_activation_function=activation)
        return [a, x], [y]

    check(model(build), reference)


def test_div_that_the_references_leave_undefined() -> None:
    types = (("int8", 0.1, 0), ("int8", 0.1, 0), ("int8", 0.1, 0))
    with pytest.raises(ModelError, match="shift by more than 31 bits"):
        load_tflite(binary("DIV", PAIRS[0], types), "test.tflite", "litert")


def island(kind: str, shapes: tuple[Shape, Shape], constant: Any = None, **options: Any) -> bytes:
    """Two int8 tensors, or one and a constant, in float32, one operator of them, and int8 again."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        inputs = [w.tensor(s, "int8", 0.03, 3) for s in shapes[: 2 if constant is None else 1]]
        reals = [w.tensor(w.tensors[x].shape, "float32") for x in inputs]
        for x, real in zip(inputs, reals, strict=True):
            w.op("DEQUANTIZE", [x], [real])
        if constant is not None:
            reals.append(w.constant(constant, "float32"))
        shape = np.broadcast_shapes(*(w.tensors[r].shape for r in reals))
        made, y = w.tensor(shape, "float32"), w.tensor(shape, "int8", 0.05, -7)
        w.op(kind, reals, [made], **options)
        w.op("QUANTIZE", [made], [y])
        return inputs, [y, made]

    return model(build)


@BOTH
@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"])
@pytest.mark.parametrize("shapes", PAIRS)
def test_arithmetic_of_floats(kind: str, shapes: tuple[Shape, Shape], reference: str) -> None:
    check(island(kind, shapes), reference)


@BOTH
@pytest.mark.parametrize("kind", ["ADD", "SUB", "MUL", "DIV", "FLOOR_DIV", "FLOOR_MOD", "POW"])
def test_arithmetic_with_a_number(kind: str, reference: str) -> None:
    if (kind, reference) == ("POW", "tflm"):
        pytest.skip("TFLM has no such operator")
    graph = check(island(kind, PAIRS[0], np.float32(2.0 if kind == "POW" else 0.7)), reference)
    assert {op.kind for op in optimize(graph).ops} <= {"table", "float_table"}


@BOTH
def test_division_of_floats(reference: str) -> None:
    """By what cannot be 0."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        a, b = (w.tensor((1, 6, 7, 3), "int8", 0.03, 3) for _ in range(2))
        reals = [w.tensor((1, 6, 7, 3), "float32") for _ in range(4)]
        y = w.tensor((1, 6, 7, 3), "int8", 0.05, -7)
        w.op("DEQUANTIZE", [a], [reals[0]])
        w.op("DEQUANTIZE", [b], [reals[1]])
        w.op("EXP", [reals[1]], [reals[2]])
        w.op("DIV", [reals[0], reals[2]], [reals[3]])
        w.op("QUANTIZE", [reals[3]], [y])
        return [a, b], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize("kind", ["FLOOR", "CEIL", "ROUND", "SIN", "COS", "SIGN"])
def test_functions_of_floats(kind: str, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 300), "int8", 0.25, 3)
        real, made = (w.tensor((1, 300), "float32") for _ in range(2))
        y = w.tensor((1, 300), "int8", 0.05, -7)
        w.op("DEQUANTIZE", [x], [real])
        w.op(kind, [real], [made])
        w.op("QUANTIZE", [made], [y])
        return [x], [y, made]

    if (kind, reference) == ("SIGN", "tflm"):
        pytest.skip("TFLM has no such operator")
    graph = check(model(build), reference)
    assert graph.reference == ("tflm" if kind in ("CEIL", "ROUND") else reference)


@BOTH
@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("bool", "float32"),
        ("bool", "int8"),
        ("int8", "float32"),
        ("int8", "int32"),
        ("int32", "float32"),
        ("int32", "int64"),
    ],
)
def test_cast(source: str, target: str, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 9, 5), "int8", 0.1, 3)
        y = w.tensor((1, 9) if source == "int32" else (1, 9, 5), target)
        made = x
        if source == "bool":
            made = w.tensor((1, 9, 5), "bool")
            w.op("GREATER", [x, w.tensor((1,), "int8", 0.1, 0, data=np.ones(1))], [made])
        if source == "int32":
            made = w.tensor((1, 9), "int32")
            w.op("ARG_MAX", [x, w.constant(2)], [made], output_type=2)
        w.op("CAST", [made], [y])
        return [x], [y]

    if (target, reference) == ("int64", "tflm"):
        with pytest.raises(ModelError, match="does not exist"):
            load_tflite(model(build), "test.tflite", reference)
        return
    check(model(build), reference)


@pytest.mark.parametrize("per_channel", [False, True])
def test_an_image_of_bytes_is_cast(per_channel: bool) -> None:
    """Preprocessing inside of the model: (cast(image) - mean) * factor, quantized."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 4, 5, 3), "uint8")
        a, b, c = (w.tensor((1, 4, 5, 3), "float32") for _ in range(3))
        y = w.tensor((1, 4, 5, 3), "int8", 0.01, -3)
        mean = w.constant([120.5, 110.25, 99.0] if per_channel else np.float32(127.5), "float32")
        w.op("CAST", [x], [a])
        w.op("SUB", [a, mean], [b])
        w.op("MUL", [b, w.constant(np.float32(1 / 127.5), "float32")], [c])
        w.op("QUANTIZE", [c], [y])
        return [x], [y]

    graph = check(model(build), "litert")
    found = [op.kind for op in optimize(graph).ops]
    assert found == (["cast", "float_binary", "float_binary", "quantize"] if per_channel else ["table"])


@BOTH
def test_zeros_are_a_number(reference: str) -> None:
    """What converters make of tf.where(x > 0.2, x, tf.zeros_like(x)): one table."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 7, 5), "int8", 0.1, 3)
        mask = w.tensor((1, 7, 5), "bool")
        real, zeros = (w.tensor((1, 7, 5), "float32") for _ in range(2))
        none, y = (w.tensor((1, 7, 5), "int8", 0.1, 3) for _ in range(2))
        w.op("GREATER", [x, w.tensor((1,), "int8", 0.1, 0, data=np.full(1, 2))], [mask])
        w.op("DEQUANTIZE", [x], [real])
        w.op("ZEROS_LIKE", [real], [zeros])
        w.op("QUANTIZE", [zeros], [none])
        w.op("SELECT_V2", [mask, x, none], [y])
        return [x], [y]

    graph = check(model(build), reference)
    assert [op.kind for op in optimize(graph).ops] == ["table"]


@BOTH
def test_a_mask_becomes_a_table(reference: str) -> None:
    """What Keras makes of x * cast(x > 0.2)."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 7, 5), "int8", 0.1, 3)
        mask, real = w.tensor((1, 7, 5), "bool"), w.tensor((1, 7, 5), "float32")
        ones, y = w.tensor((1, 7, 5), "int8", 1 / 255, -128), w.tensor((1, 7, 5), "int8", 0.1, 3)
        w.op("GREATER", [x, w.tensor((1,), "int8", 0.1, 0, data=np.full(1, 2))], [mask])
        w.op("CAST", [mask], [real])
        w.op("QUANTIZE", [real], [ones])
        w.op("MUL", [x, ones], [y])
        return [x], [y]

    graph = check(model(build), reference)
    assert [op.kind for op in optimize(graph).ops] == ["table"]
