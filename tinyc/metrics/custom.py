"""A metric of the user's own: FILE.py:function."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError, did_you_mean
from tinyc.metrics.scores import METRICS, Metric, score
from tinyc.paths import missing_hint

Array = npt.NDArray[Any]


def load_metric(text: str) -> Metric:
    """Return the metric of a name, or of FILE.py:function. Raises UsageError."""
    if text in METRICS:
        return score(text)
    file, between, name = text.rpartition(":")
    if not between or not name.isidentifier():
        raise UsageError(
            f"--metric {text}: is none of {', '.join(METRICS)}, and no FILE.py:function",
            did_you_mean(text, METRICS)
            or "the function takes outputs and labels, arrays, and returns a number",
        )
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"--metric {text}: there is no file {path}", missing_hint(path))
    found = _loaded(path, name, text)

    def compute(answers: Array, labels: Array | None, _: Array | None) -> float:
        try:
            value: Any = found(answers, labels)
            return float(np.asarray(value).reshape(()))
        except Exception as problem:
            raise UsageError(f"--metric {text}: {type(problem).__name__}: {problem}") from problem

    return Metric(name, compute, rises=None, is_share=False)


def _loaded(path: Path, name: str, text: str) -> Callable[..., Any]:
    spec = importlib.util.spec_from_file_location("tinyc_user_metric", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"--metric {text}: {path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as problem:
        raise UsageError(f"--metric {text}: {path}: {type(problem).__name__}: {problem}") from problem
    found = getattr(module, name, None)
    if not callable(found):
        functions = [key for key, value in vars(module).items() if callable(value)]
        raise UsageError(
            f"--metric {text}: {path.name} has no function '{name}'", did_you_mean(name, functions)
        )
    return found  # type: ignore[no-any-return]
