"""Two reports side by side, also of different models, and the exit code that a firmware team's CI looks at."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.report.pages import page_of, page_of_model
from tests.report.test_html import Reader
from tests.schedule.networks import network
from tinyc.cli import run
from tinyc.report.compare import compare_view, pair_layers
from tinyc.report.compare_html import compare_page

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def report(digits: Path) -> dict[str, Any]:
    return page_of_model(digits).report


def shown(a: dict[str, Any], b: dict[str, Any]) -> str:
    console = Console(width=160)
    with console.capture() as capture:
        console.print(compare_view(a, b))
    return capture.get()


def test_equal_reports(report: dict[str, Any]) -> None:
    text = shown(report, report)
    assert "all the same" in text
    assert "+" not in text


def test_changes_are_told_layer_by_layer(report: dict[str, Any]) -> None:
    other = copy.deepcopy(report)
    other["ram"]["total"] += 100
    first, *rest, last = other["layers"]
    first["kernel"] = "tc_other_s8_ref"
    first["weights_bytes"] += 1000
    last["name"] = "something new"
    text = shown(report, other)
    assert "+100" in text
    before = report["layers"][0]
    assert f"{before['kernel']} -> tc_other_s8_ref" in text
    assert f"{before['weights_bytes']:,} -> {before['weights_bytes'] + 1000:,}" in text
    assert "something new" in text
    assert "gone" in text
    assert f"{len(rest)} layers the same" in text


def test_the_page_tells_the_same(report: dict[str, Any]) -> None:
    other = copy.deepcopy(report)
    other["ram"]["total"] += 100
    other["layers"][0]["weights_bytes"] += 1000
    other["layers"][-1]["name"] = "something <new>"
    other["kernels"] = {"tc_other": 77}
    reader = Reader(compare_page(report, other, "tinyc test"))
    text = " ".join(" ".join(reader.text).split())
    before, weights = report["ram"]["total"], report["layers"][0]["weights_bytes"]
    for told in (
        f"{before + 100:,} bytes +100 ({100 / before * 100:+.1f} %); before {before:,}",
        f"{weights:,} \N{RIGHTWARDS ARROW} {weights + 1000:,}",
        "something <new>",
        "gone",
        f"{len(report['layers']) - 2} layers the same",
        "tc_other - 77 +77",
        "tc_dot 56 - -56",
        report["command"],
    ):
        assert told in text
    assert len(reader.ids) == len(set(reader.ids))
    assert not [name for _, name, _ in reader.attributes if name == "src"]


def test_the_page_of_equal_and_of_old_reports(report: dict[str, Any]) -> None:
    old = {key: value for key, value in report.items() if key not in ("kernels", "command", "schedule")}
    assert "as before" in compare_page(report, report, "tinyc test")
    Reader(compare_page(old, old, "tinyc test"))
    Reader(compare_page(old, {**old, "kernels": [1, {}]}, "tinyc test"))


def test_different_models(report: dict[str, Any]) -> None:
    assert "no layer in common" in shown(report, page_of(network(1), "other.tflite").report)


def test_layers_of_one_name_pair_in_order() -> None:
    a = [{"name": "x", "macs": 1}, {"name": "x", "macs": 2}, {"name": "y"}]
    b = [{"name": "x", "macs": 1}, {"name": "z"}]
    assert pair_layers(a, b) == [(a[0], b[0]), (None, b[1]), (a[1], None), (a[2], None)]


def test_budgets_of_the_second_decide(report: dict[str, Any], tmp_path: Path, capsys: Captured) -> None:
    big = copy.deepcopy(report)
    big["ram"]["total"], big["flash"]["total"] = 10_000, 50_000
    small, large = tmp_path / "a.json", tmp_path / "b.json"
    small.write_text(json.dumps(report))
    large.write_text(json.dumps(big))
    assert run(["report", str(large), str(small), "--ram-budget", "9k"]) == 0
    assert run(["report", str(small), str(large), "--ram-budget", "10000", "--flash-budget", "50000"]) == 0
    capsys.readouterr()
    assert run(["report", str(small), str(large), "--ram-budget", "9k", "--flash-budget", "48k"]) == 4
    told = capsys.readouterr()
    assert "10,000" in told.err
    assert "50,000" in told.err
    assert "+" in told.out, "the table is shown all the same"


def test_what_is_not_known_is_not_within_the_budget(
    report: dict[str, Any], tmp_path: Path, capsys: Captured
) -> None:
    host = copy.deepcopy(report)
    host["ram"].update(total=None, stack=None)
    file = tmp_path / "host.json"
    file.write_text(json.dumps(host))
    assert run(["report", str(file), str(file)]) == 0
    assert run(["report", str(file), str(file), "--ram-budget", "64k"]) == 64
    assert "not known" in capsys.readouterr().err


@pytest.mark.parametrize("extra", [["--board", "host"], ["--json", "x.json"], ["--optimize", "speed"]])
def test_only_budgets_and_a_page_go_with_two_reports(
    report: dict[str, Any], extra: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps(report))
    assert run(["report", str(file), str(file), *extra]) == 64


@pytest.mark.parametrize("damage", [{"layers": [1]}, {"ram": 3}, {"schema": 2}, {"layers": [{}]}])
def test_damaged_reports_are_no_bug(report: dict[str, Any], damage: dict[str, Any], tmp_path: Path) -> None:
    file, good = tmp_path / "a.json", tmp_path / "b.json"
    file.write_text(json.dumps({**report, **damage}))
    good.write_text(json.dumps(report))
    assert run(["report", str(file), str(good)]) in (0, 64)
