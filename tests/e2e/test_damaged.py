"""Damaged and unsupported files: exit 2 and one message, or firmware that computes what the reference computes.

Flipped bits go through the stages of the compiler one by one and what survives is built together: 150 of them, with
TINYC_FULL=1 1,000.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from time import monotonic

import pytest

from tests.e2e.batch import Case, make_case, wrong
from tests.e2e.tool import FULL, tinyc
from tests.modelgen import KINDS, ModelWriter, random_model
from tests.mutate import Mutation, cuts, flips, overwrites
from tinyc.cli import run
from tinyc.errors import ModelError, ToolError
from tinyc.frontends import load_tflite
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import IsolatedJudge
from tinyc.verify.vectors import Samples, make_inputs

SHARDS = 10
#: Seconds within which a damaged file must be refused or its firmware have run, on a busy machine.
PROMPT = 120.0
#: A small graph with a residual: the last kind of the generator.
SMALL = random_model(len(KINDS) - 1).data


@pytest.fixture(scope="module")
def judges() -> Iterator[IsolatedJudge]:
    with IsolatedJudge(timeout=60) as isolated:
        yield isolated


def outcome(mutation: Mutation, number: int, judges: IsolatedJudge) -> Case | None:
    """What the reference computes, where the file is still a model; None for a clear refusal; fails on all else."""
    begin = monotonic()
    try:
        source = load_tflite(mutation.data, "damaged.tflite", "litert")
        inputs = make_inputs(source, Samples(2, number))
        answer = judges.judge(mutation.data, inputs, source.reference)
        if answer is None:
            pytest.skip(f"{source.reference} is not installed")
        vectors = Vectors(inputs, answer.outputs, answer.judge)
        return make_case(f"damaged{number}", mutation.name, source, vectors)
    except Exception as problem:
        if not is_refusal(problem):
            raise AssertionError(f"{mutation.name}: {type(problem).__name__}: {problem}") from problem
        return None
    finally:
        assert monotonic() - begin < PROMPT, mutation.name


def survivors(mutations: Iterator[Mutation], judges: IsolatedJudge) -> list[Case]:
    """The mutations that are valid models."""
    found = (outcome(mutation, number, judges) for number, mutation in enumerate(mutations))
    return [case for case in found if case is not None]


def is_refusal(problem: Exception) -> bool:
    """What the command line tells with exit 2: our own refusal, or an interpreter that refuses, crashes or hangs."""
    crashed = isinstance(problem, ToolError) and "reference interpreter" in problem.message
    return crashed or (isinstance(problem, ModelError) and bool(problem.message))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits_end_in_a_refusal_or_in_exact_firmware(
    seed: int, digits: Path, judges: IsolatedJudge, tmp_path: Path
) -> None:
    mutated = chain(flips(digits.read_bytes(), 30, seed), flips(SMALL, 20, seed))
    cases = survivors(mutated, judges)
    assert 0 < len(cases) < 50
    assert not wrong(cases, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("make", [cuts, overwrites])
def test_cut_and_overwritten_files(
    make: type[Iterator[Mutation]], digits: Path, judges: IsolatedJudge, tmp_path: Path
) -> None:
    mutated = chain(make(digits.read_bytes(), 25, 7), make(SMALL, 25, 7))
    cases = survivors(mutated, judges)
    assert len(cases) < 50
    assert not wrong(cases, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="TINYC_FULL=1 runs it")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_thousand_mutations(
    shard: int,
    digits: Path,
    shared: Path,
    judges: IsolatedJudge,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All firmware is built and compared; the whole command runs for every refused file and every tenth other."""
    cases, refused = [], 0
    file = tmp_path / "damaged.tflite"
    models = (digits, shared / "models" / "kws_int8.tflite")
    mutated = chain.from_iterable(flips(model.read_bytes(), 500, 1) for model in models)
    for number, mutation in list(enumerate(mutated))[shard::SHARDS]:
        case = outcome(mutation, number, judges)
        refused += case is None
        cases += [case] if case else []
        if case and number // SHARDS % 10:
            continue
        file.write_bytes(mutation.data)
        begin = monotonic()
        code = run(["run", str(file), "--board", "host", "--samples", "2", "--seed", str(number)])
        told = capsys.readouterr().err
        label = f"{mutation.name}: exit {code}\n{told}"
        assert code == (0 if case else 2), label
        assert monotonic() - begin < PROMPT, label
        check_message(code, told, label)
    assert refused + len(cases) == 1000 // SHARDS
    with capsys.disabled():
        print(f"\n{refused} refused, {len(cases)} valid")
    assert not wrong(cases, tmp_path)


def check_message(code: int, told: str, label: str) -> None:
    """One error that names the file, and nothing else on stderr."""
    assert "Traceback" not in told, label
    if code == 0:
        assert told == "", label
    else:
        assert len(re.findall(r"^error: ", told, re.MULTILINE)) == 1, label
        assert "damaged.tflite" in told, label


@pytest.mark.parametrize("number", range(8))
def test_nothing_is_left_behind(number: int, digits: Path, tmp_path: Path) -> None:
    """Through the real command line: whole folders or none."""
    data = digits.read_bytes()
    mutation = list(chain(cuts(data, 8, 3), flips(data, 100, 3)))[number * 13]
    (tmp_path / "damaged.tflite").write_bytes(mutation.data)
    done = tinyc("compile", "damaged.tflite", "--board", "host", "-o", "out", cwd=tmp_path)
    assert done.status in (0, 2), mutation.name + done.err
    check_message(done.status, done.err, mutation.name + done.err)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"damaged.tflite"} | ({"out"} if done.status == 0 else set()), mutation.name
    if done.status == 0:
        assert {"damaged.c", "Makefile", "report.json", "vectors.bin"} <= {
            path.name for path in (tmp_path / "out").iterdir()
        }


def test_a_damaged_model_leaves_the_old_folder_alone(digits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert tinyc("compile", digits, "--board", "host", "-o", out).status == 0
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    broken = tmp_path / "digits.tflite"
    broken.write_bytes(digits.read_bytes()[:5000])
    assert tinyc("compile", broken, "--board", "host", "-o", out).status == 2
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_unsupported_operators_are_listed_all_at_once(tmp_path: Path) -> None:
    w = ModelWriter()
    x = w.tensor((1, 4), "int8", 0.1, 0)
    y, z, last = (w.tensor((1, 4), "int8", 0.1, 0) for _ in range(3))
    w.op("FLOOR", [x], [y])
    w.op("RELU", [y], [z])
    w.op("CEIL", [z], [last])
    (tmp_path / "odd.tflite").write_bytes(w.finish([x], [last]))
    done = tinyc("compile", "odd.tflite", "--board", "host", "-o", "out", cwd=tmp_path)
    assert done.status == 2
    assert re.search(r"\b0\b.*FLOOR", done.err), done.err
    assert re.search(r"\b2\b.*CEIL", done.err), done.err
    assert "RELU" not in done.err
    assert not (tmp_path / "out").exists()
