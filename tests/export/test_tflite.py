"""tinyc export: what tinyc writes, LiteRT and TFLM run: their outputs are those of the file that was read."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tinyc.ops
from tests.frontends.test_odd_files import parts as signatures
from tests.frontends.test_selected_shapes import open_image
from tests.modelgen import KINDS, ModelWriter, UnsignedNet, model_of_kind, random_model
from tests.ops.agree import BOTH, model, samples
from tests.passes.test_channels import VALID, Net, noise
from tinyc.cli import run
from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.export.operators import WRITERS
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.frontends.tflite.schema import read_model
from tinyc.ir import Graph, Op, to_text
from tinyc.ops.byte_table import ByteTable
from tinyc.ops.erf import Erf
from tinyc.ops.word_table import WordTable
from tinyc.passes import optimize
from tinyc.verify.judge import judge


def judged_alike(data: bytes, graph: Graph) -> Graph:
    """Write a graph; the graph of what was written."""
    written = export_tflite(graph)
    inputs = tuple(samples(graph, 2, seed=7))
    wanted, found = (judge(file, inputs, graph.reference) for file in (data, written))
    if wanted is None or found is None:
        pytest.skip(f"{graph.reference} is not installed")
    for ours, theirs in zip(found.outputs, wanted.outputs, strict=True):
        assert (ours.dtype, ours.shape, ours.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes())
    return load_tflite(written, "written.tflite", graph.reference)


def generated(reference: str) -> Iterator[tuple[bytes, Graph]]:
    for seed in range(2 * len(KINDS)):
        data = random_model(seed).data
        try:
            yield data, load_tflite(data, "model.tflite", reference)
        except ModelError:
            continue


@BOTH
def test_what_is_written_computes_what_was_read(reference: str) -> None:
    for data, graph in generated(reference):
        judged_alike(data, graph)


@pytest.mark.parametrize("folder", ["models", "wild", "cases"])
def test_real_models(folder: str, shared: Path) -> None:
    for file in sorted((shared / folder).glob("*.tflite")):
        data = file.read_bytes()
        try:
            graph = load_tflite(data, file.name, "litert")
        except ModelError:
            continue
        judged_alike(data, graph)


def test_what_was_written_is_written_the_same_again() -> None:
    """Once each op of the graph is one operator: where one becomes two, constants are named and numbered anew."""
    for _, graph in generated("litert"):
        once = export_tflite(load_tflite(export_tflite(graph), "model.tflite", "litert"))
        assert export_tflite(load_tflite(once, "model.tflite", "litert")) == once


def test_networks_of_uint8_stay_such() -> None:
    for kind in ("conv_2d", "average_pool_2d", "pad", "classifier", "float_border", "upsample_skip", "wild"):
        data = model_of_kind(kind, 3, UnsignedNet).data
        graph = judged_alike(data, load_tflite(data, "model.tflite", "litert"))
        once = export_tflite(graph)
        assert any(graph.type(n).is_unsigned for op in graph.ops for n in op.outputs)
        assert export_tflite(load_tflite(once, "model.tflite", "litert")) == once


def test_optimized_graphs_are_written() -> None:
    """But for the tables of bytes that the optimizer makes: the format has no operator for them."""
    written = 0
    for data, graph in generated("litert"):
        optimized = optimize(graph)
        if any(isinstance(op, ByteTable | WordTable) for op in optimized.ops):
            with pytest.raises(ModelError, match="table' has no operator"):
                export_tflite(optimized)
            continue
        judged_alike(data, optimized)
        written += 1
    assert written > len(KINDS)


def test_every_op_has_a_writer() -> None:
    """But for what the format has no operator for."""
    for found in pkgutil.iter_modules(tinyc.ops.__path__):
        importlib.import_module(f"tinyc.ops.{found.name}")
    ops = {op for op in _subclasses(Op) if op.__module__.startswith("tinyc.ops.") and "kind" in vars(op)}
    assert ops - set(WRITERS) == {ByteTable, Erf, WordTable}


def _subclasses(kind: type[Op]) -> Iterator[type[Op]]:
    for found in kind.__subclasses__():
        yield found
        yield from _subclasses(found)


def test_explicit_padding_is_a_pad() -> None:
    """A window that neither SAME nor VALID describes."""

    def build(w: Net) -> tuple[list[int], list[int]]:
        x = w.int8((1, 5, 6, 3))
        padded = w.int8((1, 6, 9, 3))
        w.op("PAD", [x, w.constant([[0, 0], [0, 1], [2, 1], [0, 0]])], [padded])
        return [x], [w.conv(padded, noise(4, 3, 3, 3), padding=VALID)]

    data = model(lambda w: build(Net(w.name, w.tensors, w.ops)))
    graph = optimize(load_tflite(data, "padded.tflite", "litert"))
    assert [op.kind for op in graph.ops] == ["conv2d"]
    assert [op.kind for op in judged_alike(data, graph).ops] == ["pad", "conv2d"]


def test_names_and_versions_are_those_of_the_format() -> None:
    data = model(mobile)
    graph = load_tflite(data, "mobile.tflite", "litert")
    written = read_model(export_tflite(graph, "words"), "written.tflite")
    (found,) = written.graphs
    assert [(op.kind, op.version) for op in found.ops] == [("CONV_2D", 3), ("ADD", 2), ("SOFTMAX", 2)]
    assert [found.tensors[at].name for at in (*found.inputs, *found.outputs)] == ["t0", "t5"]
    (signature,) = written.signatures
    assert (signature.name, signature.inputs) == ("serving_default", (("t0", found.inputs[0]),))
    assert export_tflite(graph, "words") == export_tflite(graph, "words")


def test_the_command(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tflite"
    assert run(["export", str(digits), "-o", str(out)]) == 0
    assert f"{out.stat().st_size:,} bytes" in capsys.readouterr().out
    graph = load_tflite(digits.read_bytes(), "digits.tflite", "litert")
    assert to_text(replace(judged_alike(digits.read_bytes(), graph), name="digits")) == to_text(graph)
    assert [file.name for file in tmp_path.iterdir()] == ["out.tflite"]
    run(["export", str(digits), "-o", str(out), "--quiet"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("out", "told"), [("model.tflite", "is the model itself"), ("no/such/out.tflite", "there is no folder")]
)
def test_the_command_loses_nothing(
    out: str, told: str, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(digits.read_bytes())
    assert run(["export", str(file), "-o", str(tmp_path / out)]) == 64
    assert told in capsys.readouterr().err
    assert file.read_bytes() == digits.read_bytes()


def test_a_model_that_is_refused_leaves_what_was_there(tmp_path: Path) -> None:
    damaged, out = tmp_path / "damaged.tflite", tmp_path / "out.tflite"
    damaged.write_bytes(b"abcdTFL3" + bytes(20))
    out.write_text("mine")
    assert run(["export", str(damaged), "-o", str(out)]) == 2
    assert out.read_text() == "mine"


def test_its_options_change_what_is_written(tmp_path: Path) -> None:
    """--shape fixes what is open, --signature chooses, --reference decides what may be read."""
    file, out = tmp_path / "model.tflite", tmp_path / "out.tflite"

    def written(data: bytes, *options: str) -> Graph | int:
        file.write_bytes(data)
        code = run(["export", str(file), "-o", str(out), *options])
        return code or load_tflite(out.read_bytes(), "out.tflite", "litert")

    assert written(model(open_image)) == 2
    shaped = written(model(open_image), "--shape", "1,7,5,2")
    assert isinstance(shaped, Graph)
    assert shaped.inputs[0].type.shape == (1, 7, 5, 2)
    chosen = written(signatures("first", "second"), "--signature", "second")
    assert isinstance(chosen, Graph)
    assert chosen.outputs[0].type.shape[-1] == 2
    exponential = model(exp)
    assert isinstance(written(exponential), Graph)
    assert written(exponential, "--reference", "tflm") == 2


def mobile(w: ModelWriter) -> tuple[list[int], list[int]]:
    """A convolution, a sum and a softmax."""
    net = Net(w.name, w.tensors, w.ops)
    x = net.int8((1, 5, 6, 3))
    y = net.conv(x, noise(3, 1, 1, 3))
    z = net.simple("ADD", [x, y], (1, 5, 6, 3))
    out = w.tensor((1, 5, 6, 3), "int8", 1 / 256, -128)
    w.op("SOFTMAX", [z], [out], beta=1.0)
    return [x], [out]


def exp(w: ModelWriter) -> tuple[list[int], list[int]]:
    x, y = w.tensor((1, 4), "int8", 0.01, 0), w.tensor((1, 4), "int8", 0.02, -100)
    w.op("EXP", [x], [y])
    return [x], [y]


@pytest.mark.parametrize("dtype", ["float32", "int8"])
def test_depthwise_layers_have_a_bias(dtype: str) -> None:
    """LiteRT's usual kernels end the program where there is none: tinyc's own files have to run everywhere."""
    w = ModelWriter("depthwise")
    scales = ((0.1, 0), (0.2, 0), (0.01, 0)) if dtype == "int8" else ((), (), ())
    x, y = (w.tensor((1, 5, 5, 4), dtype, *scale) for scale in scales[:2])
    weights = w.tensor((1, 3, 3, 4), dtype, *scales[2], data=np.arange(36).reshape(1, 3, 3, 4).astype(dtype))
    w.op("DEPTHWISE_CONV_2D", [x, weights], [y], stride_h=1, stride_w=1, depth_multiplier=1, padding=0)
    data = w.finish([x], [y])
    if dtype == "int8":
        judged_alike(data, load_tflite(data, "model.tflite", "litert"))
        written = export_tflite(load_tflite(data, "model.tflite", "litert"))
    else:
        written = export_tflite(load_float_tflite(data, "model.tflite"))
    (op,) = read_model(written, "written.tflite").graphs[0].ops
    assert len(op.inputs) == 3
