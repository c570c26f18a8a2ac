"""Instructions per MAC of ternary layers beside the same layers with int8 weights, for docs/ternary.md.

    python -m benchmarks.ternary

Each layer is run by our best kernels for the core in QEMU, with weights of which a third are 0.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.kernels.layers import RELU, Table
from tests.kernels.on_board import instructions
from tinyc.ops.window import Window, same_padding
from tinyc.target.boards import load_board

PAGE = Path(__file__).resolve().parent.parent / "docs/ternary.md"
BOARDS = {
    "Cortex-M0": "microbit",
    "Cortex-M3": "mps2-an385",
    "Cortex-M4": "mps2-an386",
    "RV32": "hifive1-revb",
}


@dataclass(frozen=True)
class Layer:
    """A convolution of stride 1. size: rows, columns, channels of the input."""

    size: tuple[int, int, int]
    out: int
    kernel: int

    @property
    def title(self) -> str:
        rows, columns, channels = self.size
        return f"{self.kernel}x{self.kernel}, {rows}x{columns}x{channels} -> {self.out}"

    def per_mac(self, board: str, *, is_ternary: bool) -> float:
        """Instructions on the board."""
        table = Table(seed=8, ternary=is_ternary)
        pads = [same_padding(n, self.kernel, 1, 1) for n in self.size[:2]]
        window = Window((self.kernel,) * 2, (1, 1), (1, 1), (pads[0][0], pads[1][0], pads[0][1], pads[1][1]))
        table.conv(self.size, self.out, window, RELU)
        graph, facts = table.graph(), load_board(board)
        with tempfile.TemporaryDirectory() as place:
            spent = instructions(
                graph, table.bytes(graph, extreme=False), facts, facts.isa, Path(place) / "layer"
            )
        return spent / graph.ops[0].macs(graph.types(graph.ops[0]), graph.outs(graph.ops[0]))


LAYERS = (
    Layer((8, 8, 16), 16, 3),
    Layer((8, 8, 32), 32, 3),
    Layer((6, 8, 64), 64, 3),
    Layer((8, 8, 64), 64, 1),
    Layer((6, 8, 64), 128, 1),
    Layer((6, 8, 128), 128, 1),
)


def main() -> int:
    lines = []
    for layer in LAYERS:
        cells = [
            f"{layer.per_mac(board, is_ternary=is_ternary):.2f}"
            for board in BOARDS.values()
            for is_ternary in (True, False)
        ]
        lines.append(f"| {layer.title} | {' | '.join(cells)} |")
        print(lines[-1], file=sys.stderr, flush=True)
    text = PAGE.read_text(encoding="utf-8")
    head = re.compile(r"(\| layer \|.*\n\|---.*\n)(?:\|.*\n)+")
    PAGE.write_text(head.sub(lambda m: m.group(1) + "\n".join(lines) + "\n", text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
