"""Fixtures that several test modules share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: Texts that a change must not alter unseen.
GOLDEN = ROOT / "tests" / "golden"


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


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """golden(name, text): text equals the stored file; `pytest --update-golden` writes it anew."""

    def compare(name: str, text: str) -> None:
        file = GOLDEN / name
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.is_file(), f"no {file.name}: run pytest with --update-golden and review it"
        assert text == file.read_text(encoding="utf-8"), "differs: review, then run with --update-golden"

    return compare


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")
