"""A few of the networks of `python -m tests.e2e.random_floats`."""

from __future__ import annotations

import pytest

from tests.e2e.random_floats import checked
from tests.e2e.tool import FULL
from tinyc.verify.judge import IsolatedJudge


def test_random_float_networks() -> None:
    pytest.importorskip("ai_edge_litert")
    with IsolatedJudge() as judge:
        for seed in range(300 if FULL else 4):
            _, problem = checked(seed, judge)
            assert problem is None, f"seed {seed}: {problem}"
