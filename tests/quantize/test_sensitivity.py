"""What each layer loses: against networks in which that thing alone is quantized; and advice that comes true."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.modelgen import ModelWriter
from tests.ops.agree import model
from tests.quantize.floats import Built, Floats, classifier, samples
from tinyc.cli import run
from tinyc.export import export_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ir import Quant
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize import advice, quantize_graph
from tinyc.quantize.advice import advise
from tinyc.quantize.precision import Layer, Precision
from tinyc.quantize.quantize import Choice, choose, with_weights
from tinyc.quantize.ranges import rounded
from tinyc.quantize.sensitivity import measure
from tinyc.verify.judge import judge


def without_softmax(w: ModelWriter) -> Built:
    """Layers whose answers are linear, as decibels are the same for the judge and for what is computed here."""
    f = Floats(w)
    x = f.tensor(1, 12, 10, 3)
    a = f.conv(x, 8)
    b = f.conv(f.depthwise(a), 8, kernel=1, activation=0)
    return [x], [f.dense(f.average(f.same("ADD", a, b, fused_activation_function=0)), 5)]


def chosen(build: Callable[[ModelWriter], Built], effort: Any = "fast") -> tuple[Choice, dict[str, Any]]:
    graph = load_float_tflite(model(build), "m.tflite")
    given = {graph.inputs[0].tensor: samples(80)}
    return choose(graph, given, effort, lambda *_: None), given


def share(wanted: Any, found: Any) -> float:
    return float(np.mean((wanted - found) ** 2) / np.var(wanted))


def test_the_network_as_a_whole_is_what_the_judge_computes() -> None:
    choice, given = chosen(without_softmax)
    found = measure(choice, given)
    (x,) = given.values()
    exact = evaluate_floats(choice.graph, given)[choice.graph.outputs[0].tensor]
    judged = judge(export_tflite(choice.int8_graph()), (x,), "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    assert 10 * np.log10(found.noise) == pytest.approx(
        10 * np.log10(share(exact, judged.outputs[0])), abs=0.8
    )


def test_each_thing_alone() -> None:
    """Weights, activations and the input, one after the other, as computed by a float network that has only that."""
    choice, given = chosen(classifier)
    graph = choice.graph
    logits = graph.ops[-1].inputs[0]
    exact = evaluate_floats(graph, given)[logits]
    found = {layer.tensor: layer for layer in measure(choice, given).layers}
    assert len(found) == len(graph.ops) + 1
    compared = 0
    for op in graph.ops[:-1]:
        (out,) = op.outputs
        loss = found[out]
        if loss.weights is not None:
            alone = with_weights(graph, op, choice.weights[op.weights])  # type: ignore[attr-defined, arg-type]
            assert loss.weights.noise == pytest.approx(
                share(exact, evaluate_floats(alone, given)[logits]), rel=1e-2
            )
            compared += 1
        if loss.activation is not None:
            quant = choice.quants[out]
            made = evaluate_floats(
                graph, given, lambda n, v, out=out, quant=quant: rounded(v, quant) if n == out else v
            )
            assert loss.activation.noise == pytest.approx(share(exact, made[logits]), rel=1e-2)
    assert compared == 5
    (source,) = given
    assert found[source].weights is None and found[source].activation is not None
    assert found[source].kind == "input"


def test_a_bad_scale_is_found_and_what_helps_is_told() -> None:
    choice, given = chosen(classifier)
    out = choice.graph.ops[0].outputs[0]
    bad = Quant((choice.quants[out].scale * 12,), choice.quants[out].zero_points)
    worse = replace(choice, quants={**choice.quants, out: bad})
    found = measure(worse, given)
    assert found.costly[0].tensor == out
    first = advise(worse, found, given, "good")[0]
    assert (first.layer.tensor, first.mostly) == (out, "activation") and first.share > 0.5
    assert first.remedies[0].gain_db is not None and first.remedies[0].gain_db > 2


def test_advice_comes_true() -> None:
    """What float32 gives to the layer that costs most is what the judge measures of a network with that layer."""
    graph = load_float_tflite(model(without_softmax), "m.tflite")
    (source,) = (p.tensor for p in graph.inputs)
    given = {source: samples(64)}
    choice = choose(graph, given, "fast", lambda *_: None)
    exact = evaluate_floats(graph, given)[graph.outputs[0].tensor]

    def judged(precision: Precision) -> float:
        found = judge(
            export_tflite(quantize_graph(graph, given, "fast", precision=precision)),
            (given[source],),
            "litert",
        )
        if found is None:
            pytest.skip("litert is not installed")
        return float(-10 * np.log10(share(exact, found.outputs[0])))

    found = advise(choice, measure(choice, given), given, "best")
    told = [(a.layer, r) for a in found for r in a.remedies if r.what.startswith('type = "float32" in')]
    assert told
    for layer, remedy in told:
        better = judged(Precision(layers={layer.tensor: Layer(type="float32")}))
        assert better - judged(Precision()) == pytest.approx(remedy.gain_db, rel=0.15, abs=0.5)


def test_accuracy_by_labels() -> None:
    choice, given = chosen(classifier)
    graph = choice.graph
    wanted = evaluate_floats(graph, given)[graph.outputs[0].tensor].reshape(80, -1).argmax(axis=1)
    found = measure(choice, given, wanted)
    assert found.accuracy is not None and found.accuracy[0] == 1.0 >= found.accuracy[1]
    effects = [e for layer in found.layers for e in (layer.weights, layer.activation) if e is not None]
    assert all(effect.accuracy is not None and effect.accuracy <= 0 for effect in effects)


def test_float_layers_lose_nothing_by_weights() -> None:
    graph = load_float_tflite(model(classifier), "m.tflite")
    given = {graph.inputs[0].tensor: samples(40)}
    first = graph.ops[0].outputs[0]
    precision = Precision(layers={first: Layer(type="float32")})
    choice = choose(graph, given, "fast", lambda *_: None, precision)
    layer = next(x for x in measure(choice, given).layers if x.tensor == first)
    assert (layer.type == "int8", layer.weights) == (False, None)


def test_the_command_shows_and_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, page, out = tmp_path / "m.tflite", tmp_path / "s.html", tmp_path / "s.json"
    file.write_bytes(model(classifier))
    np.savez(tmp_path / "x.npz", x=samples(40), y=np.arange(40) % 5)
    (tmp_path / "l.txt").write_text("\n".join(["0"] * 40))
    line = ["quantize", str(file), "--calibration", str(tmp_path / "x.npz"), "-o", str(tmp_path / "o.tflite")]
    line += ["--effort", "fast"]
    assert run([*line, "--json", str(out), "--html", str(page)]) == 0
    found = json.loads(out.read_text())
    assert len(found["advice"]) == 3 and found["accuracy"] is not None
    assert sum(layer["share"] for layer in found["layers"]) == pytest.approx(1)
    assert page.read_text().count("<dt>") > 5
    assert "of the error, mostly by its" in capsys.readouterr().out
    assert run([*line, "--sensitivity", "--labels", str(tmp_path / "l.txt"), "--json", str(out)]) == 0
    assert json.loads(out.read_text())["accuracy"] != found["accuracy"]
    capsys.readouterr()
    assert run(line) == 0
    assert "mostly by" not in capsys.readouterr().out
    assert run([*line, "--labels", str(tmp_path / "l.txt")]) == 64


def test_more_data_are_advised_where_halves_differ() -> None:
    """Samples of which every other one is ten times larger; or very few of them."""
    graph = load_float_tflite(model(without_softmax), "m.tflite")
    (source,) = (p.tensor for p in graph.inputs)
    x = samples(80)

    def advised(given: Any) -> bool:
        choice = choose(graph, {source: given}, "best" if len(given) < 9 else "fast", lambda *_: None)
        trial = advice._Trial(choice, {source: given})
        return trial.is_unsettled(source)

    assert not advised(x)
    assert advised(x * np.where(np.arange(80) % 2, 10, 1).reshape(-1, 1, 1, 1, 1).astype(np.float32))
    assert advised(x[:8])


def test_an_input_that_float_layers_alone_read_is_no_bytes() -> None:
    choice, given = chosen(without_softmax)
    (x,) = given
    first = choice.graph.ops[0].outputs[0]
    every = frozenset(op.outputs[0] for op in choice.graph.ops)
    for floats, is_int8 in ((frozenset((first,)), False), (every, False), (every - {first}, True)):
        found = measure(replace(choice, floats=floats), given)
        layer = next(one for one in found.layers if one.tensor == x)
        assert (layer.type == "int8", layer.activation is not None) == (is_int8, is_int8)
    assert sum(one.cost for one in measure(replace(choice, floats=every), given).layers) == 0
