"""report.html: it says what report.json says, loads nothing, stays small, and no name from a file breaks it."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.report.pages import Page, page_of, page_of_model, render
from tests.schedule.networks import network
from tinyc.cli import run
from tinyc.report import memory_chart
from tinyc.report.memory import MapOp, MemoryMap, Tenant
from tinyc.report.pareto_chart import pareto_chart

#: Bytes that a page may take.
SMALL = 500_000
VOID = {"meta", "link", "br"}


class Reader(HTMLParser):
    """Checks that tags nest; collects texts, attributes and the cells of tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@pytest.fixture(scope="module")
def page(digits: Path) -> Page:
    return page_of_model(digits)


def test_says_what_the_json_says(page: Page) -> None:
    reader = Reader(page.html)
    text = " ".join(" ".join(reader.text).split())
    ram, flash = page.report["ram"], page.report["flash"]
    numbers = [ram[k] for k in ("total", "arena", "static", "stack", "lower_bound")]
    numbers += [flash[k] for k in ("total", "weights", "code")]
    numbers += [page.report["model"]["macs"], page.report["schedule"]["macs_executed"]]
    for number in numbers:
        assert f"{number:,}" in text
    for layer in page.report["layers"]:
        assert layer["kernel"] in text
        assert f"{layer['macs']:,}" in text
        if layer["zero_weights"] is not None:
            assert f" {layer['weight_bits']:.3g} {100 * layer['zero_weights']:.0f} % " in text
    assert page.report["model"]["file"] in text
    assert len(reader.ids) == len(set(reader.ids))


def test_loads_nothing_and_holds_no_date(page: Page) -> None:
    reader = Reader(page.html)
    loads = [
        (tag, name, value) for tag, name, value in reader.attributes if name in ("src", "href", "xlink:href")
    ]
    assert loads == [("link", "href", "data:,")]
    known = {"http://www.w3.org/2000/svg"}
    assert set(re.findall(r"https?://[^\s\"'<>]+", page.html)) <= known
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp|\bDate\b|\b20[2-9]\d-\d\d", page.html)
    assert not any(name.startswith("on") for _, name, _ in reader.attributes)


def test_is_the_same_every_time(page: Page, digits: Path) -> None:
    assert page_of_model(digits).html == page.html


def test_data_is_the_map(page: Page) -> None:
    data, memory = page.data, page.memory
    assert data["arena"] == page.report["ram"]["arena"]
    assert len(data["steps"]) == len(memory.steps)
    assert len(data["spans"]) == len([s for s in memory.spans if memory.tenants[s.tenant].kind != "scratch"])
    assert data["held"] == memory.held()
    assert data["live"] == memory.live()
    assert data["held"][data["peak"]] == max(data["held"])
    assert data["segments"][0][3] == 0
    assert data["segments"][-1][4] == data["width"]


def test_no_name_from_a_file_breaks_the_page(page: Page) -> None:
    evil = (
        '</script><script>alert("1")</script><img src=x onerror=alert(1)>\0\ud800\u202e{{ 7*7 }}' + "n" * 5000
    )
    report = copy.deepcopy(page.report)
    report["model"]["file"] = report["command"] = evil
    for layer in report["layers"]:
        layer["name"] = layer["op"] = layer["why"] = evil
    old = page.memory
    tenants = tuple(Tenant(evil, *(getattr(t, f) for f in list(t.__dict__)[1:])) for t in old.tenants)
    ops = tuple(MapOp(op.index, evil, evil) for op in old.ops)
    memory = MemoryMap(old.arena, tenants, old.spans, old.kept, old.steps, ops, old.total)
    made = render(report, memory)
    reader = Reader(made)
    made.encode()
    assert [tag for tag, name, _ in reader.attributes if name == "src" or name.startswith("on")] == []
    assert made.count("<script") == page.html.count("<script")
    assert len(made) < SMALL


def over(report: dict[str, Any], memory: str, budget: int | None) -> dict[str, Any]:
    changed = copy.deepcopy(report)
    changed[memory]["budget"] = budget
    return changed


def test_budgets(page: Page) -> None:
    total = page.report["ram"]["total"]
    assert 'class="limit ok"' in page.html
    assert 'class="limit near"' in render(over(page.report, "ram", total), page.memory)
    tight = render(over(page.report, "ram", total - 24), page.memory)
    assert 'class="limit over"' in tight
    assert "over by 24 bytes" in tight
    assert f"of the budget: {total - 24:,} bytes" in tight
    assert "no limit" in render(page.report, page.memory, None, None)


def test_the_host_has_no_stack(page: Page) -> None:
    report = copy.deepcopy(page.report)
    report["ram"].update(total=None, stack=None, lower_bound=page.report["ram"]["arena"])
    made = render(report, page.memory, None, None)
    assert "not counted on the host" in made
    Reader(made)


def a_run(report: dict[str, Any], **more: object) -> dict[str, Any]:
    """The JSON of `tinyc run --profile`, with made-up numbers."""
    layers = [
        {**layer, "instructions": 1000 + layer["index"], "estimated_cycles": 2000 + layer["index"]}
        for layer in report["layers"]
    ]
    return {
        "emulator": "qemu",
        "judge": "litert",
        "samples": 3,
        "elements": 30,
        "mismatches": 0,
        "bit_exact": True,
        "instructions": 123_456,
        "estimated_cycles": 234_567,
        "cycle_model": "Cortex-M4",
        "ram": {"measured": 2_345, "stack_high_water": 321},
        "layers": layers,
        **more,
    }


