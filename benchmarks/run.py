"""Runs every model on every QEMU board and writes benchmarks/RESULTS.md, and the tables of peers and of plans.

    python -m benchmarks.run [--folder DIR] [--boards B,B] [--output FILE] [MODEL ...]

MODEL: .tflite files; without any, all models of --folder and the digits example. Instructions are of one
inference of a random input, counted by the emulator; every output byte is compared with the reference interpreter's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from benchmarks import planning, plans
from benchmarks.goals import goal_table
from benchmarks.goals import results as goal_results
from benchmarks.goals import section as goal_section
from benchmarks.kernels import kernel_table
from benchmarks.peers import missing_peers, peer_table, put_into
from tinyc.errors import ModelError, TinycError
from tinyc.options import Options
from tinyc.runner import RunResult, run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

ROOT = Path(__file__).resolve().parent.parent
BOARDS = ("mps2-an386", "mps2-an500", "mps3-an547", "mps2-an385")
PROFILED = ("mps2-an386", "mps3-an547")
Mode = Literal["resident", "rows"]
MODES: tuple[Mode, ...] = ("resident", "rows")


def main() -> int:
    parser = argparse.ArgumentParser(description="Benchmarks of tinyc on emulated boards.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared/models")
    parser.add_argument("--boards", default=",".join(BOARDS))
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/RESULTS.md")
    args = parser.parse_args()
    models = args.models or [ROOT / "examples/digits/digits.tflite", *sorted(args.folder.glob("*.tflite"))]
    rows: list[str] = []
    layers: list[str] = []
    found: dict[tuple[str, str, str], RunResult] = {}
    for model, board, mode, result in results(models, args.boards.split(",")):
        found[model, board, mode] = result
        rows.append(row(model, board, mode, result))
        if result.json["layers"]:
            layers += layer_table(model, board, result)
    print("kernels over shapes", file=sys.stderr)
    goals = goal_table(dict(goal_results(models)))
    old = args.output.read_text(encoding="utf-8") if args.output.exists() else ""
    new = page(rows, goals, kernel_table(), layers)
    args.output.write_text(planning.kept(old, new), encoding="utf-8")
    if args.models:
        return 0
    missing = missing_peers(found)
    if missing:
        print(f"the README's table stays as it is: {', '.join(missing)} not measured", file=sys.stderr)
    else:
        put_into(ROOT / "README.md", peer_table(found))
    print("plans", file=sys.stderr)
    put_into(plans.PAGE, plans.table(models), plans.MARKS)
    return 0


def results(models: list[Path], boards: list[str]) -> Iterator[tuple[str, str, Mode, RunResult]]:
    """Models that tinyc cannot read are told and left out."""
    for model in models:
        try:
            for board in boards:
                for mode in MODES:
                    print(f"{model.stem} on {board}, {mode}", file=sys.stderr)
                    yield model.stem, board, mode, measured(model, board, mode)
        except ModelError as problem:
            print(f"  left out: {problem.message.splitlines()[0]}", file=sys.stderr)


def measured(model: Path, board: str, mode: Mode) -> RunResult:
    """One compile and run; raises where a byte differs."""
    options = Options(load_board(board), input_mode=mode, command=f"tinyc run {model.name} --board {board}")
    result = run_model(model, options, Samples(1, 1), profile=mode == "resident" and board in PROFILED)
    if not result.json["bit_exact"]:
        raise TinycError(f"{model.name} on {board}: {result.json['mismatches']} mismatches")
    return result


def row(name: str, board: str, mode: Mode, result: RunResult) -> str:
    run, report = result.json, result.report
    ram, flash = report["ram"], report["flash"]
    cells = (
        name, board, mode, f"{run['instructions']:,}", f"{run['instructions_per_mac']:.2f}",
        f"{ram['arena']:,}", f"{ram['total']:,}", f"{run['ram']['measured']:,}", f"{flash['weights']:,}",
        f"{flash['code']:,}", f"{report['schedule']['macs_executed']:,}",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def layer_table(name: str, board: str, result: RunResult) -> list[str]:
    lines = [
        "",
        f"### {name} on {board}",
        "",
        "| op | kernel | MACs | instructions | per MAC |",
        "|---|---|--:|--:|--:|",
    ]
    for layer in result.json["layers"]:
        spent, macs = layer["instructions"] or 0, layer["macs"]
        per_mac = f"{spent / macs:.2f}" if macs else ""
        lines.append(
            f"| {layer['index']} {layer['op']} | {layer['kernel']} | {macs:,} | {spent:,} | {per_mac} |"
        )
    return lines


def page(rows: list[str], goals: list[str], kernels: list[str], layers: list[str]) -> str:
    head = """# Benchmark results

Written by `python -m benchmarks.run`. Instructions of one inference, counted by QEMU (`-icount shift=0`): exact to the
instruction, but not cycles. GCC 12.2, default plan and kernels, a random input with seed 1; every output byte
equals the reference interpreter's; of a float model, as float32 firmware, the host's, which is within the bound of
docs/numerics.md. Per MAC: by the model's nominal MACs, before dead channels are removed.
RAM in bytes: arena (the input included when resident), total (arena, static data, worst-case stack), measured (by
painting). Flash in bytes: weights are all constants of the model, code is the kernels and the generated program.
Boards: `mps2-an386` Cortex-M4, `mps2-an500` Cortex-M7, `mps3-an547` Cortex-M55, `mps2-an385` Cortex-M3.

## By model

| model | board | input | instructions | per MAC | arena | RAM total | measured | weights | code | MACs executed |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""
    shapes = """
## By kernel

One op by itself, with random weights: instructions per MAC, or per byte where an op multiplies nothing.

"""
    parts = (
        head,
        "\n".join(rows),
        "\n\n",
        goal_section(goals),
        shapes,
        "\n".join(kernels),
        "\n\n## By layer\n",
        "\n".join(layers),
        "\n",
    )
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
