"""The search for float32 layers: each budget changes what it takes, and its precision file says what was written."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.modelgen import ModelWriter
from tests.quantize.floats import Built, Floats, classifier, command, samples
from tests.quantize.test_quantize import floats
from tinyc.cli import run
from tinyc.ir import Op
from tinyc.quantize import search
from tinyc.quantize.precision import Chosen, Precision, chosen, parsed, precision_for, toml_of
from tinyc.quantize.prepare import prepared

optuna = pytest.importorskip("optuna")


@pytest.fixture
def line(tmp_path: Path) -> list[str]:
    """The command for a small network, whose labels are the float network's own answers."""
    return [
        *command(tmp_path, classifier),
        "--effort",
        "fast",
        "--search",
        "--trials",
        "25",
        "--board",
        "mps2-an386",
    ]


def found_by(line: list[str], folder: Path, *more: str) -> dict[str, Any]:
    told = folder / "told.json"
    assert run([*line, "--json", str(told), *more]) == 0
    found: dict[str, Any] = json.loads(told.read_text())["search"]
    return found


def decibels(one: Mapping[str, Any]) -> float:
    return 999.0 if one["sqnr_db"] is None else float(one["sqnr_db"])


def test_each_budget_is_kept_and_what_is_taken_is_best(line: list[str], tmp_path: Path) -> None:
    free = found_by(line, tmp_path, "--flash-budget", "1M")
    int8 = free["int8"]
    assert decibels(free["chosen"]) == 999 and len(free["chosen"]["float32"]) > 5
    for name, flag in (
        ("ram", "--ram-budget"),
        ("flash", "--flash-budget"),
        ("instructions", "--instruction-budget"),
    ):
        limit = int(int8[name] * 1.3)
        found = found_by(line, tmp_path, flag, str(limit))
        best = found["chosen"]
        assert best[name] <= limit and decibels(best) >= decibels(int8)
        assert found["budgets"][name] == limit
        assert best["float32"] != free["chosen"]["float32"] or free["chosen"][name] <= limit
        inside = [decibels(one) for one in found["pareto"] if one[name] <= limit]
        assert decibels(best) >= max(inside) - 0.5
        costs = [one["cost"] for one in found["pareto"]]
        assert costs == sorted(costs)
        assert [decibels(one) for one in found["pareto"]] == sorted(decibels(one) for one in found["pareto"])


def test_an_accuracy_is_reached_by_the_cheapest(line: list[str], tmp_path: Path) -> None:
    easy = found_by(line, tmp_path, "--min-sqnr", "10")
    assert easy["chosen"]["cost"] <= 1
    least = decibels(easy["int8"]) + 6
    hard = found_by(line, tmp_path, "--min-sqnr", str(least))
    assert decibels(hard["chosen"]) >= least and hard["chosen"]["cost"] > 1
    drop = found_by(line, tmp_path, "--max-drop", "0")
    assert drop["chosen"]["accuracy"] == 1.0 and drop["budgets"]["max_drop"] == 0


def test_the_written_file_makes_the_same_model_again(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, toml, page = tmp_path / "out.tflite", tmp_path / "how.toml", tmp_path / "page.html"
    more = ["--observer", "percentile", "--min-sqnr", "44", "--precision-out", str(toml), "--html", str(page)]
    assert run([*line, *more]) == 0
    shown, first = capsys.readouterr().out, out.read_bytes()
    assert "chosen, in float32: " in shown and "choices of float32 layers tried on 60 samples" in shown
    assert page.read_text().count("<circle") >= 3 and "chosen-text" in page.read_text()
    assert tomllib.loads(toml.read_text())["observer"] == "percentile"
    text = toml.read_text()
    assert run([*line, *more]) == 0
    assert (out.read_bytes(), toml.read_text()) == (first, text)
    again = [*line[: line.index("--search")], "--precision", str(toml)]
    out.unlink()
    assert run(again) == 0
    assert out.read_bytes() == first


def test_what_no_choice_meets_is_told(
    line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for budget in (["--flash-budget", "100"], ["--min-sqnr", "300", "--instruction-budget", "200000"]):
        assert run([*line, *budget]) == 4
        said = capsys.readouterr().err
        assert " ".join(budget) in said or all(word in said for word in budget)
        assert "the nearest has " in said and "bytes of flash" in said
    assert not (tmp_path / "out.tflite").exists() and not (tmp_path / "out.toml").exists()


def test_wrong_command_lines(line: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    x = tmp_path / "x.npy"
    np.save(x, samples(4))
    plain = line[: line.index("--search")]
    how = tmp_path / "how.toml"
    how.write_text("default = 'float32'\n")
    unlabelled = [str(x) if word.endswith("x.npz") else word for word in line]
    for wrong, says in (
        (line, "--search needs a budget"),
        ([*plain, "--ram-budget", "9k"], "--ram-budget goes with --search"),
        ([*plain, "--trials", "9"], "--trials goes with --search"),
        ([*line, "--min-sqnr", "9", "--precision", str(how)], "leave one of them out"),
        ([*unlabelled, "--max-drop", "1"], "--max-drop needs labels"),
    ):
        assert run(wrong) == 64
        assert says in capsys.readouterr().err


def test_without_optuna(
    line: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "find_spec", lambda _: None)
    assert run([*line, "--min-sqnr", "9"]) == 5
    assert "tinyc[search]" in capsys.readouterr().err


def odd_names(w: ModelWriter) -> Built:
    f = Floats(w)
    x = f.tensor(1, 12, 10, 3)
    return [x], [f.dense(f.average(f.conv(f.conv(f.conv(x, 4), 4), 4)), 3)]


def test_files_name_any_layers() -> None:
    """Names of models hold anything: patterns, quotes, what is like another's name."""
    graph = floats(odd_names)
    names = ["a*", 'say "[ab]"', "ab\\\x7f"]
    ops = [op for op in graph.ops if op.kind == "conv2d"]
    renamed = {op.outputs[0]: name for op, name in zip(ops, names, strict=True)}
    tensors = {renamed.get(n, n): t for n, t in graph.tensors.items()}
    tensors = {n: replace(t, name=n) for n, t in tensors.items()}

    def moved(some: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(renamed.get(n, n) for n in some)

    def named(op: Op) -> Op:
        origin = replace(op.origin, name=moved(op.outputs)[0])
        return replace(op, inputs=moved(op.inputs), outputs=moved(op.outputs), origin=origin)

    graph = graph.with_ops(map(named, graph.ops), tensors)
    ready = prepared(graph)
    every = [op.outputs[0] for op in ready.ops]
    for floats_ in ([], every, *[[name] for name in every], every[1:], every[::2]):
        precision: Precision = precision_for(graph, ready, Chosen(frozenset(floats_)))
        read = parsed(tomllib.loads(toml_of(precision, "a test")), "test.toml")
        assert chosen(read, graph, ready).floats == set(floats_)
