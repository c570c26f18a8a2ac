"""Random ONNX networks of float32: judged by ONNX Runtime, byte for byte the same by every schedule.

usage: python -m tests.e2e.random_onnx [--count N] [--seed S] [--int8]

Prints each network that is wrong or refused, and the largest error; exits 1 where there is one. --int8: quantized, too,
and judged by LiteRT.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tests.e2e.random_floats import compared
from tests.wild.check import check, samples
from tests.wild.random_nets import random_net
from tinyc.errors import TinycError
from tinyc.frontends.load import load_source
from tinyc.passes import optimize
from tinyc.paths import temporary_folder
from tinyc.verify import near
from tinyc.verify.judge import IsolatedJudge


def checked(seed: int, folder: Path, judges: IsolatedJudge) -> tuple[float, str | None]:
    """Return the error of a network's firmware, and what is wrong with it."""
    import onnx  # noqa: PLC0415 - optional

    file = folder / f"random_{seed}.onnx"
    onnx.save(random_net(seed), str(file))
    try:
        source = load_source(file, "litert")
        graph = optimize(source.graph)
    except TinycError as problem:
        return 0.0, problem.message
    inputs = samples(source.graph, 2, seed)
    judged = judges.judge(str(file), inputs, "onnxruntime")
    assert judged is not None, "onnxruntime is not installed"
    return compared(graph, source.graph, source.file, inputs, judged.outputs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--int8", action="store_true")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    largest, wrong = 0.0, 0
    with IsolatedJudge() as judges, temporary_folder() as folder:
        for seed in range(chosen.seed, chosen.seed + chosen.count):
            worst, problem = checked(seed, folder, judges)
            largest = max(largest, worst)
            if problem is None and chosen.int8:
                found = check(folder / f"random_{seed}.onnx")
                problem = None if found.is_good else found.problem or "INT8 differs from LiteRT"
            if problem is not None:
                wrong += 1
                print(f"seed {seed}: {problem}", flush=True)
    print(f"{chosen.count} networks, {wrong} wrong, largest error {largest:.2g} (bound {near.BOUND:.2g})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
