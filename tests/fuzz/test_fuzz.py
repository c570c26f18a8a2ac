"""A minute of fuzzing, and everything that fuzzing has found before. By hand: python -m tests.fuzz."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.e2e.tool import FULL
from tests.fuzz import targets
from tests.fuzz.inputs import board_inputs, model_inputs, structural_inputs
from tests.fuzz.structural import attacks
from tests.fuzz.watchdog import SECONDS, Finding, Target, watch
from tests.modelgen import KINDS, random_model
from tests.mutate import Mutation

SEEDS = sorted((Path(__file__).resolve().parent / "seeds").glob("*_*"))
SMALL = [random_model(seed).data for seed in range(len(KINDS))]


def check(target: Target, inputs: Iterator[Mutation], seconds: float = SECONDS) -> None:
    """Fails with the first input that does not pass."""
    for finding in watch(target, inputs, seconds):
        assert finding is None, f"{finding.name}: {finding.what}"


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_what_was_found_before(seed: Path) -> None:
    kinds = {"board": targets.board_file, "onnx": targets.onnx_file}
    target = kinds.get(seed.name.partition("_")[0], targets.model_file)
    if target is targets.onnx_file:
        pytest.importorskip("onnxscript")
    check(target, iter([Mutation(seed.name, seed.read_bytes())]))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_damaged_models(part: int, digits: Path) -> None:
    check(
        targets.model_file, islice(model_inputs([digits.read_bytes(), *SMALL], part), 5000 if FULL else 400)
    )


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_structural_attacks(part: int) -> None:
    """On small models of the generator, of every kind in turn."""
    pytest.importorskip("ai_edge_litert")
    inputs = islice(structural_inputs(SMALL), part, 40_000 if FULL else 12_000, 5 if FULL else 60)
    check(targets.model_file, inputs)


@pytest.mark.slow
def test_structural_attacks_on_a_network(digits: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    every = list(attacks(digits.read_bytes()))
    assert len(every) >= 300
    check(targets.model_file, iter(every if FULL else every[::40]))


@pytest.mark.slow
def test_damaged_onnx_files() -> None:
    """All the monsters, and some of each damage; `python -m tests.fuzz --target onnx --count 1000` tries more."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    from tests.fuzz.onnx_attacks import onnx_inputs  # noqa: PLC0415 - optional packages
    from tests.fuzz.onnx_files import small_files  # noqa: PLC0415

    check(targets.onnx_file, islice(onnx_inputs(small_files(), 0), 2000 if FULL else 300), seconds=30)


def test_board_files() -> None:
    check(targets.board_file, islice(board_inputs(0), 2000))


@pytest.mark.slow
@pytest.mark.skipif(not FULL, reason="TINYC_FULL=1 runs it")
@pytest.mark.parametrize("model", ["kws_int8", "resnet8_int8", "vww_96_int8", "person_detect"])
def test_a_hundred_thousand_mutations(model: str, shared: Path) -> None:
    data = (shared / "models" / f"{model}.tflite").read_bytes()
    check(targets.large_model_file, islice(model_inputs([data], 0), 25_000))


def test_the_watchdog_sees_what_it_is_for() -> None:
    def hostile(data: bytes) -> None:
        if data == b"memory":
            bytearray(4 << 30)
        if data == b"time":
            while True:
                pass
        if data == b"exception":
            raise KeyError(data)

    inputs = [Mutation(word, word.encode()) for word in ("fine", "memory", "time", "exception", "fine")]
    found: list[Finding | None] = list(watch(hostile, iter(inputs), seconds=2.0))
    assert found[0] is None and found[4] is None
    assert found[1] and "MemoryError" in found[1].what
    assert found[2] and "no answer" in found[2].what
    assert found[3] and "KeyError" in found[3].what
