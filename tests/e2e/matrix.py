"""Every well-known model on every board under both references: one line each, then what failed.

usage: python -m tests.e2e.matrix [--samples N] [--boards B ...] [--models M ...] [--references R ...] [--out FILE]

--out keeps all results as JSON. Exits 1 where anything differs or ram.total is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any

from tests.e2e.known import ARENA_LIMITS, BOARDS, MODELS, STACK_SLACK, judge_of
from tests.e2e.tool import ROOT, tinyc

SHARED = Path(os.environ.get("TINYC_SHARED", ROOT.parent / "shared"))
HEADER = (
    f"{'model':18} {'board':11} {'reference':9} {'judge':6} {'differ':>6} {'total':>7} {'measured':>8} "
    f"{'arena':>7} {'flash':>8} {'instructions':>13} {'/MAC':>6} {'s':>5}"
)


def one(model: str, board: str, reference: str, samples: int) -> dict[str, Any]:
    """What `run --layers` tells, in its JSON and on the terminal, and the complaints about it."""
    path = SHARED / "models" / f"{model}.tflite"
    begin = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.json"
        options = (
            "--board",
            board,
            "--reference",
            reference,
            "--samples",
            str(samples),
            "--seed",
            "1",
            "--layers",
        )
        done = tinyc("run", path, *options, "--json", file)
        run = json.loads(file.read_text()) if file.is_file() else None
    result: dict[str, Any] = {"model": model, "board": board, "reference": reference, "run": run}
    result |= {key: _number(pattern, done.out) for key, pattern in PATTERNS.items()}
    result["seconds"] = round(monotonic() - begin, 1)
    result["wrong"] = complaints(result, done.status, done.out + done.err)
    return result


#: Where the terminal tells what the JSON does not.
PATTERNS = {"total": r"([\d,]+) guaranteed", "arena": r"arena ([\d,]+)", "flash": r"flash +([\d,]+) bytes"}


def _number(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else None


def complaints(result: dict[str, Any], status: int, text: str) -> list[str]:
    """What is not as promised."""
    run = result["run"]
    if status != 0 or run is None:
        return [f"exit {status}: {text.strip()[-500:]}"]
    wrong = []
    if run["mismatches"] or not run["bit_exact"]:
        wrong.append(f"{run['mismatches']} of {run['elements']} differ")
    if "every layer equal" not in text:
        wrong.append("layers differ")
    if run["judge"] != judge_of(result["model"], result["reference"]):
        wrong.append(f"judged by {run['judge']}")
    total, measured = result["total"], run["ram"]["measured"]
    if measured is not None and not measured <= total <= measured + STACK_SLACK:
        wrong.append(f"ram.total {total}, measured {measured}")
    limit = ARENA_LIMITS.get(result["model"])
    if limit is not None and result["arena"] > limit:
        wrong.append(f"arena {result['arena']} > {limit}")
    return wrong


def line(result: dict[str, Any]) -> str:
    run = result["run"]
    head = f"{result['model']:18} {result['board']:11} {result['reference']:9} "
    if run is None:
        return head + "FAILED"
    instructions = run["instructions"]
    per_mac = f"{run['instructions_per_mac']:6.2f}" if instructions and run["macs"] else f"{'':6}"
    return head + (
        f"{run['judge']:6} {run['mismatches']:6} {result['total'] or 0:7} {run['ram']['measured'] or 0:8} "
        f"{result['arena']:7} {result['flash']:8} {instructions or 0:13,} {per_mac} "
        f"{result['seconds']:5.0f}" + ("" if not result["wrong"] else "  FAILED")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--boards", nargs="+", default=BOARDS)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--references", nargs="+", default=("litert", "tflm"))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    results = []
    for board in chosen.boards:
        for model in chosen.models:
            for reference in chosen.references:
                results.append(one(model, board, reference, chosen.samples))
                print(line(results[-1]), flush=True)
                if chosen.out:
                    chosen.out.write_text(json.dumps(results, indent=1) + "\n")
    failed = [r for r in results if r["wrong"]]
    for r in failed:
        print(f"{r['model']} on {r['board']}, {r['reference']}: {'; '.join(r['wrong'])}")
    print(f"{len(results) - len(failed)} of {len(results)} as promised")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