def test_a_run_adds_what_it_measured(page: Page) -> None:
    made = render(page.report, page.memory, run=a_run(page.report))
    text = " ".join(" ".join(Reader(made).text).split())
    per_mac = 123_456 / page.report["model"]["macs"]
    for told in (
        "all 30 elements equal; 3 samples in qemu, judge litert",
        f"123,456 {per_mac:.2f} per MAC",
        "234,567",
        "cost model of Cortex-M4",
        "2,345 bytes stack 321 of it",
        "1,011",
        "2,011",
        "est. cycles",
    ):
        assert told in text
    plain = " ".join(Reader(page.html).text)
    assert "nstructions" not in plain
    assert "cycles" not in plain


def test_a_run_without_a_profile_and_one_that_is_wrong(page: Page) -> None:
    run = a_run(
        page.report, bit_exact=False, mismatches=4, layers=[], instructions=None, estimated_cycles=None
    )
    text = " ".join(" ".join(Reader(render(page.report, page.memory, run=run)).text).split())
    assert "Outputs 4 differ of 30 elements" in text
    assert "nstructions" not in text


def test_a_folder_that_ran_has_no_map(page: Page) -> None:
    made = render(page.report, None, run=a_run(page.report))
    reader = Reader(made)
    assert "Memory over time" not in " ".join(reader.text)
    assert "buffers" not in reader.ids
    assert {"layers", "code", "interface"} <= set(reader.ids)
    assert made.count("<script") == 1


def test_inputs_and_outputs_have_scale_and_zero_point(page: Page) -> None:
    text = " ".join(" ".join(Reader(page.html).text).split())
    assert "input 0 serving_default_image:0 int8 int8 1x8x8x1 0.00392156886 -128" in text
    assert "output 0 StatefulPartitionedCall_1:0 int8 int8 1x10 0.00390625 -128" in text


def test_code_is_told_by_kernel(page: Page) -> None:
    text = " ".join(" ".join(Reader(page.html).text).split())
    assert "tc_conv2d_s8_dsp 0 1,234" in text
    assert "tc_dot - 56" in text
    assert f"C library - {6000 - 1234 - 56:,} 6,000" in text


def test_tiles_have_units(page: Page) -> None:
    text = " ".join(" ".join(Reader(page.html).text).split())
    for name in ("ram", "flash"):
        label = {"ram": "RAM", "flash": "Flash"}[name]
        assert f"{label} {page.report[name]['total']:,} bytes" in text


def test_pruned_macs_are_explained(page: Page) -> None:
    report = copy.deepcopy(page.report)
    assert "channels that" not in page.html
    report["model"]["macs"] *= 2
    made = render(report, page.memory, run=a_run(report))
    nominal = report["model"]["macs"]
    assert f"50.0 % of the file&#39;s {nominal:,} need no computing" in made
    assert "per MAC of the model file" in made
    assert "per MAC executed" in made


def test_pareto_points_and_the_chosen_one(page: Page) -> None:
    report = copy.deepcopy(page.report)
    total, macs = report["ram"]["total"], report["schedule"]["macs_executed"]
    report["schedule"]["pareto"] = [
        {"ram": total, "macs": macs, "reads_per_row_max": 1},
        {"ram": total - 200, "macs": 2 * macs, "reads_per_row_max": 3},
    ]
    chart = pareto_chart(report)
    assert [(p.ram, p.ratio, p.chosen) for p in chart.points] == [
        (f"{total - 200:,}", "2.00", False),
        (f"{total:,}", "1.00", True),
    ]
    left, right = chart.points
    assert left.x < right.x
    assert left.y < right.y
    report["ram"]["total"] = total + 500
    report["ram"]["budget"] = total + 100
    chart = pareto_chart(report)
    assert [p.chosen for p in chart.points] == [False, False, True]
    assert chart.budget is not None
    assert chart.points[1].x < chart.budget.at < chart.points[2].x
    assert "rows asked for 3 times" in render(report, page.memory)


@pytest.mark.parametrize("rows_in", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_pages_of_random_graphs(seed: int, rows_in: bool) -> None:
    for pick in (0, -1):
        made = page_of(network(seed), "random.tflite", rows_in=rows_in, pick=pick)
        Reader(made.html)
        assert len(made.html) < SMALL


def test_many_steps_are_thinned(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_chart, "MOST", 20)
    chart = memory_chart.memory_chart(page.memory, [("stream", 1, 1)] * 40)
    assert len(chart.data["steps"]) <= 20  # type: ignore[arg-type]
    assert chart.data["total"] == len(page.memory.steps)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["vww_96_int8", "resnet8_int8"])
def test_the_longest_pages_are_small(shared: Path, model: str) -> None:
    """The plans in most strips have most steps."""
    made = page_of_model(shared / "models" / f"{model}.tflite", rows_in=True, pick=-1)
    Reader(made.html)
    assert len(made.memory.steps) > 1000
    assert len(made.html) < SMALL


def test_commands_write_it(digits: Path, tmp_path: Path) -> None:
    file, out = tmp_path / "page.html", tmp_path / "firmware"
    assert run(["report", str(digits), "--board", "host", "--html", str(file)]) == 0
    assert run(["compile", str(digits), "--board", "host", "-o", str(out)]) == 0
    assert file.read_bytes() == (out / "report.html").read_bytes()
    assert run(["report", str(digits), "--board", "host", "--html", str(tmp_path / "no" / "x.html")]) == 64
    assert run(["run", str(out), "--html", str(file)]) == 0
    assert "bit-exact" in file.read_text()
    assert "Memory over time" not in file.read_text()
    assert run(["run", str(digits), "--board", "host", "--html", str(file)]) == 0
    assert "Memory over time" in file.read_text()
    assert run(["report", *[str(out / "report.json")] * 2, "--html", str(file)]) == 0
    assert "as before" in file.read_text()
