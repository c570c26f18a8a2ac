"""200 generated models, bit-exact under both references: all sanitised on the host, 20 on emulated boards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.e2e import boards
from tests.e2e.batch import Case, make_case, wrong
from tests.e2e.known import STACK_SLACK
from tests.e2e.tool import FULL
from tests.modelgen import KINDS, ModelCase
from tests.modelgen.functions import LITERT_FUNCTIONS
from tests.stub_model import needs_qemu
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import IsolatedJudge
from tinyc.verify.vectors import Samples

MODELS = 1000 if FULL else 200
SAMPLES = 4
SHARDS = 4
REFERENCES = ("litert", "tflm")


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def models() -> Iterator[ModelCase]:
    """The first MODELS models that both references take."""
    return islice(boards.models(), MODELS)


def judged(model: ModelCase, reference: str, judges: IsolatedJudge) -> Case:
    inputs = model.samples(SAMPLES)
    try:
        answer = judges.judge(model.data, inputs, reference)
    except ModelError as problem:
        pytest.fail(f"{reference} refuses {model.name}, {model.description}: {problem.message}")
    if answer is None:
        pytest.skip(f"{reference} is not installed")
    source = load_tflite(model.data, model.name, "litert" if reference == "litert" else "tflm")
    name = f"g{model.seed}_{reference}"
    return make_case(name, model.description, source, Vectors(inputs, answer.outputs, answer.judge))


@pytest.mark.slow
@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_sanitised_on_the_host(shard: int, reference: str, judges: IsolatedJudge, tmp_path: Path) -> None:
    cases = [judged(m, reference, judges) for i, m in enumerate(models()) if i % SHARDS == shard]
    assert len(cases) == MODELS // SHARDS
    assert not wrong(cases, tmp_path)


def test_there_are_enough_of_every_kind() -> None:
    chosen = list(models())
    assert len(chosen) == MODELS
    missing = set(range(len(KINDS))) - {model.seed % len(KINDS) for model in chosen}
    assert {KINDS[i] for i in missing} <= {
        "relu_n1_to_1",
        "tile",
        "up_sampling",
        "exp_of_floats",
        *LITERT_FUNCTIONS,
    }


@needs_qemu
@pytest.mark.emulator
@pytest.mark.slow
@pytest.mark.parametrize("number", range(20))
def test_on_the_emulated_cortex_m4_and_m55(number: int, tmp_path: Path) -> None:
    """Every tenth model, by turns on both and under both references; `python -m tests.e2e.boards` runs all of them."""
    pytest.importorskip("ai_edge_litert")
    pytest.importorskip("tflite_micro")
    model = list(models())[number * MODELS // 20 + number // 2]
    file = tmp_path / f"{model.name}.tflite"
    file.write_bytes(model.data)
    board = boards.BOARDS[number // 2 % 2]
    options = Options(load_board(board), boards.REFERENCES[number % 2])
    result = run_model(file, options, Samples(count=SAMPLES, seed=number))
    assert (result.json["bit_exact"], result.json["mismatches"]) == (True, 0), model.description
    assert result.json["judge"] == options.reference
    total, measured = result.report["ram"]["total"], result.json["ram"]["measured"]
    assert measured <= total <= measured + STACK_SLACK
