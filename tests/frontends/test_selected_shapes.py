"""Dimensions that a file leaves open are asked for, and batches are computed image by image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.frontends.test_odd_files import convolution, run_exact
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.cli import run
from tinyc.compiler import load
from tinyc.errors import ModelError, UsageError
from tinyc.frontends import load_tflite
from tinyc.frontends.source import read_model

Built = tuple[list[int], list[int]]
QUANT = (0.1, 3)


def open_image(w: ModelWriter, unknown: tuple[int, ...] = (0, 1, 2)) -> Built:
    """Convolution, pooling, a view and a dense layer of which every shape is a stand-in of 1."""
    x = w.tensor((1, 1, 1, 2), "int8", *QUANT, unknown=unknown)
    y = convolution(w, x)
    w.tensors[y] = type(w.tensors[y])(**{**vars(w.tensors[y]), "unknown": unknown})
    pooled = w.tensor((1, 1, 1, 3), "int8", 0.2, -5, unknown=(0,))
    w.op("MEAN", [y, w.constant([1, 2])], [pooled], keep_dims=True)
    flat = w.tensor((1, 3), "int8", 0.2, -5, unknown=(0,))
    w.op("RESHAPE", [pooled, w.constant([-1, 3])], [flat], new_shape=[-1, 3])
    return [x], [flat, y]


def read(data: bytes, folder: Path, *shapes: Any, **more: Any) -> bytes:
    file = folder / "m.tflite"
    file.write_bytes(data)
    return read_model(file, shapes=shapes, **more).data


def test_open_dimensions_are_asked_for() -> None:
    with pytest.raises(ModelError, match=r"input 't0' leaves its shape open: \[\?, \?, \?, 2\]") as asked:
        load_tflite(model(open_image), "m.tflite", "litert")
    assert "--shape t0=1,96,96,2" in asked.value.hint


def test_an_open_batch_is_1() -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 5, 4, 2), "int8", *QUANT, unknown=(0,))
        return [x], [convolution(w, x)]

    assert load_tflite(model(build), "m.tflite", "litert").inputs[0].type.shape == (1, 5, 4, 2)


@BOTH
@pytest.mark.parametrize("name", ["t0", ""])
@pytest.mark.parametrize("shape", [(1, 7, 5, 2), (1, 1, 1, 2), (3, 4, 6, 2)])
def test_shapes_go_through_the_model(
    name: str, shape: tuple[int, ...], reference: str, tmp_path: Path
) -> None:
    data = read(model(open_image), tmp_path, (name, shape))
    graph = check(data, reference)
    assert graph.inputs[0].type.shape == shape
    assert [p.type.shape for p in graph.outputs] == [(shape[0], 3), (*shape[:3], 3)]


def test_litert_itself_computes_the_same_after_a_resize(tmp_path: Path) -> None:
    interpreters = pytest.importorskip("ai_edge_litert.interpreter")
    data = model(open_image)
    file = tmp_path / "m.tflite"
    file.write_bytes(data)
    resolver = interpreters.OpResolverType.BUILTIN_REF
    interpreter = interpreters.Interpreter(model_content=data, experimental_op_resolver_type=resolver)
    interpreter.resize_tensor_input(0, [1, 7, 5, 2])
    interpreter.allocate_tensors()
    x = np.random.default_rng(1).integers(-128, 128, (1, 7, 5, 2), dtype=np.int8)
    interpreter.set_tensor(0, x)
    interpreter.invoke()
    expected = [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]
    found = load(file, shapes={"t0": (1, 7, 5, 2)})(x)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "shape", "why"),
    [
        ("t0", (1, 7, 5), r"has shape \[-1, -1, -1, 2\], which \[1, 7, 5\] does not fit"),
        ("t0", (1, 7, 5, 3), "does not fit"),
        ("t0", (1, 0, 5, 2), "does not fit"),
        ("t0", (1, -1, 5, 2), "does not fit"),
        ("t9", (1, 7, 5, 2), "has no input 't9'"),
    ],
)
def test_shapes_that_do_not_fit(name: str, shape: tuple[int, ...], why: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=why):
        read(model(open_image), tmp_path, (name, shape))


def test_shapes_that_an_operator_refuses(tmp_path: Path) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1, 1, 1, 2), "int8", *QUANT, unknown=(1, 2))
        y = w.tensor((1, 8), "int8", *QUANT)
        w.op("RESHAPE", [x, w.constant([1, 8])], [y], new_shape=[1, 8])
        return [x], [y]

    assert read(model(build), tmp_path, ("t0", (1, 2, 2, 2)))
    with pytest.raises(ModelError, match=r"does not hold the 18 elements"):
        read(model(build), tmp_path, ("t0", (1, 3, 3, 2)))


def test_shape_and_signature_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.tflite").write_bytes(model(open_image))
    assert run(["run", "m.tflite", "--board", "host"]) == 2
    assert "--shape t0=1,96,96,2" in capsys.readouterr().err
    compiled = ["compile", "m.tflite", "--board", "host", "-o", "out", "--shape", "t0=1,6,5,2"]
    assert run(compiled) == 0
    assert "--shape t0=1,6,5,2" in Path("out/m.h").read_text()
    assert run(["run", "out", "--model", "m.tflite"]) == 0
    assert run(["run", "m.tflite", "--board", "host", "--shape", "1,6,x,2"]) == 64
    assert "'1,6,x,2' is no shape" in capsys.readouterr().err
    assert run(["report", "m.tflite", "--board", "host", "--signature", "none"]) == 64
    assert "has no signature 'none'" in capsys.readouterr().err


def network(w: ModelWriter) -> Built:
    """Three images through a convolution, a residual sum, pooling, a table, and a dense layer."""
    x = w.tensor((3, 6, 5, 2), "int8", *QUANT)
    a, b = convolution(w, x), convolution(w, x)
    total = w.tensor((3, 6, 5, 3), "int8", 0.3, 1)
    w.op("ADD", [a, b], [total])
    shifted = w.tensor((3, 6, 5, 3), "int8", 0.3, 1)
    w.op("MUL", [total, w.tensor((3,), "int8", 0.02, 0, data=[50, -60, 127])], [shifted])
    small = w.tensor((3, 3, 2, 3), "int8", 0.3, 1)
    w.op(
        "MAX_POOL_2D", [shifted], [small], filter_height=2, filter_width=2, stride_h=2, stride_w=2, padding=1
    )
    flat = w.tensor((3, 18), "int8", 0.3, 1)
    w.op("RESHAPE", [small, w.constant([3, 18])], [flat], new_shape=[3, 18])
    weights = w.tensor((4, 18), "int8", 0.01, 0, data=np.arange(72) - 36)
    y = w.tensor((3, 4), "int8", 0.4, -7)
    w.op("FULLY_CONNECTED", [flat, weights, -1], [y])
    z = w.tensor((3, 4), "int8", 1 / 256, -128)
    w.op("SOFTMAX", [y], [z], beta=1.0)
    return [x], [z, total]


def moved(w: ModelWriter) -> Built:
    """Padding, slicing, joining, turning and averaging between convolutions, and a constant with the batch."""
    x = w.tensor((2, 5, 6, 2), "int8", *QUANT)
    a = convolution(w, x)
    padded = w.tensor((2, 7, 6, 3), "int8", 0.2, -5)
    w.op("PAD", [a, w.constant([[0, 0], [1, 1], [0, 0], [0, 0]])], [padded])
    cut = w.tensor((2, 7, 4, 3), "int8", 0.2, -5)
    w.op("SLICE", [padded, w.constant([0, 0, 1, 0]), w.constant([2, 7, 4, 3])], [cut])
    other = w.tensor((2, 7, 4, 1), "int8", 0.2, -5, data=np.arange(56) - 28)
    joined = w.tensor((2, 7, 4, 4), "int8", 0.2, -5)
    w.op("CONCATENATION", [cut, other], [joined], axis=3)
    turned = w.tensor((2, 4, 7, 4), "int8", 0.2, -5)
    w.op("TRANSPOSE", [joined, w.constant([0, 2, 1, 3])], [turned])
    b = convolution(w, turned, outputs=2)
    mean = w.tensor((2, 2), "int8", 0.2, -5)
    w.op("MEAN", [b, w.constant([1, 2])], [mean], keep_dims=False)
    across = w.tensor((4, 7, 2), "int8", 0.2, -5)
    w.op("MEAN", [b, w.constant([0])], [across], keep_dims=False)
    return [x], [mean, across]


def resized(w: ModelWriter) -> Built:
    x = w.tensor((2, 3, 4, 4), "int8", *QUANT)
    found = []
    for kind in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
        found.append(w.tensor((2, 6, 8, 4), "int8", *QUANT))
        w.op(kind, [x, w.constant([6, 8])], [found[-1]])
    found.append(w.tensor((2, 6, 8, 1), "int8", *QUANT))
    w.op("DEPTH_TO_SPACE", [x], [found[-1]], block_size=2)
    return [x], found


def float_borders(w: ModelWriter) -> Built:
    x, q = w.tensor((2, 4, 4, 2), "float32"), w.tensor((2, 4, 4, 2), "int8", *QUANT)
    w.op("QUANTIZE", [x], [q])
    y = convolution(w, q)
    z = w.tensor((2, 4, 4, 3), "float32")
    w.op("DEQUANTIZE", [y], [z])
    return [x], [z]


@pytest.mark.parametrize("build", [network, moved, resized, float_borders])
def test_batches(build: Callable[[ModelWriter], Built], tmp_path: Path) -> None:
    check(model(build), "tflm")
    check(model(build), "litert")
    run_exact(model(build), tmp_path, layers=build is network)


def test_images_of_a_batch_go_on_alone() -> None:
    """They are joined where a layer takes them together, and only there."""
    graph = load_tflite(model(network), "m.tflite", "litert")
    kinds = [op.kind for op in graph.ops]
    assert kinds.count("conv2d") == 6
    assert kinds.count("strided_slice") == 3
    assert kinds.count("fully_connected") == kinds.count("softmax") == 1
    assert kinds.count("concat") == 2  # for the dense layer, and for the output


def test_a_batch_too_large_to_be_split(tmp_path: Path) -> None:
    def build(w: ModelWriter) -> Built:
        x = w.tensor((1500, 4, 4, 2), "int8", *QUANT)
        return [x], [convolution(w, x)]

    with pytest.raises(ModelError, match="a batch of 1500 makes more than 1000 operators") as caught:
        load_tflite(model(build), "m.tflite", "litert")
    assert "--shape" in caught.value.hint
    data = read(model(build), tmp_path, ("", (1, 4, 4, 2)))
    assert check(data, "litert").outputs[0].type.shape == (1, 4, 4, 3)


def test_rows_without_images_need_no_split() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((5, 7), "int8", *QUANT), w.tensor((5, 7), "int8", *QUANT)
        w.op("RELU", [x], [y])
        return [x], [y]

    assert [op.kind for op in check(model(build), "litert").ops] == ["relu"]
