"""What moves floats between DEQUANTIZE and QUANTIZE moves bytes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.schedule import plan_layers

Build = Callable[[ModelWriter], tuple[list[int], list[int]]]


def split(w: ModelWriter) -> tuple[list[int], list[int]]:
    """As an unrolled LSTM has it: gates taken apart in float, each in a scale of its own."""
    x = w.tensor((1, 12), "int8", 0.05, 7)
    real = w.tensor((1, 12), "float32")
    parts = [w.tensor((1, 4), "float32") for _ in range(3)]
    outs = [w.tensor((1, 4), "int8", 0.05 * (i + 1), 7 - i) for i in range(3)]
    w.op("DEQUANTIZE", [x], [real])
    w.op("SPLIT", [w.constant(1), real], parts, num_splits=3)
    for part, out in zip(parts, outs, strict=True):
        w.op("QUANTIZE", [part], [out])
    return [x], outs


def joined(kind: str) -> Build:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        """Two inputs of different scales, moved twice, with a function between."""
        xs = [w.tensor((1, 3, 5), "int8", 0.05 * (i + 1), 3 * i) for i in range(2)]
        reals = [w.tensor((1, 3, 5), "float32") for _ in xs]
        shape = (1, 3, 10) if kind == "CONCATENATION" else (1, 2, 3, 5)
        both, squares = (w.tensor(shape, "float32") for _ in range(2))
        flat = w.tensor((1, 30), "float32")
        y = w.tensor((1, 30), "int8", 0.1, -128)
        for x, real in zip(xs, reals, strict=True):
            w.op("DEQUANTIZE", [x], [real])
        options = {"axis": 2} if kind == "CONCATENATION" else {"values_count": 2, "axis": 1}
        w.op(kind, reals, [both], **options)
        w.op("SQUARE", [both], [squares])
        w.op("RESHAPE", [squares, w.constant([1, 30])], [flat], new_shape=[1, 30])
        w.op("QUANTIZE", [flat], [y])
        return xs, [y]

    return build


def at_the_end(w: ModelWriter) -> tuple[list[int], list[int]]:
    """A float output that is turned after its DEQUANTIZE."""
    x = w.tensor((1, 3, 5), "int8", 0.05, 3)
    real = w.tensor((1, 3, 5), "float32")
    turned = w.tensor((1, 5, 3), "float32")
    w.op("DEQUANTIZE", [x], [real])
    w.op("TRANSPOSE", [real, w.constant([0, 2, 1])], [turned])
    return [x], [turned]


@BOTH
@pytest.mark.parametrize("build", [split, joined("PACK"), joined("CONCATENATION"), at_the_end])
def test_nothing_but_bytes_is_moved(build: Build, reference: str) -> None:
    graph = optimize(check(model(build), reference))
    moved = [op for op in graph.ops if op.kind in ("concat", "pack", "strided_slice", "transpose", "reshape")]
    assert moved
    assert all(graph.type(op.outputs[0]).dtype == "int8" for op in moved)
    plan_layers(graph, ("ref",))


def test_floats_that_stay_have_kernels() -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, y = w.tensor((1, 3, 5), "float32"), w.tensor((1, 5, 3), "float32")
        z = w.tensor((1, 5, 3), "int8", 0.1, 0)
        w.op("TRANSPOSE", [x, w.constant([0, 2, 1])], [y])
        w.op("QUANTIZE", [y], [z])
        return [x], [y, z]

    graph = optimize(load_tflite(model(build), "m.tflite", "litert"))
    plan = plan_layers(graph, ("ref",))
    assert [op.kind for op in graph.ops if graph.type(op.outputs[0]).dtype == "float32"] == ["transpose"]
    assert plan.arena > 0
