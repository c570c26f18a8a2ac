"""The rows of the page of supported operators name what the front ends read, all of it and nothing else."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.e2e.tool import FULL
from tinyc.frontends.meanings import MEANINGS
from tinyc.frontends.onnx.operators import READERS
from tinyc.frontends.tflite.operators import BY_KIND


def named(which: str) -> set[str]:
    return {name for row in MEANINGS for name in row.names(which)}


def test_rows_name_every_operator() -> None:
    assert named("tflite") == set(BY_KIND)
    assert named("onnx") == set(READERS)


def test_rows_differ() -> None:
    assert len({row.what for row in MEANINGS}) == len(MEANINGS)


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="the extra keras is not installed")
def test_layers_of_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of `python -m tests.frontends.keras_layers`; with TINYC_FULL=1 all."""
    if not FULL:
        pytest.skip("python -m tests.frontends.keras_layers takes two minutes; TINYC_FULL=1 runs it")
    from tests.frontends.keras_layers import main  # noqa: PLC0415 - imports TensorFlow

    monkeypatch.setattr("sys.argv", ["keras_layers"])
    assert main() == 0
