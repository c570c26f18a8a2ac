"""The graph of three models after all passes, as text: a change of a pass is seen in review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.modelgen.cases import model_of_kind
from tinyc.frontends import load_tflite
from tinyc.ir import to_text
from tinyc.passes import optimize


def test_digits(digits: Path, golden: Callable[[str, str], None]) -> None:
    graph = optimize(load_tflite(digits.read_bytes(), digits.name, "litert"))
    golden("digits.ir", to_text(graph))


@pytest.mark.parametrize(("kind", "reference"), [("dilated_conv", "tflm"), ("wild", "litert")])
def test_generated_model(kind: str, reference: str, golden: Callable[[str, str], None]) -> None:
    graph = optimize(load_tflite(model_of_kind(kind, seed=3).data, f"{kind}.tflite", reference))
    golden(f"{kind}.ir", to_text(graph))
