"""What the best network of each row takes: compiled, run on emulated boards, every byte compared."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from benchmarks.reproduction.results import MEASURED, best, kept_lines
from benchmarks.reproduction.train import Run
from tinyc.errors import TinycError
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

#: Armv6-M (Cortex-M0, as M0+), Cortex-M4 and Cortex-M55, all in QEMU.
BOARDS = ("microbit", "mps2-an386", "mps3-an547")


def measure(
    rows: Iterable[tuple[str, str, float]],
    known: dict[str, Any],
    work: Path,
    train: Callable[[list[Run]], None],
) -> None:
    """Measure rows of task, form and width that were trained and not measured yet.

    train: trains a network whose file is missing and writes it to `work`.
    """
    for task, form, width in rows:
        runs = best(known, task, form, width)
        if not runs:
            continue
        run = Run(**{field.name: runs[0][field.name] for field in fields(Run)})
        path = work / f"{run.name}{'.onnx' if form == 'float' else '.tflite'}"
        row = f"{task} {form} x{width:g}"
        cells = _measured_rows().get(row, {})
        if cells.get("file") != path.name:
            cells.clear()
            cells["file"] = path.name
        missing = [board for board in BOARDS if board not in cells]
        if missing and not path.exists():
            train([run])
        for board in missing:
            print(f"{path.name} on {board}", file=sys.stderr, flush=True)
            cells[board] = measured(path, board)
            kept_lines(MEASURED, {**_measured_rows(), row: cells})


def _measured_rows() -> dict[str, Any]:
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def measured(path: Path, board: str) -> dict[str, Any]:
    """Return RAM and flash in bytes and instructions of an inference; why there are none where it does not fit."""
    try:
        result = run_model(path, Options(load_board(board), effort="fast"), Samples(1, 1))
    except TinycError as problem:
        return {"refused": problem.message.splitlines()[0]}
    if not result.json["bit_exact"] and result.json.get("largest_error") is None:
        raise SystemExit(f"{path.name} on {board}: {result.json['mismatches']} mismatches")
    report = result.report
    return {
        "ram": report["ram"]["total"],
        "flash": report["flash"]["total"],
        "weights": report["flash"]["weights"],
        "instructions": result.json["instructions"],
        "bit_exact": result.json["bit_exact"],
    }
