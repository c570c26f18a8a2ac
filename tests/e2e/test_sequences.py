"""Networks over sequences, bit-exact under both references: sanitised on the host, some on emulated boards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.batch import Case, wrong
from tests.e2e.known import STACK_SLACK
from tests.e2e.tool import FULL
from tests.modelgen.sequences import STYLES, sequence_model
from tests.stub_model import needs_qemu
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.runner import run_model
from tinyc.schedule import Plan
from tinyc.schedule.planner import Search, preferred
from tinyc.target.boards import load_board
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import IsolatedJudge
from tinyc.verify.vectors import Samples

MODELS = 200 if FULL else 16
REFERENCES = ("litert", "tflm")
SAMPLES = 3


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def plans_of(seed: int, reference: str) -> Iterator[tuple[str, Plan]]:
    """The plans that options can ask for, of one network."""
    case = sequence_model(seed)
    graph = optimize(load_tflite(case.data, case.name, "litert" if reference == "litert" else "tflm"))
    lowerings = preferred(graph, load_board("host").isa)
    for rows_in in (False, True):
        search = Search(graph, lowerings, rows_in=rows_in)
        yield f"smallest{rows_in:d}", search.smallest()
        yield f"layers{rows_in:d}", search.layers()
        yield f"tight{rows_in:d}", Search(graph, lowerings, rows_in=rows_in, tight=True).smallest()


@pytest.mark.slow
@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("style", range(len(STYLES)))
def test_sanitised_on_the_host(style: int, reference: str, judges: IsolatedJudge, tmp_path: Path) -> None:
    cases: list[Case] = []
    slides = 0
    for seed in range(style, MODELS, len(STYLES)):
        model = sequence_model(seed)
        inputs = model.samples(SAMPLES)
        try:
            answer = judges.judge(model.data, inputs, reference)
        except ModelError as problem:
            pytest.fail(f"{reference} refuses {model.name}, {model.description}: {problem.message}")
        if answer is None:
            pytest.skip(f"{reference} is not installed")
        vectors = Vectors(inputs, answer.outputs, answer.judge)
        for name, plan in plans_of(seed, reference):
            slides += any(buffer.slide for buffer in plan.buffers.values())
            cases.append(Case(f"s{seed}_{name}", model.description, plan.graph, plan, vectors))
    assert slides >= MODELS // len(STYLES)
    assert not wrong(cases, tmp_path)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.slow
@pytest.mark.parametrize("board", ["mps2-an386", "mps3-an547"])
@pytest.mark.parametrize("seed", range(60 if FULL else 6))
def test_on_an_emulated_board(seed: int, board: str, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    pytest.importorskip("tflite_micro")
    model = sequence_model(100 + seed)
    file = tmp_path / f"{model.name}.tflite"
    file.write_bytes(model.data)
    mode = "rows" if seed % 3 == 0 else "resident"
    options = Options(load_board(board), "litert" if seed % 2 else "tflm", input_mode=mode)
    result = run_model(file, options, Samples(count=SAMPLES, seed=seed))
    assert (result.json["bit_exact"], result.json["mismatches"]) == (True, 0), model.description
    assert result.json["judge"] == options.reference
    total, measured = result.report["ram"]["total"], result.json["ram"]["measured"]
    assert measured <= total <= measured + STACK_SLACK


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("name", "most"), [("amb_har", 1900), ("amb_arrhythmia", 16_600)])
def test_activity_and_arrhythmia_stream_along_time(name: str, most: int, shared: Path) -> None:
    """As a report on the Cortex-M4 has it; layer by layer they take 4,792 and 24,548 bytes."""
    result = run_model(
        shared / "wild" / f"{name}.tflite", Options(load_board("mps2-an386")), Samples(count=2)
    )
    assert result.json["bit_exact"]
    assert result.report["ram"]["total"] <= most
