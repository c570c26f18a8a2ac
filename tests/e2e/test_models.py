"""The well-known models through the real command line: bit-exact, layer by layer, and in the RAM that is promised.

TINYC_FULL=1 runs five samples of each everywhere; `python -m tests.e2e.matrix` does the same and shows the figures.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.e2e.known import ARENA_LIMITS, BOARDS, MODELS, STACK_SLACK, WEIGHTS_LIMITS, judge_of
from tests.e2e.tool import FULL, tinyc, tinyc_json
from tests.stub_model import needs_qemu
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.schedule import plan_layers
from tinyc.target.boards import load_board

pytestmark = pytest.mark.slow

#: Samples on boards where one board of the same kind has run them all.
FEW = 5 if FULL else 1
#: Models whose first input is an image worth reading row by row.
IMAGES = ("vww_96_int8", "person_detect", "resnet8_int8", "kws_int8")


@pytest.fixture(autouse=True)
def _judges_are_here() -> None:
    pytest.importorskip("ai_edge_litert")
    pytest.importorskip("tflite_micro")


def model_file(shared: Path, model: str) -> Path:
    return shared / "models" / f"{model}.tflite"


def on_boards(names: tuple[str, ...]) -> pytest.MarkDecorator:
    marks = (needs_qemu, pytest.mark.emulator)
    return pytest.mark.parametrize(
        "board", [pytest.param(name, marks=() if name == "host" else marks) for name in names]
    )


def check(tmp_path: Path, model: Path, board: str, reference: str, samples: int, *more: str) -> None:
    """One `tinyc run` that must be bit-exact and, on a board, measure at most what was promised."""
    result = tmp_path / "run.json"
    options = ("--board", board, "--reference", reference, "--samples", str(samples), "--seed", "1", *more)
    done = tinyc("run", model, *options, "--json", result)
    assert done.status == 0, done.err + done.out
    found = json.loads(result.read_text())
    assert (found["bit_exact"], found["mismatches"], found["samples"]) == (True, 0, samples)
    assert found["judge"] == judge_of(model.stem, reference)
    if "--layers" in more:
        assert re.search(r"every layer equal: \d+ layers", done.out), done.out
    if board == "host":
        assert found["ram"]["measured"] is None
        return
    (promised,) = re.findall(r"([\d,]+) guaranteed", done.out)
    total = int(promised.replace(",", ""))
    assert found["ram"]["measured"] <= total <= found["ram"]["measured"] + STACK_SLACK
    assert found["instructions"] > 0


@on_boards(("host", "mps2-an386"))
@pytest.mark.parametrize("model", MODELS)
def test_every_sample_and_every_layer(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    check(tmp_path, model_file(shared, model), board, "litert", 5, "--layers")


@on_boards(("host", "mps2-an386"))
@pytest.mark.parametrize("model", MODELS)
def test_as_tflm_computes_it(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    check(tmp_path, model_file(shared, model), board, "tflm", 5 if board == "host" else FEW)


@on_boards(("mps2-an500", "mps3-an547"))
@pytest.mark.parametrize("model", MODELS)
def test_on_other_cores(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    check(tmp_path, model_file(shared, model), board, "litert", FEW, "--layers")


@pytest.mark.skipif(not FULL, reason="TINYC_FULL=1 runs it")
@on_boards(("mps2-an500", "mps3-an547"))
@pytest.mark.parametrize("model", MODELS)
def test_on_other_cores_as_tflm_computes_it(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    check(tmp_path, model_file(shared, model), board, "tflm", FEW)


@on_boards(("mps2-an386",))
@pytest.mark.parametrize("model", IMAGES)
def test_input_row_by_row(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    check(tmp_path, model_file(shared, model), board, "litert", FEW, "--input", "rows")


@on_boards(("mps2-an386",))
def test_two_references_that_differ(board: str, shared: Path, tmp_path: Path) -> None:
    """LiteRT rounds FULLY_CONNECTED once and TFLM twice: ad01 shows that we follow whom we are told to."""
    model = model_file(shared, "ad01_int8")
    digests = [
        tinyc_json(
            tmp_path / "run.json", "run", model, "--board", board, "--reference", reference, "--samples", "1"
        )["outputs_sha256"]
        for reference in ("litert", "tflm")
    ]
    assert digests[0] != digests[1]


@pytest.mark.parametrize("model", ARENA_LIMITS)
def test_arena_of_the_layer_by_layer_plan(model: str, shared: Path) -> None:
    file = model_file(shared, model)
    for reference in ("litert", "tflm"):
        graph = optimize(load_tflite(file.read_bytes(), file.name, reference))
        for board in BOARDS:
            arena = plan_layers(graph, load_board(board).isa).arena
            assert arena <= ARENA_LIMITS[model], board


@needs_qemu
@pytest.mark.parametrize(("model", "board"), WEIGHTS_LIMITS)
def test_constants_of_the_default_kernels(model: str, board: str, shared: Path, tmp_path: Path) -> None:
    tinyc("compile", model_file(shared, model), "--board", board, "-o", tmp_path / "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["flash"]["weights"] <= WEIGHTS_LIMITS[model, board]
