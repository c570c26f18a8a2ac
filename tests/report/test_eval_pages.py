"""Tables and pages of evaluations and sensitivity: tags nest, nothing is loaded, no name from a file breaks them."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from rich.console import Console, RenderableType

from tests.report.test_html import Reader
from tinyc.report.eval_html import eval_page
from tinyc.report.eval_view import eval_view
from tinyc.report.sensitivity_html import sensitivity_page
from tinyc.report.sensitivity_view import sensitivity_view

BAD = "[red]<script>alert(1)</script>&\x1b[31m"
EVALUATION: dict[str, Any] = {
    "schema": 1,
    "model": {"file": BAD, "sha256": "0"},
    "data": {"source": BAD, "samples": 3, "classes": [BAD, "b"], "labels": "classes", "notes": [BAD]},
    "metric": "top1",
    "metric_is_share": True,
    "networks": [
        {"name": "float32", "metric": 1.0, "confusion": [[2, 0], [0, 1]], "seconds": 0.1},
        {"name": "int8", "metric": 0.6667, "confusion": [[1, 1], [0, 1]], "seconds": 0.1},
    ],
    "comparison": {
        "agreement": 0.6667,
        "mean_abs_error": 0.1,
        "max_abs_error": 0.5,
        "sqnr_db": 20.0,
        "cosine": 0.99,
        "worst": [{"sample": BAD, "index": 1, "error": 0.5, "float32": 0, "int8": 1, "label": 0}],
    },
    "board": {
        "board": "mps2-an386", "emulator": "qemu", "judge": "litert", "samples": 2, "elements": 4,
        "mismatches": 1, "host_mismatches": 1, "bit_exact": False, "instructions": 5, "metric": None,
        "names": [BAD, "b"],
    },
}  # fmt: skip
LAYER = {"name": BAD, "kind": "conv2d", "tensor": BAD, "type": "int8", "sqnr_db": 30.0, "cosine": 0.999}
SENSITIVITY: dict[str, Any] = {
    "schema": 1,
    "model": {"file": BAD, "sha256": "0"},
    "effort": "good",
    "samples": 10,
    "sqnr_db": None,
    "accuracy": {"float32": 0.9, "int8": 0.8},
    "layers": [
        LAYER | {"share": 0.75, "weights": {"sqnr_db": 31.0, "share": 0.25, "accuracy_change": -0.1},
                 "activation": {"sqnr_db": 29.0, "share": 0.5, "accuracy_change": 0.0}},
        LAYER | {"share": 0.25, "weights": None,
                 "activation": {"sqnr_db": None, "share": 0.25, "accuracy_change": 0.0}},
    ],
    "advice": [
        {"layer": BAD, "tensor": BAD, "share": 0.75, "mostly": "weights", "helps": [{"what": "x", "gain_db": 1.0}]},
        {"layer": "b", "tensor": "b", "share": 0.25, "mostly": "activation", "helps": []},
    ],
}  # fmt: skip


def shown(view: RenderableType) -> str:
    stream = StringIO()
    Console(file=stream, width=200).print(view)
    return stream.getvalue()


@pytest.mark.parametrize("page", [eval_page(EVALUATION, "t"), sensitivity_page(SENSITIVITY, "t")])
def test_pages_hold_names_of_strangers(page: str) -> None:
    read = Reader(page)
    assert "alert(1)" in "".join(read.text) and "<script>alert" not in page and "\x1b" not in page
    assert not [value for _, name, value in read.attributes if name in {"src", "href"} and value != "data:,"]
    assert len(set(read.ids)) == len(read.ids)


def test_the_matrix_has_its_counts() -> None:
    page = eval_page(EVALUATION, "t")
    assert "taken for b: 1 of 2" in page and "--share:50.0%" in page


def test_bars_are_as_long_as_shares() -> None:
    page = sensitivity_page(SENSITIVITY, "t")
    assert "width:33.33%" in page and "width:66.67%" in page


def test_tables_show_names_of_strangers_as_they_are() -> None:
    text = shown(eval_view(EVALUATION))
    assert "[red]<script>" in text and "\x1b" not in text
    assert (
        "not bit-exact: 2 samples on mps2-an386 in qemu, judge litert: 1 of 4 output elements differ" in text
    )
    assert "66.67 %" in text
    text = shown(sensitivity_view(SENSITIVITY))
    assert "\x1b" not in text and "-10.00" in text and "nothing that was tried helps by itself" in text
