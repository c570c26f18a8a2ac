"""Fixtures that several test modules share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def digits() -> Path:
    """The example's model."""
    return ROOT / "examples" / "digits" / "digits.tflite"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Well-known models that are no part of the project: in $TINYC_SHARED, else in `shared` next door."""
    folder = Path(os.environ.get("TINYC_SHARED", ROOT.parent / "shared"))
    if not (folder / "models").is_dir():
        pytest.skip("the folder of shared models is not here")
    return folder


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
