"""Generated models on emulated boards, with the boards' own kernels, under both references.

    python -m tests.e2e.boards [--count 300] [--boards mps2-an386,mps3-an547] [--first 0] [--ternary [--sequences]]

prints a line for each model that is not bit-exact, and how many were; fails where one was not. 300 models on both
boards take about half an hour on two cores. --ternary: with ternary weights, by plans of all kinds; --sequences:
networks over sequences of more channels.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.modelgen import ModelCase, random_model
from tests.modelgen.layers import LITERT_ONLY
from tests.modelgen.sequences import sequence_model
from tests.modelgen.ternary import ternary
from tinyc.errors import TinycError
from tinyc.ir import Reference
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

BOARDS = ("mps2-an386", "mps3-an547")
REFERENCES: tuple[Reference, ...] = ("litert", "tflm")
SAMPLES = 2


def main() -> int:
    parser = argparse.ArgumentParser(description="Generated models on emulated boards.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--boards", default=",".join(BOARDS))
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--ternary", action="store_true")
    parser.add_argument("--sequences", action="store_true")
    args = parser.parse_args()
    made = map(_sequence, itertools.count(args.first)) if args.sequences else models(args.first)
    work = [
        (model, board, reference, args.ternary)
        for model in itertools.islice(made, args.count)
        for board in args.boards.split(",")
        for reference in REFERENCES
    ]
    wrong = 0
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for number, told in enumerate(pool.map(problem, work, chunksize=4)):
            if told:
                wrong += 1
                print(told, flush=True)
            if number % 100 == 99:
                print(f"{number + 1} of {len(work)}, {wrong} wrong", file=sys.stderr, flush=True)
    print(f"{len(work) - wrong} of {len(work)} bit-exact")
    return 1 if wrong else 0


def accepted(model: ModelCase) -> bool:
    """Whether both references take a model (tests/test_modelgen.py asks them)."""
    return not any(kind in model.description for kind in LITERT_ONLY)


def _sequence(seed: int) -> ModelCase:
    return sequence_model(seed, (3, 8, 16, 24, 32, 40))


def models(first: int = 0) -> Iterator[ModelCase]:
    """Models that both references take, from a seed on."""
    return filter(accepted, map(random_model, itertools.count(first)))


#: Choices that lead to other plans and kernels.
PLANS: tuple[Mapping[str, Any], ...] = (
    {}, {"optimize": "ram"}, {"optimize": "flash"}, {"optimize": "speed"}, {"input_mode": "rows"},
)  # fmt: skip


def problem(work: tuple[ModelCase, str, Reference, bool]) -> str:
    """Return what is wrong with one model on one board under one reference, "" where nothing is."""
    model, board, reference, is_ternary = work
    seed = model.seed
    choices = PLANS[seed % len(PLANS)] if is_ternary else {}
    where = f"seed {seed} on {board}, {reference}: {model.description}"
    with TemporaryDirectory() as folder:
        file = Path(folder, f"{model.name}.tflite")
        file.write_bytes(ternary(model.data, seed) if is_ternary else model.data)
        try:
            result = run_model(file, Options(load_board(board), reference, **choices), Samples(SAMPLES, seed))
        except TinycError as error:
            return f"{where}: {error.message}"
    run = result.json
    if not run["bit_exact"] or run["judge"] != reference:
        return f"{where}: {run['mismatches']} mismatches, judge {run['judge']}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
