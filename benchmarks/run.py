"""Runs every model on every QEMU board and writes benchmarks/RESULTS.md: the figures the README quotes.

    python benchmarks/run.py [--models DIR] [--boards B,B] [--output FILE] [MODEL ...]

MODEL: .tflite files; without any, all INT8 models of --models and the digits example. Instructions are of one
inference of a random input, counted by the emulator; every output byte is compared with the reference interpreter's.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tinyc.boards import load_board
from tinyc.compiler import Options, RunResult, run_model
from tinyc.errors import ModelError, TinycError
from tinyc.vectors import Samples

ROOT = Path(__file__).resolve().parent.parent
BOARDS = ("mps2-an386", "mps2-an500", "mps3-an547")


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
    for model in models:
        for board in args.boards.split(","):
            for mode in ("resident", "rows"):
                print(f"{model.stem} on {board}, {mode}", file=sys.stderr)
                try:
                    result = measured(model, board, mode)
                except ModelError as problem:
                    print(f"  skipped: {problem.message.splitlines()[0]}", file=sys.stderr)
                    break
                rows.append(row(model.stem, board, mode, result))
                if mode == "resident" and board == BOARDS[0]:
                    layers += layer_table(model.stem, result)
            else:
                continue
            break
    args.output.write_text(page(rows, layers))
    return 0


def measured(model: Path, board: str, mode: str) -> RunResult:
    """One compile and run; raises where a byte differs."""
    rows = "rows" if mode == "rows" else "resident"
    options = Options(load_board(board), input_mode=rows, command=f"tinyc run {model.name} --board {board}")
    result = run_model(model, options, Samples(1, 1), profile=mode == "resident" and board == BOARDS[0])
    if not result.json["bit_exact"]:
        raise TinycError(f"{model.name} on {board}: {result.json['mismatches']} mismatches")
    return result


def row(name: str, board: str, mode: str, result: RunResult) -> str:
    run, report = result.json, result.report
    ram, flash = report["ram"], report["flash"]
    cells = (
        name, board, mode, f"{run['instructions']:,}", f"{run['instructions_per_mac']:.2f}",
        f"{ram['arena']:,}", f"{ram['total']:,}", f"{run['ram']['measured']:,}", f"{flash['weights']:,}",
        f"{flash['code']:,}", f"{report['schedule']['macs_executed']:,}",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def layer_table(name: str, result: RunResult) -> list[str]:
    lines = [
        "",
        f"### {name} on {BOARDS[0]}",
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


def page(rows: list[str], layers: list[str]) -> str:
    head = """# Benchmark results

Written by `python benchmarks/run.py`. Instructions of one inference, counted by QEMU (`-icount shift=0`): exact to the
instruction, but not cycles. GCC 12.2 `-O2`, default plan and kernels, a random input with seed 1; every output byte
equals the reference interpreter's. Per MAC: by the model's nominal MACs, before dead channels are removed.
RAM in bytes: arena (the input included when resident), total (arena, static data, worst-case stack), measured (by
painting). Flash in bytes: weights are all constants of the model, code is the kernels and the generated program.

| model | board | input | instructions | per MAC | arena | RAM total | measured | weights | code | MACs executed |
|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""
    return head + "\n".join(rows) + "\n\n## By layer\n" + "\n".join(layers) + "\n"


if __name__ == "__main__":
    sys.exit(main())
