"""report.html in a real browser: it draws, sorts and answers the pointer and the keyboard without an error."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.report.pages import Page, page_of_model
from tinyc.report.compare_html import compare_page

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed"),
]
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--window-size=1400,2400", "--virtual-time-budget=5000",
    "--enable-logging=stderr",
)  # fmt: skip

#: Acts as a user does; what it finds goes to the title as JSON.
PROBE = """
(() => {
  const id = (name) => document.getElementById(name);
  const map = id("map"), area = id("field").getBoundingClientRect();
  const said = () => [id("at-step"), id("at-op"), id("at-access"), id("at-tensor")].map((e) => e.textContent);
  const key = (name) => map.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
  const found = { start: said() };
  map.dispatchEvent(new PointerEvent("pointermove", {
    clientX: area.left + area.width * SHARE_X, clientY: area.top + area.height * SHARE_Y, bubbles: true,
  }));
  found.pointed = said();
  found.tip = id("tip").hidden ? "" : id("tip").textContent;
  found.lit = document.querySelectorAll("#field .spans.some path.on").length;
  found.marks = document.querySelectorAll("#cursor .read, #cursor .write").length;
  map.dispatchEvent(new PointerEvent("pointerleave"));
  found.hidden = id("tip").hidden;
  key("Home");
  found.home = said();
  key("ArrowRight");
  key("ArrowUp");
  found.up = said();
  key("End");
  found.end = said();
  const column = (n) => [...id("layers").tBodies[0].rows].map((r) => r.cells[n].textContent);
  const heads = [...id("layers").tHead.rows[0].cells];
  const macs = heads.findIndex((h) => h.textContent === "MACs");
  heads[macs].firstElementChild.click();
  found.sorted = [heads[macs].getAttribute("aria-sort"), column(macs)];
  heads[macs].firstElementChild.click();
  found.reversed = [heads[macs].getAttribute("aria-sort"), column(macs)];
  document.querySelector("[data-zoom='4']").click();
  found.zoom = map.clientWidth / id("canvas").parentElement.clientWidth;
  document.querySelector("[data-zoom='1']").click();
  found.wide = document.documentElement.scrollWidth > innerWidth;
  found.shapes = document.querySelectorAll("#field .spans path").length;
  found.dark = matchMedia("(prefers-color-scheme: dark)").matches;
  found.page = getComputedStyle(document.body).backgroundColor;
  document.body.dataset.found = JSON.stringify(found);
})();
"""


def browse(page: Page, x: float, y: float, folder: Path, *flags: str) -> tuple[dict[str, Any], str]:
    """What PROBE finds, and what the browser logged from the page."""
    assert BROWSER is not None
    script = PROBE.replace("SHARE_X", repr(x)).replace("SHARE_Y", repr(y))
    file = folder / "probe.html"
    file.write_text(page.html.replace("</body>", f"<script>{script}</script></body>"))
    command = [BROWSER, *QUIET, f"--user-data-dir={folder / 'profile'}", *flags, "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'data-found="(.*?)"', done.stdout, re.DOTALL)
    log = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    assert found, log or done.stderr[-2000:]
    return json.loads(unescape(found[1])), log


def changed(report: dict[str, Any]) -> dict[str, Any]:
    """The report with other kernels."""
    layers = [{**layer, "kernel": f"{layer['kernel']}_other"} for layer in report["layers"]]
    return {**report, "layers": layers}


#: At 420 px: which elements reach beyond the page, and whether the tables scroll inside their cards.
NARROW = """
<script>addEventListener("load", () => {
  const inner = document.querySelector("iframe").contentDocument;
  const all = [...inner.querySelectorAll("section, header, .facts > div, .scroll, h1, h2, p")];
  const scrollers = [...inner.querySelectorAll(".scroll")];
  document.body.dataset.found = JSON.stringify({
    width: inner.documentElement.clientWidth,
    page: inner.documentElement.scrollWidth,
    out: all.filter((e) => e.getBoundingClientRect().right > 420.5).map((e) => e.tagName),
    scrolling: scrollers.filter((e) => e.scrollWidth > e.clientWidth + 1).length,
    tables: inner.querySelectorAll("table").length,
    loose: [...inner.querySelectorAll("table")].filter((e) => !e.closest(".scroll")).length,
  });
});</script>
"""


@pytest.mark.parametrize("kind", ["report", "comparison"])
def test_a_narrow_screen_scrolls_tables_not_the_page(kind: str, page: Page, tmp_path: Path) -> None:
    html = page.html if kind == "report" else compare_page(page.report, changed(page.report), "tinyc test")
    (tmp_path / "page.html").write_text(html)
    file = tmp_path / "frame.html"
    file.write_text(
        f'<body><iframe src="page.html" width="420" height="900" frameborder="0"></iframe>{NARROW}</body>'
    )
    assert BROWSER is not None
    command = [
        BROWSER, *QUIET, "--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        file.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    told = re.search(r'data-found="(.*?)"', done.stdout, re.DOTALL)
    assert told, done.stderr[-2000:]
    found = json.loads(unescape(told[1]))
    assert found["page"] == found["width"] <= 420
    assert found["out"] == []
    assert found["loose"] == 0
    assert found["tables"] >= 3
    assert found["scrolling"] >= 1


@pytest.fixture(scope="module")
def page(digits: Path) -> Page:
    return page_of_model(digits)


def target(page: Page) -> tuple[int, int, float, float]:
    """A span of a ring: its number and a step of its life, and where that is on the map (shares of it)."""
    data = page.data
    number, span = max(
        ((i, s) for i, s in enumerate(data["spans"]) if "ring of" in data["tenants"][s[0]][1]),
        key=lambda item: item[1][4] * (item[1][6] - item[1][5]),
    )
    step = (span[5] + span[6]) // 2
    stage = next(s for s in data["segments"] if step < s[2])
    x = stage[3] + (step + 0.5 - stage[1]) * (stage[4] - stage[3]) / (stage[2] - stage[1])
    return number, step, x / data["width"], 1 - (span[3] + span[4] / 2) / data["arena"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_works(page: Page, dark: bool, tmp_path: Path) -> None:
    data = page.data
    number, step, x, y = target(page)
    found, log = browse(page, x, y, tmp_path, *(["--force-dark-mode"] if dark else []))
    assert log == ""
    assert found["dark"] == dark
    assert found["page"] == ("rgb(16, 19, 23)" if dark else "rgb(246, 247, 249)")
    assert not found["wide"]
    tenants = {s[0] for s in page.data["spans"]}
    assert found["shapes"] >= len(tenants)

    span = data["spans"][number]
    title, _, _, _, rows = data["tenants"][span[0]]
    told_rows = f"row {span[1]}" if span[2] - span[1] == 1 else f"rows {span[1]} to {span[2] - 1}"
    if (span[1], span[2]) == (0, rows):
        told_rows = f"all {rows} rows"
    assert found["start"][0] == f"Step {data['peak']} of {data['total']}"
    assert found["pointed"][0] == f"Step {step} of {data['total']}"
    op = data["steps"][step][0]
    assert found["pointed"][1].startswith(data["ops"][op][0] if isinstance(op, int) else op)
    assert f"{data['held'][step]:,} bytes held" in found["pointed"][1]
    for text in (found["pointed"][3], found["tip"]):
        assert title in text
        assert told_rows in text
        assert f"{span[4]:,} bytes at {span[3]:,}" in text
    assert found["lit"] == 1
    assert found["marks"] >= 1
    assert found["hidden"]


def test_keys_sorting_and_zoom(page: Page, tmp_path: Path) -> None:
    found, log = browse(page, 0.5, 0.5, tmp_path)
    assert log == ""
    total = page.data["total"]
    assert found["home"][0] == f"Step 0 of {total}"
    assert "writes" in found["home"][2]
    assert found["up"][0] == f"Step 1 of {total}"
    assert " bytes at " in found["up"][3]
    assert found["end"][0] == f"Step {total - 1} of {total}"
    assert "reads" in found["end"][2]
    macs = sorted(layer["macs"] for layer in page.report["layers"])
    assert found["sorted"] == ["descending", [f"{n:,}" for n in reversed(macs)]]
    assert found["reversed"] == ["ascending", [f"{n:,}" for n in macs]]
    assert found["zoom"] == pytest.approx(4, abs=0.1)
