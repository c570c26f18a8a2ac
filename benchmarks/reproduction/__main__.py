"""The comparison of "BitNet b1.58 Reloaded" at the size of microcontrollers: trains, measures, writes docs/ternary.md.

    python -m benchmarks.reproduction [--task T ...] [--form F ...] [--width W ...] [--rate R ...] [--decay D ...]
                                      [--seed S ...] [--folder DIR] [--work DIR] [--device cpu|cuda]
                                      [--threads N] [--measure | --page]

All choices given are run, one after the other; without any, the whole comparison, which takes days on two cores
(scikit-learn's digits: hours) and less on a GPU. What is done is not done again; a long run that was stopped goes on
where it was. One row of a table is one command: --task digits --form ternary-median --width 1. Results are kept in
benchmarks/reproduction.json as they come, models in --work. --measure: compiles the best run of each row and runs it
on emulated boards, all that benchmarks/reproduction_boards.json does not have; a network that --work does not have is
trained again; --page: writes the tables and the picture of docs/ternary.md. Needs PyTorch, and scikit-learn for
the digits; --folder has the other data sets.
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby, product
from pathlib import Path
from typing import Any

from benchmarks.reproduction.results import RESULTS, ROOT, kept_lines, known
from benchmarks.reproduction.train import FORMS, TASKS, Run

EPOCHS = {"digits": 30, "spoken": 20, "cifar10": 30, "language": 6}
RATES, DECAYS, SEEDS = (1e-3, 3e-3, 1e-2), (0.0, 0.01, 0.1), (0, 1)
WIDTHS = {"digits": (1, 2), "spoken": (1, 2), "cifar10": (1, 1.5, 2), "language": (1, 2)}


def main() -> int:
    parser = argparse.ArgumentParser(description="Float, INT8, 2-bit and ternary networks compared.")
    parser.add_argument("--task", nargs="*", choices=TASKS, default=list(TASKS))
    parser.add_argument("--form", nargs="*", choices=FORMS, default=list(FORMS))
    parser.add_argument("--width", nargs="*", type=float)
    parser.add_argument("--rate", nargs="*", type=float, default=list(RATES))
    parser.add_argument("--decay", nargs="*", type=float, default=list(DECAYS))
    parser.add_argument("--seed", nargs="*", type=int, default=list(SEEDS))
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "out/reproduction")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.page:
        from benchmarks.reproduction.page import write  # noqa: PLC0415

        write(known(), WIDTHS, RATES, DECAYS, SEEDS)
    elif args.measure:
        from benchmarks.reproduction.measure import measure  # noqa: PLC0415

        rows = [(t, f, w) for t in args.task for w in args.width or WIDTHS[t] for f in args.form]
        measure(rows, known(), args.work, lambda runs: run_all(runs, args))
    else:
        runs = [
            Run(task, form, width, rate, decay, seed, EPOCHS[task])
            for task in args.task
            for seed, decay, rate, width, form in product(
                args.seed, args.decay, args.rate, args.width or WIDTHS[task], args.form
            )
        ]
        run_all([run for run in runs if run.name not in known()], args)
    return 0


def run_all(runs: list[Run], args: Any) -> None:
    import torch  # noqa: PLC0415

    from benchmarks.reproduction.train import exported, load, train  # noqa: PLC0415

    torch.set_num_threads(args.threads)
    for task, todo in groupby(runs, key=lambda run: run.task):
        found, classes = load(task, args.folder, args.work)
        for run in todo:
            model, result = train(run, found, classes, args.work, args.device, tell)
            ending, content = exported(run, model, found, classes)
            (args.work / f"{run.name}{ending}").write_bytes(content)
            keep(run.name, result)
            what = {k: result[k] for k in ("accuracy", "perplexity", "seconds") if k in result}
            print(f"{run.name}: {what}", file=sys.stderr, flush=True)


def keep(name: str, result: dict[str, Any]) -> None:
    """Keep a result beside what others have kept meanwhile."""
    kept_lines(RESULTS, {**known(), name: result})


def tell(what: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{what}\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
