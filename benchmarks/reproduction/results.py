"""The results that are kept: by run, and by row what its best network takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks/reproduction.json"
MEASURED = ROOT / "benchmarks/reproduction_boards.json"


def known() -> dict[str, Any]:
    """Return what is known, by the name of the run."""
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def kept_lines(path: Path, found: dict[str, Any]) -> None:
    """Write a line for each entry; the file is whole at any time."""
    part = path.with_suffix(".part")
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(found[key])}" for key in sorted(found))
    part.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    part.replace(path)


def score(run: dict[str, Any]) -> float:
    """Return how good a run is: more is better."""
    return float(run["accuracy"]) if "accuracy" in run else -float(run["perplexity"])


def settings(
    found: dict[str, Any], task: str, form: str, width: float
) -> dict[tuple[float, float], list[Any]]:
    """Return the runs of a row by learning rate and weight decay, in the order of seeds."""
    made: dict[tuple[float, float], list[Any]] = {}
    for run in sorted(found.values(), key=lambda r: r["seed"]):
        if (run["task"], run["form"], run["width"]) == (task, form, width):
            made.setdefault((run["rate"], run["decay"]), []).append(run)
    return made


def mean(runs: list[Any]) -> float:
    """Return the mean score of some runs."""
    return sum(map(score, runs)) / len(runs)


def best(found: dict[str, Any], task: str, form: str, width: float) -> list[Any]:
    """Return the runs of the best learning rate and weight decay, of those with most seeds; none for none."""
    groups = list(settings(found, task, form, width).values())
    most = max(map(len, groups), default=0)
    return max((runs for runs in groups if len(runs) == most), key=mean, default=[])
