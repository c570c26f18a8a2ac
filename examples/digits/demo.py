"""Compiles digits.tflite, shows 20 test digits to the firmware on an emulated Cortex-M4, prints what it saw.

usage: demo.py [BOARD]      `tinyc boards` lists them; default mps2-an386
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from tinyc import runner
from tinyc.cli.console import show
from tinyc.errors import TinycError
from tinyc.options import Options
from tinyc.report.compile_view import compile_view
from tinyc.report.run_view import run_view
from tinyc.target.boards import load_board
from tinyc.verify.vectors import InputFile

HERE = Path(__file__).resolve().parent
SHADES = " .:-=+*#%@"
PER_ROW = 5


def picture(image: np.ndarray) -> list[str]:
    """image: [8, 8, 1] int8, -128 is paper. Eight lines of 16 characters."""
    levels = (image[:, :, 0].astype(int) + 128) * len(SHADES) // 256
    return ["".join(SHADES[level] * 2 for level in row) for row in levels]


def caption(scores: np.ndarray, label: int) -> str:
    """scores: [10] int8, in steps of 1/256 above -128."""
    seen = int(np.argmax(scores))
    sure = (int(scores[seen]) + 128) * 100 // 256
    return f"  {seen}, {sure} % sure" + ("" if seen == label else f", not {label}")


def main() -> int:
    """Exit code 0 only if every byte of every output equals the reference's."""
    board = load_board(sys.argv[1] if len(sys.argv) > 1 else "mps2-an386")
    options = Options(board=board, command=f"tinyc compile digits.tflite --board {board.name}")
    print(f"Compiling digits.tflite and running it on {board.name} ...")
    result = runner.run_model(HERE / "digits.tflite", options, InputFile(HERE / "digits.npz"))

    scores = result.outputs[0][:, 0]
    with np.load(HERE / "digits.npz") as file:
        images, labels = file["in0"], file["labels"]
    for start in range(0, len(labels), 2 * PER_ROW):
        shown = range(start, start + 2 * PER_ROW, 2)  # one of each class
        for line in zip(*(picture(images[i]) for i in shown), strict=True):
            print("  ".join(line))
        print("  ".join(f"{caption(scores[i], labels[i]):<16}" for i in shown) + "\n")
    right = int(np.sum(np.argmax(scores, axis=-1) == labels))
    print(f"{right} of {len(labels)} digits right\n")

    show(compile_view(result.report, board.ram_bytes, board.flash_bytes))
    show("")
    show(run_view(result.json, result.report))
    return 0 if result.json["bit_exact"] else 6


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TinycError as error:
        print(f"error: {error.message}\n{error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
