"""INT8 quantization: what LiteRT makes of the file that is written is near what the float network computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import RELU6, SHAPE, Built, Floats, branches, classifier, samples
from tinyc.cli import run
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Array, Graph
from tinyc.ops.floats import evaluate_floats
from tinyc.options import Options
from tinyc.quantize import Effort, quantize_graph
from tinyc.quantize.mixture import Mixture
from tinyc.quantize.quantize import choose
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.judge import judge
from tinyc.verify.vectors import Samples

MODELS = pytest.mark.parametrize("build", [classifier, branches])
Build = Callable[[ModelWriter], Built]


def floats(build: Build) -> Graph:
    return load_float_tflite(model(build), f"{build.__name__}.tflite")


def answers(graph: Graph, x: npt.NDArray[np.float32]) -> list[Array]:
    values = evaluate_floats(graph, {graph.inputs[0].tensor: x})
    return [values[p.tensor] for p in graph.outputs]


def judged(data: bytes, x: npt.NDArray[np.float32]) -> tuple[Array, ...]:
    found = judge(data, (x,), "litert")
    if found is None:
        pytest.skip("litert is not installed")
    return found.outputs


def decibels(wanted: Array, found: Array) -> float:
    """Signal to quantization noise."""
    return float(10 * np.log10(np.var(wanted) / np.mean((wanted - found) ** 2)))


def quantized(build: Build, effort: Effort = "good", count: int = 64) -> Graph:
    graph = floats(build)
    return quantize_graph(graph, {graph.inputs[0].tensor: samples(count)}, effort)


@MODELS
def test_floats_are_computed_as_litert_does(build: Build) -> None:
    x = samples(3)
    for ours, theirs in zip(answers(floats(build), x), judged(model(build), x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@MODELS
def test_a_written_float_model_is_the_one_that_was_read(build: Build) -> None:
    x = samples(2)
    for ours, theirs in zip(judged(export_tflite(floats(build)), x), judged(model(build), x), strict=True):
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(("build", "least"), [(classifier, 28), (branches, 20)])
@pytest.mark.parametrize("effort", ["fast", "good", "best"])
def test_the_int8_network_is_near_the_float_one(build: Build, least: float, effort: Effort) -> None:
    x = samples(32, seed=9)
    made = judged(export_tflite(quantized(build, effort)), x)
    for wanted, found in zip(answers(floats(build), x), made, strict=True):
        assert decibels(wanted, found) > least


def test_more_effort_loses_less() -> None:
    graph, x = floats(classifier), samples(128)
    logits = graph.ops[-1].inputs[0]
    wanted = evaluate_floats(graph, {graph.inputs[0].tensor: x})[logits]
    found = {}
    for effort in ("fast", "good", "best"):
        made = quantized(classifier, effort, 128)  # type: ignore[arg-type]
        softmax = next(op for op in made.ops if op.kind == "softmax")
        cut = export_tflite(
            load_tflite(export_tflite(_up_to(made, softmax.inputs[0])), "cut.tflite", "litert")
        )
        raw = judged(cut, x)[0].astype(np.float32)
        quant = made.type(softmax.inputs[0]).q
        found[effort] = decibels(wanted, (raw - quant.zero_point) * np.float32(quant.scale))
    assert found["fast"] + 1 < found["good"] <= found["best"] + 0.2, found


def wide(w: ModelWriter) -> Built:
    """Layers with more weights for an output than few samples can tell apart."""
    f = Floats(w)
    a = f.conv(f.conv(x := f.tensor(*SHAPE), 64, stride=2), 64, stride=2)
    b = f.conv(f.conv(a, 64, stride=2), 64, stride=2)
    return [x], [f.dense(f.average(b), 10)]


@pytest.mark.parametrize("count", [40, 160])
def test_more_effort_learns_nothing_by_heart(count: int) -> None:
    """With few samples, "good" is no worse than "fast" on others."""
    graph, other = floats(wide), samples(200, seed=9)
    found = {}
    for effort in ("fast", "good"):
        given = {graph.inputs[0].tensor: samples(count)}
        choice = choose(graph, given, effort, lambda *_: None)  # type: ignore[arg-type]
        made = Mixture(choice).int8({graph.inputs[0].tensor: other})
        found[effort] = decibels(answers(graph, other)[0], made[graph.outputs[0].tensor])
    assert found["good"] > found["fast"] - 0.2, found


def _up_to(graph: Graph, tensor: str) -> Graph:
    """The graph that ends at a tensor."""
    from dataclasses import replace  # noqa: PLC0415

    from tinyc.ir import Port  # noqa: PLC0415

    last = graph.producer[tensor]
    port = Port(tensor, tensor, graph.type(tensor))
    return replace(graph, outputs=(port,)).with_ops(graph.ops[: last + 1])


@MODELS
def test_firmware_computes_what_litert_makes_of_the_file(build: Build, tmp_path: Path) -> None:
    file = tmp_path / "m.tflite"
    file.write_bytes(model(build))
    np.save(tmp_path / "x.npy", samples(20))
    options = Options(load_board("host"), calibration=tmp_path / "x.npy", effort="fast")
    result = run_model(file, options, Samples(5, 1), layers=True)
    assert (result.json["judge"], result.json["bit_exact"]) == ("litert", True)
    assert result.layers
    assert all(not layer.differing for layer in result.layers)


def test_the_specification_is_kept() -> None:
    """Fixed scales of sigmoid, tanh and softmax; one scale for what is joined; averages with a scale of their own."""
    graph = quantized(branches, "fast")
    kinds = [op.kind for op in graph.ops]
    made = {op.kind: graph.type(op.outputs[0]).quant for op in graph.ops}
    assert str(made["logistic"]) == "s=0.00390625 z=-128"
    assert str(made["tanh"]) == "s=0.0078125 z=0"
    (joined,) = (op for op in graph.ops if op.kind == "concat")
    assert {str(graph.type(n).quant) for n in joined.inputs} == {str(graph.type(joined.outputs[0]).quant)}
    assert kinds.count("requantize") == 1  # the sigmoid's byte in the scale of what it is joined with
    assert kinds[kinds.index("square") - 1 : kinds.index("square") + 2] == [
        "dequantize",
        "square",
        "quantize",
    ]
    kinds = [op.kind for op in quantized(classifier, "fast").ops]
    assert "mean" in kinds and "average_pool2d" not in kinds and "relu" not in kinds


def test_weights_of_zero_and_inputs_of_zero() -> None:
    """Nothing to go by: no division by 0, and a graph that runs."""

    def empty(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 4), "float32"), w.tensor((1, 3), "float32")
        w.op("FULLY_CONNECTED", [x, w.tensor((3, 4), "float32", data=np.zeros((3, 4))), -1], [y])
        return [x], [y]

    for effort in ("fast", "good", "best"):
        graph = load_float_tflite(model(empty), "empty.tflite")
        made = quantize_graph(graph, {graph.inputs[0].tensor: np.zeros((4, 1, 4), np.float32)}, effort)  # type: ignore[arg-type]
        assert not judged(export_tflite(made), np.zeros((1, 1, 4), np.float32))[0].any()


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that `quantize` writes is what `run --quantize int8` compiles."""
    file, x, out = tmp_path / "m.tflite", tmp_path / "x.npz", tmp_path / "out.tflite"
    file.write_bytes(model(classifier))
    np.savez(x, in0=samples(20))
    assert run(["quantize", str(file), "--calibration", str(x), "-o", str(out), "--effort", "fast"]) == 0
    assert f"{out.stat().st_size:,} bytes" in capsys.readouterr().out
    line = ["compile", str(file), "--board", "host", "-o", str(tmp_path / "fw"), "--quantize", "int8"]
    assert run([*line, "--calibration", str(x), "--effort", "fast", "-q"]) == 0
    assert run(["run", str(tmp_path / "fw"), "--board", "host", "--model", str(out)]) == 0
    assert "bit-exact" in capsys.readouterr().out
    assert run(["run", str(tmp_path / "fw"), "--board", "host", "--model", str(file)]) == 64
    assert "it was quantized when" in capsys.readouterr().err
    assert run(["run", str(file), "--board", "host"]) == 0
    assert "bit-exact" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"in0": np.zeros((3, 5), np.float32)}, "expected [samples, 1, 12, 10, 3]"),
        ({"in0": np.full((2, 12, 10, 3), np.nan, np.float32)}, "not finite"),
        ({"in0": np.zeros((2, 12, 10, 3), np.complex64)}, "numbers are needed"),
        ({"in0": np.zeros((0, 12, 10, 3), np.float32)}, "in0 has shape [0, 12, 10, 3]"),
        ({"a": np.zeros(3), "b": np.zeros(3)}, "holds a, b"),
    ],
)
def test_wrong_samples_are_refused(
    arrays: dict[str, Array], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, x, out = tmp_path / "m.tflite", tmp_path / "x.npz", tmp_path / "out.tflite"
    file.write_bytes(model(classifier))
    np.savez(x, **arrays)  # type: ignore[arg-type]
    assert run(["quantize", str(file), "--calibration", str(x), "-o", str(out)]) == 64
    assert says in capsys.readouterr().err
    assert not out.exists()


def test_what_cannot_be_quantized(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.tflite"
    np.save(tmp_path / "x.npy", samples(2))
    assert run(["quantize", str(digits), "--calibration", str(tmp_path / "x.npy"), "-o", str(out)]) == 2
    assert "quantized already" in capsys.readouterr().err
    assert run(["quantize", str(digits), "--calibration", str(tmp_path / "none.npy"), "-o", str(out)]) in (
        2,
        64,
    )
    assert run(["quantize", str(digits), "-o", str(out)]) == 64
    assert not out.exists()


def fading(w: ModelWriter) -> Built:
    """Signals that fade from layer to layer, as in a network that nobody trained."""
    f = Floats(w)
    x = f.tensor(*SHAPE)
    y = f.conv(x, 6, activation=RELU6)
    for _ in range(5):
        y = f.conv(y, 6, activation=RELU6)
    y = f.same("ADD", f.conv(y, 6, activation=2), f.conv(y, 6), fused_activation_function=2)
    return [x], [f.dense(f.average(y), 4)]


def faded(w: ModelWriter) -> Built:
    inputs, (scores,) = fading(w)
    return inputs, [Floats(w).same("SOFTMAX", scores, beta=1.0)]


@pytest.mark.parametrize(("build", "effort"), [(fading, "fast"), (fading, "good"), (faded, "fast")])
def test_signals_that_fade(build: Build, effort: Effort) -> None:
    """Bounds of activations that no value comes near would overflow, and so would differences under a softmax."""
    graph = floats(build)
    tensors = dict(graph.tensors)
    for op in graph.ops:
        for name in (n for n in op.trained if n):
            data = graph.tensors[name].data
            assert data is not None
            tensors[name] = replace(tensors[name], data=data * np.float32(0.01 if data.ndim > 1 else 0))
    graph, x = replace(graph, tensors=tensors), samples(5, seed=9)
    made = quantize_graph(graph, {graph.inputs[0].tensor: samples(30)}, effort)
    assert min(t.type.q.scale for t in made.tensors.values() if t.type.quant and t.data is None) < 1e-10
    (found,), wanted = judged(export_tflite(made), x), answers(graph, x)[0]
    assert (
        decibels(wanted * 1e18, found * 1e18) > 20 if build is fading else np.abs(wanted - found).max() < 1e-6
    )
