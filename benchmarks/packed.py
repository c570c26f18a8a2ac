"""Layers with weights of 4 and 2 bits beside the same with int8 weights: flash and instructions, for docs/ternary.md.

    python -m benchmarks.packed

Each layer is run in QEMU by the kernels for packed weights, and by the first choice, which takes them as int8.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.kernels import Shape, conv, dense
from benchmarks.pages import put_rows
from benchmarks.ternary import PAGE
from tests.kernels.layers import Table
from tests.kernels.on_board import instructions, plan_of
from tinyc.target.boards import load_board

#: What the first line of the table begins with.
HEAD = "| weights packed |"
BOARDS = ("microbit", "mps2-an385", "mps2-an386", "mps3-an547")
LAYERS = (
    conv(8, 8, 32, 32, (3, 3)),
    conv(16, 16, 32, 32, (3, 3)),
    conv(4, 4, 64, 64, (3, 3)),
    conv(8, 8, 64, 64, (1, 1)),
    dense(256, 64),
    dense(64, 10),
)
#: Least and greatest weight, of 4 bits and of 2.
LEVELS = ((-8, 7), (-2, 1))


def per_mac(table: Table, layer: Shape, board: str, among: str) -> float:
    """Instructions on the board, by the first kernel with `among` in its name."""
    graph, facts = table.graph(), load_board(board)
    sample = table.bytes(graph, extreme=False)
    with tempfile.TemporaryDirectory() as place:
        return instructions(graph, sample, facts, facts.isa, Path(place) / "layer", among) / layer.work


def row(layer: Shape) -> str:
    tables = [Table(seed=8, levels=(*few, 1)) for few in LEVELS]
    for table in tables:
        layer.add(table)
    isa = load_board(BOARDS[0]).isa
    ways = ((tables[0], ""), *((table, "packed") for table in tables))
    sizes = [plan_of(table.graph(), isa, among).lowerings[0].weights_bytes for table, among in ways]
    spent = [per_mac(table, layer, board, among) for board in BOARDS for table, among in ways]
    return f"| {layer.title} | {' | '.join([f'{n:,}' for n in sizes] + [f'{n:.2f}' for n in spent])} |"


def main() -> int:
    lines = []
    for layer in LAYERS:
        lines.append(row(layer))
        print(lines[-1], file=sys.stderr, flush=True)
    put_rows(PAGE, HEAD, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
