"""Runs every model on every real part, in Renode and in QEMU, and writes the tables of docs/boards.md.

    python benchmarks/boards.py [--folder DIR] [--boards B,B] [MODEL ...]

MODEL: .tflite files; without any, all INT8 models of --folder and the digits example. Where the whole input does not
fit a board, its rows are delivered one by one. Every output byte is compared with the reference interpreter's, and
Renode's outputs and counts with QEMU's. What was measured is kept in benchmarks/boards.json, and stays where a later
run leaves it out.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal

from tinyc.emulate import emulators_for
from tinyc.errors import FitError, ModelError, TinycError
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import Board, load_board
from tinyc.verify.vectors import Samples

ROOT = Path(__file__).resolve().parent.parent
BOARDS = ("stm32f4-discovery", "stm32f746g-disco", "nrf52840dk", "nucleo-g0b1re", "hifive1-revb", "microbit")
FOUND = ROOT / "benchmarks/boards.json"
PAGE = ROOT / "docs/boards.md"
BEGIN, END = "<!-- written by benchmarks/boards.py -->\n", "<!-- end -->\n"
LARGEST_DIFFERENCE = 0.01
"""Between the instructions that two emulators count for one model, as a part of them."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Every model on every real part, emulated.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared/models")
    parser.add_argument("--boards", default=",".join(BOARDS))
    args = parser.parse_args()
    models = args.models or [ROOT / "examples/digits/digits.tflite", *sorted(args.folder.glob("*.tflite"))]
    found: dict[str, dict[str, Any]] = json.loads(FOUND.read_text()) if FOUND.is_file() else {}
    for model in models:
        for name in args.boards.split(","):
            print(f"{model.stem} on {name}", file=sys.stderr)
            try:
                cell = measured(model, load_board(name))
            except ModelError as problem:
                print(f"  skipped: {problem.message.splitlines()[0]}", file=sys.stderr)
                break
            found.setdefault(model.stem, {})[name] = cell
            FOUND.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(before + BEGIN + tables(found) + END + rest.partition(END)[2])
    return 0


def measured(model: Path, board: Board) -> dict[str, Any]:
    """input: "resident", else "rows", else None where neither fits, with the message; instructions by emulator.

    Raises where a byte differs, or the emulators disagree.
    """
    modes: tuple[Literal["resident", "rows"], ...] = ("resident", "rows")
    for mode in modes:
        try:
            return measured_in(model, board, mode)
        except FitError as problem:
            refusal = problem.message.splitlines()[0]
            print(f"  {mode}: {refusal}", file=sys.stderr)
    return {"input": None, "refusal": refusal}


def measured_in(model: Path, board: Board, mode: Literal["resident", "rows"]) -> dict[str, Any]:
    options = Options(board, input_mode=mode, command=f"tinyc run {model.name} --board {board.name}")
    instructions, digests = {}, set()
    for emulator in emulators_for(board):
        result = run_model(model, options, Samples(1, 1), emulator)
        if not result.json["bit_exact"]:
            raise TinycError(f"{model.name} on {board.name}: {result.json['mismatches']} mismatches")
        instructions[emulator] = result.json["instructions"]
        digests.add(result.json["outputs_sha256"])
    counts = instructions.values()
    if len(digests) != 1 or max(counts) - min(counts) > LARGEST_DIFFERENCE * max(counts):
        raise TinycError(f"{model.name} on {board.name}: emulators disagree: {instructions}")
    ram, flash = result.report["ram"], result.report["flash"]
    return {"input": mode, "instructions": instructions, "ram": ram["total"], "flash": flash["total"]}


def tables(found: dict[str, dict[str, Any]]) -> str:
    """Instructions, RAM and flash of each model on each board."""
    kinds = (
        ("Instructions of one inference in Renode; in QEMU on microbit", instructions),
        ("RAM: arena, static data and worst-case stack, in bytes", lambda cell: f"{cell['ram']:,}"),
        ("Flash: constants and code, in bytes", lambda cell: f"{cell['flash']:,}"),
    )
    lines = []
    for title, show in kinds:
        lines += [
            f"{title}:",
            "",
            "| model | " + " | ".join(BOARDS) + " |",
            "|---" + "|--:" * len(BOARDS) + "|",
        ]
        for model, cells in found.items():
            shown = (cell_text(cells.get(board), show) for board in BOARDS)
            lines.append(f"| {model} | " + " | ".join(shown) + " |")
        lines.append("")
    return "\n".join(lines)


def cell_text(cell: dict[str, Any] | None, show: Any) -> str:
    if cell is None:
        return "?"
    if cell["input"] is None:
        return "too small"
    return str(show(cell)) + (" (rows)" if cell["input"] == "rows" else "")


def instructions(cell: dict[str, Any]) -> str:
    """Renode's, and by how much QEMU's count differs; QEMU's own on a board without Renode."""
    counts = cell["instructions"]
    shown = counts["renode"] if "renode" in counts else counts["qemu"]
    differs = counts.get("qemu", shown) - shown
    return f"{shown:,}" + (f" ({differs:+,} in QEMU)" if differs else "")


if __name__ == "__main__":
    sys.exit(main())
