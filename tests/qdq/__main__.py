"""Random quantized ONNX models against ONNX Runtime and LiteRT.

    python -m tests.qdq [--count 300] [--first 0] [--no-c]

Each is a random float network quantized by ONNX Runtime, as QDQ or QOperator. tinyc's firmware, built with sanitizers
for this computer, has to equal LiteRT's run of the export, byte for byte; of all outputs 99.5 % have to be at
most one step from ONNX Runtime's, where that does not saturate on this computer's CPU.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.e2e.batch import Case, wrong
from tests.qdq.judged import compared
from tests.qdq.nets import random_net
from tests.qdq.quantized import is_exact, quantized, random_options, samples_of
from tinyc.errors import TinycError
from tinyc.verify.judge import IsolatedJudge

_SAMPLES = 8
_BATCH = 20


def main() -> int:
    parser = argparse.ArgumentParser(description="Random quantized ONNX models.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--no-c", action="store_true", help="compare LiteRT with ONNX Runtime only")
    args = parser.parse_args()
    far, total, bad, refused = 0, 0, 0, 0
    with IsolatedJudge(timeout=60) as judges:
        for first in range(args.first, args.first + args.count, _BATCH):
            seeds = range(first, min(first + _BATCH, args.first + args.count))
            cases: list[Case] = []
            with TemporaryDirectory() as folder:
                for seed in seeds:
                    model, options = random_net(seed), random_options(seed)
                    file = quantized(model, Path(folder, f"q{seed}.onnx"), **options)
                    try:
                        made = compared(file, samples_of(model, _SAMPLES, seed + 1), judges, f"q{seed}")
                    except TinycError as problem:
                        refused += 1
                        print(f"{seed}: {options}: {problem.message}", flush=True)
                        continue
                    beyond = int(np.sum(made.steps > 1.01))
                    if is_exact(**options):
                        far, total = far + beyond, total + made.steps.size
                    if beyond:
                        print(
                            f"{seed} {options['form']}: {beyond} of {made.steps.size} outputs are up to "
                            f"{made.steps.max():.1f} steps away",
                            flush=True,
                        )
                    cases.append(made.case)
                if not args.no_c:
                    found = wrong(cases, Path(folder, "c"))
                    bad += len(found)
                    print("\n".join(found) or f"{seeds[-1] + 1 - args.first} done", flush=True)
    share = 1 - far / max(total, 1)
    print(
        f"{args.count} models: {refused} refused, {bad} outputs differ from LiteRT's; {share:.4%} within one step"
    )
    return 1 if refused or bad or share < 0.995 else 0


if __name__ == "__main__":
    sys.exit(main())
