"""Shapes that a model with an open batch works out, as converters emit them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite

QUANT = (0.1, 3)
INT32 = 2


def shape_of(w: ModelWriter, x: int) -> int:
    found = w.tensor((len(w.tensors[x].shape),), "int32")
    w.op("SHAPE", [x], [found], out_type=INT32)
    return found


def flattened(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Keras' Flatten of a batch that is open: [1, 3, 4, 2] to [1, 24]."""
    x = w.tensor((1, 3, 4, 2), "int8", *QUANT, unknown=(0,))
    shape = shape_of(w, x)
    batch = w.tensor((), "int32")
    ends = (w.constant([0]), w.constant([1]), w.constant([1]))
    w.op("STRIDED_SLICE", [shape, *ends], [batch], shrink_axis_mask=1)
    wanted = w.tensor((2,), "int32")
    w.op("PACK", [batch, w.constant(-1)], [wanted], values_count=2)
    y = w.tensor((1, 24), "int8", *QUANT, unknown=(0,))
    w.op("RESHAPE", [x, wanted], [y])
    return [x], [y]


def products(w: ModelWriter, declared: Any = (1, 1), **gather: Any) -> tuple[list[int], list[int]]:
    """A dense layer over the last of three dimensions: [1, 5, 4] to [5, 4], by products of dimensions."""
    x = w.tensor((1, 5, 4), "int8", *QUANT, unknown=(0,))
    shape = shape_of(w, x)
    sizes = []
    for dims in ([0, 1], [2]):
        taken, product = w.tensor((len(dims),), "int32"), w.tensor((), "int32")
        w.op("GATHER", [shape, w.constant(dims)], [taken], **gather)
        w.op("REDUCE_PROD", [taken, w.constant([0])], [product])
        sizes.append(product)
    wanted = w.tensor((2,), "int32")
    w.op("PACK", sizes, [wanted], values_count=2)
    y = w.tensor(declared, "int8", *QUANT, unknown=(0, 1))
    w.op("RESHAPE", [x, wanted], [y])
    return [x], [y]


def joined(w: ModelWriter) -> tuple[list[int], list[int]]:
    """The first dimension in front of constant ones."""
    x = w.tensor((1, 6, 2), "int8", *QUANT, unknown=(0,))
    first = w.tensor((1,), "int32")
    w.op("STRIDED_SLICE", [shape_of(w, x), *(w.constant([i]) for i in (0, 1, 1))], [first])
    wanted = w.tensor((4,), "int32")
    w.op("CONCATENATION", [first, w.constant([2, 3, 2])], [wanted])
    y = w.tensor((1, 2, 3, 2), "int8", *QUANT, unknown=(0,))
    w.op("RESHAPE", [x, wanted], [y])
    return [x], [y]


def enlarged(w: ModelWriter) -> tuple[list[int], list[int]]:
    """Keras' Conv2DTranspose of a batch that is open: [1, 3, 4, 2] to [1, 6, 8, 3]."""
    x = w.tensor((1, 3, 4, 2), "int8", *QUANT, unknown=(0,))
    batch = w.tensor((), "int32")
    ends = (w.constant([0]), w.constant([1]), w.constant([1]))
    w.op("STRIDED_SLICE", [shape_of(w, x), *ends], [batch], shrink_axis_mask=1)
    size = w.tensor((4,), "int32")
    w.op("PACK", [batch, *(w.constant(n) for n in (6, 8, 3))], [size], values_count=4)
    data = np.random.default_rng(1).integers(-127, 128, (3, 3, 3, 2))
    weights = w.tensor(data.shape, "int8", 0.01, 0, data=data)
    y = w.tensor((1, 6, 8, 3), "int8", *QUANT, unknown=(0,))
    w.op("TRANSPOSE_CONV", [size, weights, x], [y], stride_h=2, stride_w=2)
    return [x], [y]


@BOTH
@pytest.mark.parametrize(
    ("build", "kind"), [(flattened, "reshape"), (joined, "reshape"), (enlarged, "transpose_conv")]
)
def test_chains(build: Any, kind: str, reference: str) -> None:
    graph = check(model(build), reference)
    assert [op.kind for op in graph.ops] == [kind]
    assert graph.reference == reference


@pytest.mark.parametrize("declared", [(1, 1), (5, 4)])
def test_litert_works_out_open_shapes(declared: Any) -> None:
    graph = check(model(lambda w: products(w, declared)), "litert")
    assert graph.outputs[0].type.shape == (5, 4)


def test_shape_that_is_not_open() -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, y = w.tensor((1, 6), "int8", *QUANT), w.tensor((1, 1), "int8", *QUANT)
        w.op("RESHAPE", [x, w.constant([2, 3])], [y])
        return [x], [y]

    with pytest.raises(ModelError, match=r"declared as \[1, 1\], its inputs give \[2, 3\]"):
        load_tflite(model(build), "m.tflite", "litert")


@pytest.mark.parametrize(
    ("build", "reference", "why"),
    [
        (products, "tflm", "GATHER of int32 does not exist"),
        (lambda w: products(w, axis=1), "litert", "only elements of a vector"),
        (lambda w: products(w, batch_dims=1), "litert", "only elements of a vector"),
    ],
)
def test_refused(build: Any, reference: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        load_tflite(model(build), "m.tflite", reference)


def test_shapes_of_computed_values_are_refused() -> None:
    """An int32 that depends on the input is no shape."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 6), "int8", *QUANT)
        most, wanted = w.tensor((1,), "int32"), w.tensor((2,), "int32")
        w.op("MULTINOMIAL", [x, w.constant(1)], [most])
        w.op("CONCATENATION", [most, w.constant([6])], [wanted])
        y = w.tensor((1, 6), "int8", *QUANT)
        w.op("RESHAPE", [x, wanted], [y])
        return [x], [y]

    with pytest.raises(ModelError, match=r"MULTINOMIAL .*not supported") as caught:
        load_tflite(model(build), "m.tflite", "litert")
    assert "\n" not in caught.value.message, "what follows from it is no error of its own"


@BOTH
@pytest.mark.parametrize(("axis", "out"), [(0, (1, 1, 5, 3)), (-1, (1, 5, 3, 1)), (2, (1, 5, 1, 3))])
def test_expand_dims(axis: int, out: Any, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, y = w.tensor((1, 5, 3), "int8", *QUANT), w.tensor(out, "int8", *QUANT)
        w.op("EXPAND_DIMS", [x, w.constant(np.int32(axis))], [y])
        return [x], [y]

    check(model(build), reference)


@pytest.mark.parametrize(
    ("unknown", "kind", "advised"),
    [((0,), "SHAPE", True), ((), "SHAPE", False), ((0,), "MATRIX_DIAG", False)],
)
def test_advice_where_the_batch_is_open(unknown: tuple[int, ...], kind: str, advised: bool) -> None:
    """With a batch of 1 a converter needs fewer operators, of those that work out shapes."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 6, 2), "int8", *QUANT, unknown=unknown)
        y = w.tensor((1, 6, 2), "int8", *QUANT)
        if kind == "SHAPE":
            w.op("RANDOM_UNIFORM", [shape_of(w, x)], [y])
        else:
            w.op(kind, [x], [y])
        return [x], [y]

    with pytest.raises(ModelError, match="this operator is not supported") as caught:
        load_tflite(model(build), "m.tflite", "litert")
    assert ("convert it with a batch of 1" in caught.value.hint) == advised
    assert bool(caught.value.hint) == advised
