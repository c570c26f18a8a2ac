"""What the front end refuses, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.operators import OPERATORS
from tinyc.ir import Graph

Built = tuple[list[int], list[int]]


def load(build: Callable[[ModelWriter], Built], reference: str = "litert") -> Graph:
    return load_tflite(model(build), "m.tflite", reference)


def one(kind: str, x: Any = (0.1, 0), y: Any = (0.1, 0), shape: Any = (1, 4), **options: Any) -> Any:
    def build(w: ModelWriter) -> Built:
        a, b = w.tensor(shape, "int8", *x), w.tensor(shape, "int8", *y)
        w.op(kind, [a], [b], **options)
        return [a], [b]

    return build


def refuses(build: Callable[[ModelWriter], Built], why: str, reference: str = "litert") -> None:
    with pytest.raises(ModelError, match=why):
        load(build, reference)


def test_all_unsupported_operators_are_listed_at_once() -> None:
    def build(w: ModelWriter) -> Built:
        t = [w.tensor((1, 4), "int8", 0.1, 0) for _ in range(4)]
        w.op("MATRIX_DIAG", [t[0]], [t[1]])
        w.op("RELU", [t[1]], [t[2]])
        w.op("RANK", [t[2]], [t[3]])
        return [t[0]], [t[3]]

    with pytest.raises(ModelError) as caught:
        load(build)
    first, second = caught.value.message.split("\n")
    assert first.startswith("m.tflite: op 0 MATRIX_DIAG 't1': this operator is not supported")
    assert second.startswith("m.tflite: op 2 RANK 't3': ")


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (one("SOFTMAX", y=(0.1, -128), beta=1.0), "output scale is 0.1; 1/256 is needed"),
        (one("SOFTMAX", y=(1 / 256, 0), beta=1.0), "output zero point is 0; -128 is needed"),
        (one("SOFTMAX", y=(1 / 256, -128), beta=0.0), "beta is 0"),
        (one("SOFTMAX", x=(1e-9, 0), y=(1 / 256, -128), beta=1.0), "too small"),
        (one("RELU", x=(0.0, 0)), "scale that is not a positive number"),
        (one("RELU", x=(float("nan"), 0)), "scale that is not a positive number"),
        (one("RELU", x=(float("inf"), 0)), "scale that is not a positive number"),
        (one("RELU", x=(0.1, 128)), r"zero point that is not in \[-128, 127\]"),
        (one("RELU", x=((), ())), "no scale and zero point"),
        (one("RELU", x=([0.1] * 4, [0] * 4)), r"4 scales; 1 is needed|m.tflite"),
        (one("RELU", x=(1.0, 0), y=(1e-12, 0)), "effective scale|too small"),
        (one("HARD_SWISH", x=(1000.0, 0), y=(0.1, 0)), "too large for the output's"),
        (one("ABS", x=(2.0**23, 0), y=(1.0, 0)), r"8.38861e\+06; below 2\*\*23 is needed"),
        (one("LEAKY_RELU", alpha=float("inf")), "alpha is inf"),
        (one("RELU", shape=(1, 0)), "is empty"),
        (one("RELU", shape=(1, 70_000, 70_000)), "elements; at most"),
        (one("RELU", shape=(1, -1)), "has shape"),
    ],
)
def test_single_operators(build: Any, why: str) -> None:
    refuses(build, why)


def binary(kind: str, a: Any, b: Any, y: Any, shapes: Any = ((1, 4), (1, 4), (1, 4))) -> Any:
    def build(w: ModelWriter) -> Built:
        t = [w.tensor(s, "int8", *q) for s, q in zip(shapes, (a, b, y), strict=True)]
        w.op(kind, t[:2], [t[2]])
        return t[:2], [t[2]]

    return build


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (binary("ADD", (1.0, 0), (1.0, 0), (1e-7, 0)), "above 2\\*\\*19"),
        (binary("SUB", (1.0, 0), (1.0, 0), (1e-7, 0)), "above 2\\*\\*19"),
        (binary("MUL", (300.0, 0), (300.0, 0), (0.1, 0)), "effective scale"),
        (binary("MUL", (2.0**15, 0), (1.0, 0), (1.0, 0)), r"32768; below 2\*\*15 is needed"),
        (
            binary("MAXIMUM", (0.1, 0), (0.1, 0), (0.1, 1)),
            "output quantization .* differs from that of input 0",
        ),
        (binary("MINIMUM", (0.1, 0), (0.2, 0), (0.1, 0)), "differs from that of input 1, s=0.2"),
        (
            binary("PRELU", (1, 0), (1, 0), (1, 0), ((1, 4), (1, 3, 4), (1, 3, 4))),
            r"input has shape \[1, 4\], output \[1, 3",
        ),
        (binary("PRELU", (2.0**23, 0), (1e-6, 0), (1.0, 0)), r"8.38861e\+06; below 2\*\*23 is needed"),
        (binary("PRELU", (1.0, 0), (2.0**15, 0), (1.0, 0)), r"32768; below 2\*\*15 is needed"),
        (binary("MUL", (1e20, 0), (1e20, 0), (1e38, 0)), "effective scale of the output is inf"),
        (binary("ADD", (1, 0), (1, 0), (1, 0), ((1, 4), (1, 3), (1, 4))), "do not broadcast"),
        (binary("ADD", (1, 0), (1, 0), (1, 0), ((1, 4), (1, 4), (1, 5))), r"declared as \[1, 5\]"),
    ],
)
def test_binary_operators(build: Any, why: str) -> None:
    refuses(build, why)


def with_constants(kind: str, out: Any, *constants: Any, shape: Any = (1, 4), **options: Any) -> Any:
    def build(w: ModelWriter) -> Built:
        a, b = w.tensor(shape, "int8", 0.1, 0), w.tensor(out, "int8", 0.1, 0)
        values = [np.asarray(c) for c in constants]
        w.op(kind, [a, *(w.tensor(v.shape, str(v.dtype), data=v) for v in values)], [b], **options)
        return [a], [b]

    return build


def ints(*values: Any) -> Any:
    return np.array(values, np.int32)


@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize(
    ("build", "why"),
    [
        (with_constants("MEAN", (1,), np.array([1])), "input 1 is int64; int32 is needed"),
        (with_constants("RESHAPE", (2, 2), np.array([2, 2])), "input 1 is int64; int32 is needed"),
        (with_constants("RESHAPE", (1, 4), ints(65536, 65536, 1, 4)), "does not hold the 4 elements"),
        (with_constants("RESHAPE", (1, 4), ints(-1, 65536, 65536)), "4 elements do not fill shape"),
        (with_constants("RESHAPE", (1, 4), ints(2**31 - 1, 2**31 - 1)), "does not hold the 4 elements"),
        (with_constants("RESHAPE", (1, 4), new_shape=[2**30] * 7 + [4]), "does not hold the 4 elements"),
        (
            with_constants("STRIDED_SLICE", (1,), ints(0, 3), ints(1, 2), ints(1, -1), shrink_axis_mask=2),
            "dropped by shrink_axis_mask, but begins at 3 of 4 with stride -1",
        ),
        (
            with_constants("STRIDED_SLICE", (1,), ints(0, -5), ints(1, 2), ints(1, 1), shrink_axis_mask=2),
            "dropped by shrink_axis_mask, but begins at -5 of 4 with stride 1",
        ),
    ],
)
def test_what_both_interpreters_refuse_or_get_wrong(build: Any, why: str, reference: str) -> None:
    refuses(build, why, reference)


@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize("quantization", [(0.2, 0), (0.1, 5)])
def test_padding_values_are_in_the_outputs_quantization(quantization: Any, reference: str) -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 4), "int8", 0.1, 0), w.tensor((1, 6), "int8", 0.1, 0)
        value = w.tensor((1,), "int8", *quantization, data=np.array([3]))
        w.op("PADV2", [x, w.constant([[0, 0], [1, 1]]), value], [y])
        return [x], [y]

    refuses(build, "padding value has another scale or zero point", reference)


def test_references_differ_in_what_they_refuse() -> None:
    unequal = one("LOGISTIC", y=(0.1, -128))
    assert load(unequal).reference == "tflm"
    refuses(one("LOGISTIC", y=(1 / 256, 0)), "output zero point is 0", "tflm")
    assert load(one("LOGISTIC", y=(1 / 256, 0))).reference == "litert"
    refuses(one("RELU_N1_TO_1"), "does not exist", "tflm")
    refuses(one("NEG"), "NEG of int8 does not exist", "tflm")


def test_order_and_interface() -> None:
    def cycle(w: ModelWriter) -> Built:
        t = [w.tensor((1, 4), "int8", 0.1, 0) for _ in range(4)]
        w.op("ADD", [t[0], t[2]], [t[1]])
        w.op("RELU", [t[1]], [t[2]])
        return [t[0]], [t[2]]

    def twice(w: ModelWriter) -> Built:
        t = [w.tensor((1, 4), "int8", 0.1, 0) for _ in range(2)]
        w.op("RELU", [t[0]], [t[1]])
        w.op("TANH", [t[0]], [t[1]])
        return [t[0]], [t[1]]

    def never_written(w: ModelWriter) -> Built:
        t = [w.tensor((1, 4), "int8", 0.1, 0) for _ in range(3)]
        w.op("RELU", [t[0]], [t[1]])
        return [t[0]], [t[2]]

    refuses(cycle, "input 't2' is read before it is written")
    refuses(twice, "writes a tensor that already has a value")
    refuses(never_written, "is never written")


def test_constants_of_the_wrong_size() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 4), "int8", 0.1, 0)
        w.tensors.append(
            type(w.tensors[0])("c", (1, 4), "int8", (0.1,), (0,), data=np.zeros(3, np.int8)),
        )
        y = w.tensor((1, 4), "int8", 0.1, 0)
        w.op("ADD", [x, 1], [y])
        return [x], [y]

    refuses(build, "constant 'c' has 3 bytes of data; 4 are needed")


def test_names_are_made_unique() -> None:
    def build(w: ModelWriter) -> Built:
        t = [w.tensor((1, 4), "int8", 0.1, 0) for _ in range(3)]
        w.tensors = [type(s)("same", *list(vars(s).values())[1:]) for s in w.tensors]
        w.op("RELU", [t[0]], [t[1]])
        w.op("TANH", [t[1]], [t[2]])
        return [t[0]], [t[2]]

    assert list(load(build).tensors) == ["same", "same_1", "same_2"]


def test_a_quantized_dimension_out_of_range_is_read_as_tflm_reads_it() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 2, 2, 3), "int8", 0.1, 0)
        data = np.ones((1, 1, 1, 3))
        weights = w.tensor((1, 1, 1, 3), "int8", [0.1] * 3, [0] * 3, data=data, axis=3)
        bias = w.tensor((3,), "int32", [0.01] * 3, [0] * 3, data=np.zeros(3), axis=3)
        y = w.tensor((1, 2, 2, 3), "int8", 0.1, 0)
        w.op("DEPTHWISE_CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1, depth_multiplier=1)
        return [x], [y]

    assert load(build).reference == "tflm"
    assert load(build, "tflm").reference == "tflm"


@pytest.mark.parametrize("kind", [operator.kind for operator in OPERATORS])
def test_any_number_of_operands_is_read_or_refused(kind: str) -> None:
    """Whatever an operator is given: no exception but those that name it."""
    for dtype in ("int8", "float32", "int32", "uint8"):
        quant = () if dtype in ("float32", "int32") else (0.5, 3)
        for inputs, outputs, left_out in product(range(5), (1, 2), (False, True)):

            def build(
                w: ModelWriter,
                dtype: str = dtype,
                quant: tuple[float, ...] = quant,
                inputs: int = inputs,
                outputs: int = outputs,
                left_out: bool = left_out,
            ) -> tuple[list[int], list[int]]:
                x = w.tensor((1, 2, 2, 4), dtype, *quant)
                made = [w.tensor((1, 2, 2, 4), dtype, *quant) for _ in range(outputs)]
                w.op(kind, [-1 if left_out and i == inputs - 1 else x for i in range(inputs)], made)
                return [x], made

            for reference in ("litert", "tflm"):
                with suppress(ModelError):
                    load_tflite(model(build), "odd.tflite", reference)
