"""Instructions per MAC of ternary layers beside the same layers with int8 weights, for docs/ternary.md.

    python -m benchmarks.ternary

Each layer is run by our best kernels for the core in QEMU, with weights of which a third are 0.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.kernels import Shape, conv, dense, depthwise
from benchmarks.pages import put_rows
from tests.kernels.layers import Table
from tests.kernels.on_board import instructions
from tinyc.target.boards import load_board

PAGE = Path(__file__).resolve().parent.parent / "docs/ternary.md"
#: What the first line of the table begins with.
HEAD = "| layer | Cortex-M0 | int8 |"
BOARDS = {
    "Cortex-M0": "microbit",
    "Cortex-M3": "mps2-an385",
    "Cortex-M4": "mps2-an386",
    "RV32": "hifive1-revb",
    "Cortex-M55": "mps3-an547",
}
#: Where two are too few.
DIGITS = {"mps3-an547": 3}

LAYERS = (
    conv(8, 8, 16, 16, (3, 3)),
    conv(8, 8, 32, 32, (3, 3)),
    conv(6, 8, 64, 64, (3, 3)),
    conv(8, 8, 64, 64, (1, 1)),
    conv(6, 8, 64, 128, (1, 1)),
    conv(6, 8, 128, 128, (1, 1)),
    conv(16, 16, 32, 32, (3, 3)),
    conv(8, 32, 3, 16, (3, 3)),
    conv(8, 32, 16, 32, (1, 1), 2),
    conv(8, 16, 32, 64, (1, 1), 2),
    conv(6, 5, 64, 64, (1, 1)),
    conv(4, 4, 64, 64, (3, 3)),
    conv(10, 10, 16, 16, (3, 3)),
    depthwise(8, 8, 64, (3, 3)),
    depthwise(16, 16, 32, (3, 3), 2),
    depthwise(8, 32, 16, (3, 3)),
    depthwise(8, 8, 64, (5, 5)),
    dense(640, 128),
    dense(128, 128),
    dense(256, 64),
    dense(64, 32),
    dense(64, 10),
)


def per_mac(layer: Shape, board: str, *, is_ternary: bool) -> float:
    """Instructions on the board."""
    table = Table(seed=8, ternary=is_ternary)
    layer.add(table)
    graph, facts = table.graph(), load_board(board)
    with tempfile.TemporaryDirectory() as place:
        spent = instructions(
            graph, table.bytes(graph, extreme=False), facts, facts.isa, Path(place) / "layer"
        )
    return spent / layer.work


def main() -> int:
    lines = []
    for layer in LAYERS:
        cells = [
            f"{per_mac(layer, board, is_ternary=is_ternary):.{DIGITS.get(board, 2)}f}"
            for board in BOARDS.values()
            for is_ternary in (True, False)
        ]
        lines.append(f"| {layer.title} | {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    put_rows(PAGE, HEAD, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
