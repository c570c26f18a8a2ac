"""A few of the networks of `python -m tests.e2e.random_onnx`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.tool import FULL
from tinyc.verify.judge import IsolatedJudge

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.e2e.random_onnx import checked


def test_random_onnx_networks(tmp_path: Path) -> None:
    with IsolatedJudge() as judges:
        for seed in range(300 if FULL else 3):
            _, problem = checked(seed, tmp_path, judges)
            assert problem is None, f"seed {seed}: {problem}"
