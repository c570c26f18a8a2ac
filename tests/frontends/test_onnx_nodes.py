"""A node test of the package `onnx` for every operator; all of them are `python -m tests.onnx_nodes`."""

from __future__ import annotations

import pytest

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.onnx_nodes import results

LEAST = 75


def test_an_example_of_every_operator_passes() -> None:
    found = [case for case in results(first_only=True) if not case.reason]
    assert not [f"{case.name}: {case.problem}" for case in found if case.problem and not case.is_refused]
    passed = {case.operators for case in found if not case.problem and len(case.operators) == 1}
    assert len(passed) >= LEAST
