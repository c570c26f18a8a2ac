"""Fuzz by hand.

    python -m tests.fuzz [--minutes 60] [--seed 0] [--target model|large|structure|onnx|board] [FILE ...]

FILE: files to start from; the digits example and the generator's models where there are none. What does not pass is
told, and kept in tests/fuzz/seeds/, which the tests try first from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from tests.fuzz import targets
from tests.fuzz.inputs import board_inputs, model_inputs, structural_inputs
from tests.fuzz.onnx_attacks import onnx_inputs
from tests.fuzz.onnx_files import small_files
from tests.fuzz.watchdog import SECONDS, Finding, watch

SEEDS = Path(__file__).resolve().parent / "seeds"
ROOT = SEEDS.parent.parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz what strangers write.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=sys.maxsize)
    parser.add_argument("--target", choices=("model", "large", "structure", "onnx", "board"), default="model")
    args = parser.parse_args()
    if args.target == "onnx" and not args.files:
        files = small_files()
    else:
        files = [file.read_bytes() for file in args.files or [ROOT / "examples/digits/digits.tflite"]]
    inputs = {
        "model": lambda: model_inputs(files, args.seed),
        "large": lambda: model_inputs(files, args.seed),
        "structure": lambda: structural_inputs(files),
        "board": lambda: board_inputs(args.seed),
        "onnx": lambda: onnx_inputs(files, args.seed),
    }[args.target]()
    target = {
        "board": targets.board_file,
        "large": targets.large_model_file,
        "onnx": targets.onnx_file,
    }.get(args.target, targets.model_file)
    seconds = 10 if args.target == "onnx" else SECONDS
    end, tried, found = monotonic() + 60 * args.minutes, 0, 0
    for finding in _until(end, args.count, watch(target, inputs, seconds)):
        tried += 1
        if finding:
            found += 1
            name = hashlib.sha256(finding.data).hexdigest()[:12]
            (SEEDS / f"{args.target}_{name}").write_bytes(finding.data)
            print(f"{finding.name} (kept as {args.target}_{name}):\n{finding.what}", flush=True)
        elif tried % 1000 == 0:
            print(f"{tried:,} inputs, {found} findings", file=sys.stderr, flush=True)
    print(f"{tried:,} inputs, {found} findings")
    return 1 if found else 0


def _until(end: float, count: int, items: Iterator[Finding | None]) -> Iterator[Finding | None]:
    for _, item in zip(range(count), items, strict=False):
        yield item
        if monotonic() > end:
            return


if __name__ == "__main__":
    sys.exit(main())
