"""Dilated convolutions between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: one convolution, or a refusal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify import near
from tinyc.verify.judge import judge
from tinyc.verify.vectors import Samples

Built = tuple[list[int], list[int]]
QUANT = (0.1, 3)


def viewed(w: ModelWriter, x: int, shape: tuple[int, ...], zero_point: int = 3) -> int:
    y = w.tensor(shape, "int8", 0.1, zero_point)
    w.op("RESHAPE", [x, w.constant(shape)], [y], new_shape=list(shape))
    return y


def sequence(
    w: ModelWriter,
    *,
    columns: bool = True,
    block: int = 3,
    back: int = 3,
    stride: int = 1,
    zero_point: int = 3,
    viewed_as: int = 3,
) -> Built:
    """[1, 10, 2] in `block` phases, through a kernel of 2 along columns or rows, and back in `back` phases."""
    x, phases = (w.tensor(s, "int8", 0.1, zero_point) for s in ((1, 10, 2), (block, 12 // block, 2)))
    w.op("SPACE_TO_BATCH_ND", [x, w.constant([block]), w.constant([[1, 1]])], [phases])
    inner = 12 // block
    wide = viewed(w, phases, (block, 1, inner, 2) if columns else (block, inner, 1, 2), viewed_as)
    kernel = (1, 2) if columns else (2, 1)
    weights = w.tensor((3, *kernel, 2), "int8", 0.1, 0, data=np.arange(12) * 11 - 60)
    bias = w.tensor((3,), "int32", 0.01, 0, data=[5, -9, 700])
    left = (inner - 2) // stride + 1
    done = w.tensor((block, 1, left, 3) if columns else (block, left, 1, 3), "int8", 0.7, -4)
    w.op("CONV_2D", [wide, weights, bias], [done], padding=1, stride_h=stride, stride_w=stride)
    flat = w.tensor((block, left, 3), "int8", 0.7, -4)
    w.op("RESHAPE", [done, w.constant((block, left, 3))], [flat], new_shape=[block, left, 3])
    y = w.tensor((block // back, left * back - 1, 3), "int8", 0.7, -4)
    w.op("BATCH_TO_SPACE_ND", [flat, w.constant([back]), w.constant([[1, 0]])], [y])
    return [x], [y]


@pytest.mark.parametrize("columns", [True, False])
def test_a_sequence(columns: bool) -> None:
    graph = check(model(lambda w: sequence(w, columns=columns)), "litert")
    assert [op.kind for op in graph.ops] == ["reshape", "conv2d", "reshape"]
    conv = graph.ops[1]
    assert isinstance(conv, Conv2D)
    assert conv.window.dilation == ((1, 3) if columns else (3, 1))
    assert conv.window.padding == ((0, 0, 0, 1) if columns else (0, 0, 1, 0))


@pytest.mark.parametrize(
    "changes", [{"stride": 2}, {"block": 6, "back": 6, "stride": 2}, {"viewed_as": 4}], ids=str
)
def test_what_is_no_dilated_convolution(changes: dict[str, int]) -> None:
    with pytest.raises(ModelError) as told:
        load_tflite(model(lambda w: sequence(w, **changes)), "m.tflite", "litert")
    assert [line.split(" ")[3] for line in told.value.message.splitlines()] == [
        "SPACE_TO_BATCH_ND",
        "CONV_2D",
        "BATCH_TO_SPACE_ND",
    ]
    assert "only around a dilated convolution" in told.value.message


def test_a_batch_alone() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 4, 4, 1), "int8", *QUANT), w.tensor((4, 2, 2, 1), "int8", *QUANT)
        w.op("SPACE_TO_BATCH_ND", [x, w.constant([2, 2]), w.constant([[0, 0], [0, 0]])], [y])
        return [x], [y]

    with pytest.raises(ModelError, match=r"op 0 SPACE_TO_BATCH_ND .*supported only around"):
        load_tflite(model(build), "m.tflite", "litert")


def test_tflm_leaves_the_padding_unwritten() -> None:
    with pytest.raises(ModelError, match=r"TFLM leaves the padding unwritten \(tflm\)"):
        load_tflite(model(sequence), "m.tflite", "tflm")


def test_blocks_that_do_not_divide() -> None:
    with pytest.raises(ModelError, match=r"blocks of \[5\] do not divide \[12\]"):
        load_tflite(model(lambda w: sequence(w, block=5, back=5)), "m.tflite", "litert")


def test_layers_are_compared_with_what_the_file_has(tmp_path: Path) -> None:
    """The convolution's own output is none of the file's tensors; BATCH_TO_SPACE_ND's is its view."""
    file = tmp_path / "sequence.tflite"
    file.write_bytes(model(sequence))
    result = run_model(file, Options(load_board("host")), Samples(2, 1), layers=True)
    assert [(check.kind, check.elements, check.differing) for check in result.layers] == [("CONV_2D", 24, 0)]


def test_a_float_image() -> None:
    """SPACE_TO_BATCH_ND and back around a convolution of float32."""

    def build(w: ModelWriter) -> Built:
        x, phases = w.tensor((1, 6, 6, 2), "float32"), w.tensor((4, 3, 3, 2), "float32")
        w.op("SPACE_TO_BATCH_ND", [x, w.constant([2, 2]), w.constant([[0, 0], [0, 0]])], [phases])
        weights = w.tensor((3, 2, 2, 2), "float32", data=np.arange(24, dtype=np.float32) / 9)
        bias = w.tensor((3,), "float32", data=np.ones(3, np.float32))
        done, y = w.tensor((4, 2, 2, 3), "float32"), w.tensor((1, 4, 4, 3), "float32")
        w.op("CONV_2D", [phases, weights, bias], [done], padding=1, stride_h=1, stride_w=1)
        w.op("BATCH_TO_SPACE_ND", [done, w.constant([2, 2]), w.constant([[0, 0], [0, 0]])], [y])
        return [x], [y]

    data = model(build)
    graph = load_float_tflite(data, "m.tflite")
    (conv,) = graph.ops
    assert isinstance(conv, Conv2D)
    assert conv.window.dilation == (2, 2)
    x = np.random.default_rng(0).normal(size=(1, 1, 6, 6, 2)).astype(np.float32)
    judged = judge(data, (x,), "litert")
    if judged is not None:
        values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
        assert near.error(judged.outputs[0], values[graph.outputs[0].tensor]) <= near.BOUND
