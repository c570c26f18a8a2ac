"""Functions of elements and vectors, reductions and PACK against both interpreters, and as sanitised C."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.batch import make_case, wrong
from tests.modelgen import KINDS, random_model
from tests.modelgen.functions import FUNCTIONS, LITERT_FUNCTIONS
from tests.ops.agree import BOTH, check
from tinyc.frontends import load_tflite
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import judge

ROUNDS = 4


@BOTH
@pytest.mark.parametrize("kind", [*FUNCTIONS, *LITERT_FUNCTIONS])
def test_numpy_and_c_agree_with_the_reference(kind: str, reference: str, tmp_path: Path) -> None:
    if kind in LITERT_FUNCTIONS and reference == "tflm":
        pytest.skip("TFLM has no such operator")
    cases = []
    for number in range(ROUNDS):
        model = random_model(KINDS.index(kind) + number * len(KINDS))
        graph = check(model.data, reference, count=2)
        inputs = model.samples(3)
        expected = judge(model.data, inputs, reference)
        if expected is None:
            pytest.skip(f"{reference} is not installed")
        vectors = Vectors(inputs, expected.outputs, reference)
        cases.append(
            make_case(
                f"g{number}", model.description, load_tflite(model.data, graph.name, reference), vectors
            )
        )
    assert not wrong(cases, tmp_path)
